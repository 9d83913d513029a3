import * as tf from "@tensorflow/tfjs-core";
import { method } from "../../../method.js";
import { everyKind, real } from "../../../parameters.js";
import { rectifiers, throughRectifiers } from "./rectifiers.js";

/**
 * The gradient with every ReLU replaced, backward, by a softplus of sharpness β: `σ(βz) · R` (Dombrowski et al. 2019).
 *
 * @example
 * const result = await smoothedGradient(model, { beta: 5 })(photo, { target: "top1" });
 */
export const smoothedGradient = method({
  id: "smoothed-gradient",
  name: "Smoothed gradient (β)",
  family: "gradient",
  reference: "Dombrowski et al. 2019, NeurIPS",
  question: "Which small changes would move the output, were every ReLU a softplus?",
  inputs: everyKind,
  signed: true,
  additive: false,
  result: "entries",
  parameters: {
    beta: real(10, "Sharpness β of the softplus", {
      least: 0,
      open: true,
      label: "β",
      span: { from: 0.1, to: 100, step: 0.1, logarithmic: true },
    }),
    rectifiers,
  },
  explainer: (model, { beta, rectifiers: names }) =>
    throughRectifiers(model, names, (dy, { inputs }) => tf.mul(dy, tf.sigmoid(tf.mul(inputs[0]!, beta)))),
});
