import * as tf from "@tensorflow/tfjs-core";
import { method } from "../../../method.js";
import { everyKind } from "../../../parameters.js";
import { atLayer, layer } from "./at-layer.js";

/**
 * Gradient × activation of every unit of a layer: `h_k ∂f/∂h_k` (Shrikumar et al. 2016, at a hidden layer).
 *
 * @throws LayerError for a layer that is not there
 * @example
 * const { relevance, shape } = await layerGradientTimesActivation(model, { layer: "conv2d_1" })(photo);
 */
export const layerGradientTimesActivation = method({
  id: "layer-gradient-times-activation",
  name: "Layer gradient × activation",
  family: "gradient",
  reference: "Shrikumar et al. 2016, arXiv:1605.01713, at a hidden layer",
  question: "What is each hidden unit's share in the output, were the layers above it linear?",
  inputs: everyKind,
  signed: true,
  additive: true,
  result: "units",
  parameters: { layer },
  explainer: (model, { layer: wanted }) =>
    atLayer(model, wanted, (activation, gradient) => tf.mul(activation, gradient())),
});
