import * as tf from "@tensorflow/tfjs-core";
import { method } from "../../../method.js";
import { everyKind } from "../../../parameters.js";
import { byGradient } from "./by-gradient.js";

/**
 * Gradient × input: `x_i ∂f/∂x_i`, the first-order share of each entry in the output (Shrikumar et al. 2016).
 *
 * @example
 * const result = await gradientTimesInput(model)(photo, { target: "top1" });
 */
export const gradientTimesInput = method({
  id: "gradient-times-input",
  name: "Gradient × input",
  family: "gradient",
  reference: "Shrikumar et al. 2016, arXiv:1605.01713",
  question: "What is each entry's share in the output, were the network linear?",
  inputs: everyKind,
  signed: true,
  additive: true,
  result: "entries",
  parameters: {},
  explainer: (model) => byGradient(model, (gradient, x) => tf.mul(gradient, x)),
});
