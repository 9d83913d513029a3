import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { ParameterError } from "../../../errors.js";
import type { Explain } from "../../../explanation.js";
import { gradients, type Model, propagate, type Recording, type Step } from "../../../network/index.js";
import { scoped } from "../../../network/tensors.js";
import { attributionOf, explain, inputsOf } from "../engine/seeded.js";

export interface SensitivityOptions {
  /** `"square"` (default): `(∂f/∂x)²`; `"absolute"`: `|∂f/∂x|`; `"signed"`: `∂f/∂x` itself. */
  readonly kind?: "square" | "absolute" | "signed";
  /** `"max"` takes the largest over the channels (the last axis) for all of them, as Simonyan et al. do; default `"none"`. */
  readonly channels?: "none" | "max";
}

/**
 * Sensitivity analysis: how much the output changes with each input entry, `(∂f/∂x_i)²` (Morch et al. 1995, Baehrens et al.
 * 2010, Simonyan et al. 2014). It has no sign, and explains changes of the output rather than the output.
 *
 * @example
 * const result = await sensitivity(model)(photo, { target: "top1" });
 */
export function sensitivity(model: Model, options: SensitivityOptions = {}): Explain {
  const { kind = "square", channels = "none" } = options;
  if (!["square", "absolute", "signed"].includes(kind)) {
    throw new ParameterError("kind", kind, '"square", "absolute" or "signed"');
  }
  if (channels !== "none" && channels !== "max") throw new ParameterError("channels", channels, '"none" or "max"');
  return byGradient(model, "sensitivity", { kind, channels }, (gradient) => {
    const size = kind === "square" ? tf.square(gradient) : kind === "absolute" ? tf.abs(gradient) : gradient;
    return channels === "none" ? size : tf.mul(tf.max(size, -1, true), tf.onesLike(size));
  });
}

/** Gradient × input: `x_i ∂f/∂x_i`, the first-order share of each entry in the output (Shrikumar et al. 2016). */
export function gradientTimesInput(model: Model): Explain {
  return byGradient(model, "gradient × input", {}, (gradient, x) => tf.mul(gradient, x));
}

/** A method that sends 1 back from the target by `stepOf` (default: the gradient) and combines what arrives with the input. */
export function byGradient(
  model: Model,
  method: string,
  parameters: Readonly<Record<string, unknown>>,
  combine: (gradient: Tensor, x: Tensor) => Tensor,
  stepOf?: (recording: Recording) => Step,
): Explain {
  return (x, target = {}) =>
    explain(model, x, target, (explained) => {
      const { recording, node, seed } = explained;
      const seeds = new Map([[node, seed]]);
      const results =
        stepOf === undefined ? gradients(recording, seeds) : propagate(recording, seeds, stepOf(recording));
      try {
        return scoped(() => {
          const relevances = inputsOf(recording, results).map((gradient, index) =>
            combine(gradient, recording.inputs[index]!),
          );
          return attributionOf(method, parameters, explained, relevances);
        });
      } finally {
        for (const tensor of results.values()) tensor.dispose();
      }
    });
}
