import * as tf from "@tensorflow/tfjs-core";
import { method } from "../../../method.js";
import { choice, everyKind } from "../../../parameters.js";
import { byGradient } from "./by-gradient.js";

/**
 * Sensitivity analysis: how much the output changes with each input entry, `(∂f/∂x_i)²` (Morch et al. 1995, Baehrens et al.
 * 2010, Simonyan et al. 2014). It has no sign, and explains changes of the output rather than the output.
 *
 * @example
 * const result = await sensitivity(model)(photo, { target: "top1" });
 */
export const sensitivity = method({
  id: "sensitivity",
  name: "Sensitivity",
  family: "gradient",
  reference: "Morch et al. 1995; Baehrens et al. 2010, JMLR; Simonyan, Vedaldi & Zisserman 2014, ICLR workshop",
  question: "Which entries would change the output most if they changed a little?",
  inputs: everyKind,
  signed: false,
  additive: false,
  result: "entries",
  parameters: {
    kind: choice(["square", "absolute", "signed"], "square", "(∂f/∂x)², |∂f/∂x| or ∂f/∂x itself"),
    channels: choice(["none", "max"], "none", "max gives every channel of a position the largest of them"),
  },
  explainer: (model, { kind, channels }) =>
    byGradient(
      model,
      (gradient) => {
        const size = kind === "square" ? tf.square(gradient) : kind === "absolute" ? tf.abs(gradient) : gradient;
        return channels === "none" ? size : tf.mul(tf.max(size, -1, true), tf.onesLike(size));
      },
      undefined,
      // The largest is no sum.
      channels === "none" ? "sum" : "mean",
    ),
});
