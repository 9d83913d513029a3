import { method } from "../../../method.js";
import { everyKind } from "../../../parameters.js";
import { guided, rectifiers, throughRectifiers } from "./rectifiers.js";

/**
 * Guided backpropagation: backward through a ReLU, `1[z > 0] · max(0, R)` (Springenberg et al. 2015).
 *
 * @example
 * const result = await guidedBackprop(model)(photo, { target: "top1" });
 */
export const guidedBackprop = method({
  id: "guided-backprop",
  name: "Guided backpropagation",
  family: "gradient",
  reference: "Springenberg et al. 2015, ICLR workshop",
  question: "Which pattern excited the units that speak for the output?",
  inputs: everyKind,
  signed: true,
  additive: false,
  result: "entries",
  parameters: { rectifiers },
  explainer: (model, { rectifiers: names }) => throughRectifiers(model, names, guided),
});
