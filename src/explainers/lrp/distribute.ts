import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

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
  const empty = tf.cast(tf.equal(total, 0), "float32");
  // Where the total is 0 the first summand sends 0 / 1.
  const proportional = magnitude.back(tf.div(tf.mul(leftover, tf.sub(1, empty)), tf.add(total, empty)));
  const even = magnitude.evenly(tf.div(tf.mul(leftover, empty), magnitude.count()));
  return tf.add(proportional, even);
}
