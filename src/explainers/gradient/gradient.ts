import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Attribution } from "../attribution.js";
import { ParameterError } from "../errors.js";
import { resolveTarget, type Target } from "../target.js";
import { gradients, type Input, type Model, propagate, Recording, record, type Step } from "../trace/index.js";

export interface GradientTarget {
  /** Default `"top1"`. */
  readonly target?: Target;
  /** Which of the model's outputs; default 0. */
  readonly output?: number;
}

/** Explains one input; a `Recording` instead of an input shares its forward pass with other explanations. */
export type ExplainByGradient = (x: Input | Recording, options?: GradientTarget) => Promise<Attribution>;

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
export function sensitivity(model: Model, options: SensitivityOptions = {}): ExplainByGradient {
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
export function gradientTimesInput(model: Model): ExplainByGradient {
  return byGradient(model, "gradient × input", {}, (gradient, x) => tf.mul(gradient, x));
}

/** A method that sends 1 back from the target by `stepOf` (default: the gradient) and combines what arrives with the input. */
export function byGradient(
  model: Model,
  method: string,
  parameters: Readonly<Record<string, unknown>>,
  combine: (gradient: Tensor, x: Tensor) => Tensor,
  stepOf?: (recording: Recording) => Step,
): ExplainByGradient {
  return async (x, { target = "top1", output = 0 } = {}) => {
    const recording = x instanceof Recording ? x : record(model, x);
    try {
      const explained = recording.graph.outputs[output];
      if (explained === undefined) {
        throw new ParameterError(
          "output",
          output,
          `one of the model's outputs, 0 to ${recording.graph.outputs.length - 1}`,
        );
      }
      const value = recording.value(explained);
      const { indices, weights } = resolveTarget(target, value);
      let results = new Map<number, Tensor>();
      try {
        const seeds = new Map([[explained, weights]]);
        results = stepOf === undefined ? gradients(recording, seeds) : propagate(recording, seeds, stepOf(recording));
        const inputs = recording.graph.inputs.map((id) => {
          const input = recording.value(id);
          const relevance = tf.tidy(() => {
            const gradient = results.get(id);
            return Float32Array.from(
              (gradient === undefined ? tf.zerosLike(input) : combine(gradient, input)).dataSync(),
            );
          });
          return { relevance, shape: input.shape };
        });
        const explainedValues = tf.tidy(() =>
          Array.from(tf.sum(tf.reshape(tf.mul(weights, value), [recording.batch, -1]), 1).dataSync()),
        );
        return {
          method,
          parameters,
          relevance: inputs[0]!.relevance,
          shape: inputs[0]!.shape,
          inputs,
          output: explainedValues,
          target: indices,
        };
      } finally {
        weights.dispose();
        for (const tensor of results.values()) tensor.dispose();
      }
    } finally {
      if (recording !== x) recording.dispose();
    }
  };
}
