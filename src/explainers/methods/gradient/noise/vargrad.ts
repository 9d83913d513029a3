import * as tf from "@tensorflow/tfjs-core";
import { method } from "../../../method.js";
import { everyKind } from "../../../parameters.js";
import { noisy, overNoise } from "./noisy.js";

/**
 * VarGrad: the variance of the gradient over noisy copies, `E[g²] − E[g]²` (Adebayo et al. 2018).
 *
 * @example
 * const result = await varGrad(model, { samples: 20, noise: 0.1 })(photo, { target: "top1" });
 */
export const varGrad = method({
  id: "vargrad",
  name: "VarGrad",
  family: "gradient",
  reference: "Adebayo et al. 2018, NeurIPS",
  question: "Where does the output's sensitivity vary most around this input?",
  inputs: everyKind,
  signed: false,
  additive: false,
  result: "entries",
  parameters: noisy,
  explainer: (model, values) =>
    overNoise(model, values, ({ mean, meanSquare }) => tf.relu(tf.sub(meanSquare, tf.square(mean))), "input"),
});
