import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { isCompiling } from "../../network/index.js";

/** Non-negative linear maps by which a leftover is shared. */
export interface Magnitude {
  /** `Σ_i |z_ij|` of every output. */
  total(): Tensor;
  /** What outputs `s` send back: `Σ_j |z_ij| s_j`. */
  back(s: Tensor): Tensor;
  /** How many inputs every output has. */
  count(): Tensor;
  /** `Σ_j s_j` over the outputs that an input has. */
  evenly(s: Tensor): Tensor;
}

/**
 * Shares `leftover`, the relevance that units could not pass on by their rule, over the inputs: in proportion to
 * `|z_ij|`, and evenly where all of a unit's contributions are zero.
 */
export function distribute(leftover: Tensor, magnitude: Magnitude): Tensor {
  const total = magnitude.total();
  // Units without any contribution are rare; looking for one costs less than providing for them, except in a program.
  if (!isCompiling() && tf.min(total).dataSync()[0]! > 0) return magnitude.back(tf.div(leftover, total));
  const empty = tf.cast(tf.equal(total, 0), "float32");
  // Where the total is 0 the first summand sends 0 / 1.
  const proportional = magnitude.back(tf.div(tf.mul(leftover, tf.sub(1, empty)), tf.add(total, empty)));
  const even = magnitude.evenly(tf.div(tf.mul(leftover, empty), magnitude.count()));
  return tf.add(proportional, even);
}

/** Shares what of `R` is not in `passed` over the entries of all inputs that got something, likewise. */
export function recoverAll(
  R: Tensor,
  passed: readonly (Tensor | null)[],
  inputs: readonly Tensor[],
): (Tensor | null)[] {
  const receivers = inputs.flatMap((input, index) => (passed[index] == null ? [] : [{ input, part: passed[index] }]));
  if (receivers.length === 0) return [...passed];
  const [batch = 1] = R.shape;
  const samples = receivers.every(({ input }) => input.shape[0] === batch) ? batch : 1;
  const flat = (x: Tensor): Tensor => tf.reshape(x, [samples, -1]);
  const all = (tensors: Tensor[]): Tensor => (tensors.length === 1 ? tensors[0]! : tf.concat(tensors, 1));
  const whole = recover(
    flat(R),
    all(receivers.map(({ part }) => flat(part))),
    all(receivers.map(({ input }) => flat(input))),
  );
  const parts = tf.split(
    whole,
    receivers.map(({ input }) => input.size / samples),
    1,
  );
  return inputs.map((input, index) => (passed[index] === null ? null : tf.reshape(parts.shift()!, input.shape)));
}

/**
 * Shares what of `R` is not in `passed`, as padding got it, over all entries of the sample's input `a`: in proportion to
 * their magnitude, and evenly where all are zero.
 */
export function recover(R: Tensor, passed: Tensor, a: Tensor): Tensor {
  const axes = a.shape.slice(1).map((_, axis) => axis + 1);
  const lost = tf.sub(
    tf.sum(
      R,
      R.shape.slice(1).map((_, axis) => axis + 1),
    ),
    tf.sum(passed, axes),
  );
  const magnitude = tf.abs(a);
  const extra = distribute(tf.reshape(lost, [-1, ...axes.map(() => 1)]), {
    total: () => tf.sum(magnitude, axes, true),
    back: (s) => tf.mul(s, magnitude),
    count: () => tf.scalar(a.size / a.shape[0]!),
    evenly: (s) => tf.mul(s, tf.onesLike(a)),
  });
  return tf.add(passed, extra);
}
