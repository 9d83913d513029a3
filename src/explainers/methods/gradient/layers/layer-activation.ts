import { method } from "../../../method.js";
import { everyKind } from "../../../parameters.js";
import { atLayer, layer } from "./at-layer.js";

/**
 * The activation of every unit of a layer (Yosinski et al. 2015).
 *
 * @throws LayerError for a layer that is not there
 * @example
 * const { relevance, shape } = await layerActivation(model, { layer: "conv2d_1" })(photo);
 */
export const layerActivation = method({
  id: "layer-activation",
  name: "Layer activation",
  family: "gradient",
  reference: "Yosinski et al. 2015, ICML workshop",
  question: "What do the units of a layer see in this input?",
  inputs: everyKind,
  signed: true,
  additive: false,
  result: "units",
  parameters: { layer },
  explainer: (model, { layer: wanted }) => atLayer(model, wanted, (activation) => activation),
});
