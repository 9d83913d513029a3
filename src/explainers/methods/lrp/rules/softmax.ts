import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Rule } from "../rule.js";

/**
 * Softmax by its Taylor expansion at the scores `x`: `R_i = x_i (R_i − s_i Σ_k R_k)`. What the expansion leaves over is absorbed,
 * or with `"distribute"` shared in proportion to the attention `s_i`. AttnLRP (Achtibat et al. 2024), eq. 13.
 */
export function softmax(): Rule {
  return {
    name: "softmax",
    form: "softmax",
    share({ a: scores, z: attention, bias }, R) {
      const all = tf.sum(R, -1, true);
      const shares = tf.mul(scores, tf.sub(R, tf.mul(attention, all)));
      if (bias !== "distribute") return { inputs: shares };
      const leftover = tf.sub(all, tf.sum(shares, -1, true));
      return { inputs: balanced(tf.add(shares, tf.mul(attention, leftover)), all, scores), terms: [] };
    },
  };
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
