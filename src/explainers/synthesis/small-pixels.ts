import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

/*
 * Regularizers that are no terms of the objective but steps of their own, after each step along the gradient: x ← r(x + η ∂a/∂x)
 * (Yosinski et al. 2015, section 3.1). Zero is the input's own zero.
 */

/** `(1 − share) x` */
export const decayed = (x: Tensor, share: number): Tensor => tf.mul(x, 1 - share);

/** Pixels of `x` `[starts, …, channels]` whose length over channels lies below that percentile of all pixels of a start become 0. */
export const withoutSmallNorms = (x: Tensor, percentile: number): Tensor =>
  tf.tidy(() => withoutSmall(x, tf.sqrt(tf.sum(tf.square(x), -1)), percentile));

/**
 * The same by how much the activation would change without the pixel, to first order: `|Σ x ∂a/∂x|` over its channels.
 *
 * @param gradient `∂a/∂x`, in the shape of `x`
 */
export const withoutSmallContributions = (x: Tensor, gradient: Tensor, percentile: number): Tensor =>
  tf.tidy(() => withoutSmall(x, tf.abs(tf.sum(tf.mul(x, gradient), -1)), percentile));

function withoutSmall(x: Tensor, sizes: Tensor, percentile: number): Tensor {
  const starts = x.shape[0]!;
  const pixels = sizes.size / starts;
  // Between two values in proportion, as the authors' code has it.
  const place = (percentile / 100) * (pixels - 1);
  const below = Math.floor(place);
  const largest = pixels - below;
  const rows = tf.reshape(sizes, [starts, pixels]);
  const { values } = tf.topk(rows, largest, true);
  const column = (at: number) => tf.slice(values, [0, at], [starts, 1]);
  const lower = column(largest - 1);
  const upper = column(Math.max(0, largest - 2));
  const threshold = tf.add(lower, tf.mul(tf.sub(upper, lower), place - below));
  const kept = tf.cast(tf.greaterEqual(rows, threshold), "float32");
  return tf.mul(x, tf.reshape(kept, [...sizes.shape, 1]));
}

/** What `activationMaximization` takes of a row. */
export interface SmallPixelSettings {
  readonly decay: number;
  readonly blur: number;
  readonly blurEvery: number;
  readonly smallNorm: number;
  readonly smallContribution: number;
}

/**
 * The four sets of the paper's Table 1, by what is strongest in them; the authors' code repeats them. Most pictures of the paper are of
 * `"blur"`. They belong to plain gradient ascent on pixels; here steps are Adam's.
 */
export const yosinskiSettings = {
  "small norm": { decay: 0, blur: 0.5, blurEvery: 4, smallNorm: 50, smallContribution: 0 },
  decay: { decay: 0.3, blur: 0, blurEvery: 4, smallNorm: 20, smallContribution: 0 },
  blur: { decay: 0.0001, blur: 1, blurEvery: 4, smallNorm: 0, smallContribution: 0 },
  "small contribution": { decay: 0, blur: 0.5, blurEvery: 4, smallNorm: 0, smallContribution: 90 },
} as const satisfies Readonly<Record<string, SmallPixelSettings>>;
