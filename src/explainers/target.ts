import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { describe, TargetError } from "./errors.js";
import { sameShape, sizeOf } from "./network/shapes.js";

/**
 * What to explain:
 * - an index into each sample's outputs, or one index per sample of the batch; where the model knows the names of its classes
 *   (`loadModel`), their names do as well: `"tabby"` (see `findClass`);
 * - `{ not: index }`: what speaks against that output, which is counted negative: of a lone sigmoid, the other class;
 * - `"top1"`: each sample's largest output;
 * - a tensor in the shape of the output, e.g. one-hot rows, that weights the outputs;
 * - a function of the output tensor that returns what is sent back from it (relevance or gradient), in its shape.
 */
export type Target =
  | number
  | { readonly not: number | string }
  | "top1"
  | (string & {})
  | readonly (number | string)[]
  | Tensor
  | ((output: Tensor) => Tensor);

/** What a target says of the samples `start` … `start + count − 1` of its batch; of a tensor a new one, which the caller owns. */
export function targetPart(target: Target, start: number, count: number): Target {
  if (target instanceof tf.Tensor) return tf.slice(target, start, count);
  if (Array.isArray(target)) return (target as readonly (number | string)[]).slice(start, start + count);
  return target;
}

/** A target applied to one output of a model. */
export interface ResolvedTarget {
  /** One per sample; `null` where the target is no output: a tensor, a function, `{ not }`. */
  readonly indices: (number | null)[];
  /** What weights the outputs, in their shape; the caller owns it. */
  readonly weights: Tensor;
  /** Whether `weights` is already what is to be sent back, rather than a factor of the output. */
  readonly isSeed: boolean;
}

/** Resolves `target` on `output` `[batch, …]`; throws `TargetError` where it does not fit. */
export function resolveTarget(target: Target, output: Tensor): ResolvedTarget {
  const batch = output.shape[0] ?? 1;
  const classes = sizeOf(output.shape.slice(1));
  if (typeof target === "function") {
    const weights = tf.tidy(() => target(output));
    return { indices: Array(batch).fill(null), weights: checked(weights, output), isSeed: true };
  }
  if (target instanceof tf.Tensor) {
    return { indices: Array(batch).fill(null), weights: tf.clone(checked(target, output, false)), isSeed: false };
  }
  if (isAgainst(target)) {
    const { weights, isSeed } = resolveTarget(target.not, output);
    const negative = tf.neg(weights);
    weights.dispose();
    return { indices: Array(batch).fill(null), weights: negative, isSeed };
  }
  const indices = target === "top1" ? largest(output, batch, classes) : indicesOf(target, batch, classes);
  const weights = tf.tidy(() =>
    // TensorFlow.js has no one-hot rows of length 1.
    classes === 1
      ? tf.ones(output.shape)
      : tf.reshape(tf.cast(tf.oneHot(tf.tensor1d(indices, "int32"), classes), "float32"), output.shape),
  );
  return { indices, weights, isSeed: false };
}

const isAgainst = (target: Target): target is { readonly not: number | string } =>
  typeof target === "object" && target !== null && "not" in target;

function largest(output: Tensor, batch: number, classes: number): number[] {
  return tf.tidy(() => Array.from(tf.argMax(tf.reshape(output, [batch, classes]), 1).dataSync()));
}

function indicesOf(target: number | string | readonly (number | string)[], batch: number, classes: number): number[] {
  if (typeof target !== "number" && !Array.isArray(target)) {
    throw new TargetError(
      `A target is an index or a name, a list of those, { not: index }, "top1", a tensor or a function, but this is ${describe(target)}.`,
    );
  }
  const indices = typeof target === "number" ? Array<number>(batch).fill(target) : ([...target] as number[]);
  checkCount(indices.length, batch);
  for (const index of indices) {
    if (!Number.isInteger(index) || index < 0 || index >= classes) {
      throw new TargetError(`The model has the outputs 0 to ${classes - 1}; ${describe(index)} is none of them.`);
    }
  }
  return indices;
}

function checkCount(count: number, batch: number): void {
  if (count !== batch) {
    throw new TargetError(`${count} targets were given for a batch of ${batch}: give one, or one per sample.`);
  }
}

function checked(weights: Tensor, output: Tensor, own = true): Tensor {
  const given: unknown = weights;
  if (!(given instanceof tf.Tensor)) {
    throw new TargetError(`A target function must return a tensor, but returned ${describe(given)}.`);
  }
  if (!sameShape(weights.shape, output.shape)) {
    const message = `The target has the shape [${weights.shape.join(", ")}], the output [${output.shape.join(", ")}]: they must be equal.`;
    if (own) weights.dispose();
    throw new TargetError(message);
  }
  return weights;
}
