import { method } from "../../../method.js";
import { everyKind } from "../../../parameters.js";
import { deconvolving, rectifiers, throughRectifiers } from "./rectifiers.js";

/**
 * Deconvolution: backward through a ReLU, `max(0, R)` whatever the forward pass did (Zeiler & Fergus 2014).
 *
 * @example
 * const result = await deconvnet(model)(photo, { target: "top1" });
 */
export const deconvnet = method({
  id: "deconvnet",
  name: "Deconvolution",
  family: "gradient",
  reference: "Zeiler & Fergus 2014, ECCV",
  question: "Which pattern in the input made the network say so, as far as positive signals carry it back?",
  inputs: everyKind,
  signed: true,
  additive: false,
  result: "entries",
  parameters: { rectifiers },
  explainer: (model, { rectifiers: names }) => throughRectifiers(model, names, deconvolving),
});
