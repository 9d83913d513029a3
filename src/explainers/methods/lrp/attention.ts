import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { OperationOf, Values } from "../../network/index.js";
import { sumTo } from "../../network/shapes.js";
import type { Passed } from "./passed.js";
import { type Bias, stabilizerOf } from "./rule.js";

/*
 * The rules of AttnLRP (Achtibat et al. 2024) for what attention adds to a network. Layer norms need none of their own: a
 * quotient holds its denominator constant, and the rest of a layer norm is linear.
 */

/**
 * Softmax by its Taylor expansion at the scores `x`: `R_i = x_i (R_i − s_i Σ_k R_k)` (eq. 13). What the expansion leaves
 * over is absorbed, or with `"distribute"` shared in proportion to the attention `s_i`.
 */
export function softmax(R: Tensor, { inputs, output }: Values, bias: Bias): Passed {
  const all = tf.sum(R, -1, true);
  const shares = tf.mul(inputs[0]!, tf.sub(R, tf.mul(output, all)));
  if (bias !== "distribute") return { inputs: [shares], terms: [], whole: false };
  const leftover = tf.sub(all, tf.sum(shares, -1, true));
  return { inputs: [balanced(tf.add(shares, tf.mul(output, leftover)), all, inputs[0]!)], terms: [], whole: true };
}

/**
 * `R` with sums `all` over the last axis, as it has but for rounding: at the largest score, where `R_i − s_i Σ_k R_k` is a small
 * difference times a large number, stands what the others leave.
 */
function balanced(R: Tensor, all: Tensor, scores: Tensor): Tensor {
  const count = scores.shape.at(-1)!;
  if (count === 1) return all;
  const largest = tf.cast(tf.oneHot(tf.argMax(scores, -1), count), "float32");
  const others = tf.mul(R, tf.sub(1, largest));
  return tf.add(others, tf.mul(largest, tf.sub(all, tf.sum(others, -1, true))));
}

/** A product of two matrices that both depend on the input, `z = A B`, half to each: `R_A = A ∘ (R / (2z + ε)) Bᵀ` (eq. 14). */
export function matmul(
  operation: OperationOf<"matmul">,
  R: Tensor,
  { inputs, output }: Values,
  epsilon: number,
  bias: Bias,
): Passed {
  const [a, b] = inputs as [Tensor, Tensor];
  const δ = stabilizerOf(output, epsilon);
  const s = tf.div(R, tf.add(tf.mul(output, 2), δ));
  let shares = products(operation, a, b, s);
  // Each half keeps δ/2 of s.
  if (bias !== "distribute") return { inputs: shares, terms: [{ s, bias: null, stabilizer: δ }], whole: false };
  const leftover = tf.mul(s, tf.mul(δ, 0.5));
  const [magnitudeA, magnitudeB] = [tf.abs(a), tf.abs(b)];
  const total = tf.matMul(magnitudeA, magnitudeB, operation.transposeA, operation.transposeB);
  const empty = tf.cast(tf.equal(total, 0), "float32");
  const proportional = tf.div(tf.mul(leftover, tf.sub(1, empty)), tf.add(total, empty));
  const inner = operation.transposeA ? a.shape.at(-2)! : a.shape.at(-1)!;
  const even = tf.div(tf.mul(leftover, empty), inner);
  const byMagnitude = products(operation, magnitudeA, magnitudeB, proportional);
  const evenly = products(operation, tf.onesLike(a), tf.onesLike(b), even);
  shares = shares.map((share, index) => tf.addN([share, byMagnitude[index]!, evenly[index]!]));
  return { inputs: shares, terms: [], whole: true };
}

/** `A ∘ s Bᵀ` and `B ∘ Aᵀ s`. */
function products({ transposeA, transposeB }: OperationOf<"matmul">, a: Tensor, b: Tensor, s: Tensor): Tensor[] {
  const forA = transposeA ? tf.matMul(b, s, transposeB, true) : tf.matMul(s, b, false, !transposeB);
  const forB = transposeB ? tf.matMul(s, a, true, transposeA) : tf.matMul(a, s, !transposeA, false);
  return [tf.mul(a, sumTo(forA, a.shape)), tf.mul(b, sumTo(forB, b.shape))];
}
