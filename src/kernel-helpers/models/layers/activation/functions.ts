import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

/** Settings of an activation that is written as a layer, such as `{ negative_slope: 0.1 }`, in camel case. */
export interface ActivationSettings {
  alpha?: number;
  negativeSlope?: number;
  maxValue?: number | null;
  threshold?: number;
  defaultValue?: number;
  approximate?: boolean;
  b?: number;
}

export type ActivationFunction = (x: Tensor, settings: ActivationSettings) => Tensor;

/** `x` where it is above `threshold`, else 0: as ramp and step, whose parts rules know. */
const above = (x: Tensor, threshold: number): Tensor =>
  threshold === 0
    ? tf.relu(x)
    : tf.add(tf.relu(tf.sub(x, threshold)), tf.mul(tf.step(tf.sub(x, threshold)), threshold));

/** `min(max(x, 0), 6) / 6`, shifted so that 0 gives ½. */
const hardSigmoid = (x: Tensor): Tensor => tf.mul(tf.relu6(tf.add(x, 3)), 1 / 6);

/**
 * Activation functions of Keras that TensorFlow.js lacks or computes otherwise, by the name that a layer's `activation` gets here.
 * A row computes in operations that explanation methods know, entry by entry.
 */
export const functions: { readonly [name: string]: ActivationFunction } = {
  /** In Keras 3; in Keras 2 it was clip(0.2 x + 0.5, 0, 1), which TensorFlow.js has as `hardSigmoid`. */
  keras3HardSigmoid: hardSigmoid,
  hardSilu: (x) => tf.mul(x, hardSigmoid(x)),
  hardTanh: (x) => tf.clipByValue(x, -1, 1),
  exponential: (x) => tf.exp(x),
  celu: (x, { alpha = 1 }) => tf.mul(tf.elu(tf.mul(x, 1 / alpha)), alpha),
  scaledElu: (x, { alpha = 1 }) => tf.sub(tf.relu(x), tf.mul(tf.sub(1, tf.exp(tf.neg(tf.relu(tf.neg(x))))), alpha)),
  leakyRelu: (x, { negativeSlope = 0.2 }) => tf.leakyRelu(x, negativeSlope),
  /** f(x) = `maxValue` from there on, x from `threshold` on, and `negativeSlope · (x − threshold)` below it. */
  boundedRelu: (x, { negativeSlope = 0, maxValue, threshold = 0 }) => {
    if (threshold === 0 && negativeSlope !== 0 && (maxValue ?? null) === null) return tf.leakyRelu(x, negativeSlope);
    const rising = above(x, threshold);
    const bounded = (maxValue ?? null) === null ? rising : tf.clipByValue(rising, 0, maxValue!);
    return negativeSlope === 0 ? bounded : tf.sub(bounded, tf.mul(tf.relu(tf.sub(threshold, x)), negativeSlope));
  },
  /** Hendrycks and Gimpel 2016, equation 2 (approximate) and its definition. */
  kerasGelu: (x, { approximate = false }) => {
    const inner = approximate
      ? tf.tanh(tf.mul(tf.add(x, tf.mul(tf.mul(tf.square(x), x), 0.044715)), Math.sqrt(2 / Math.PI)))
      : tf.erf(tf.mul(x, Math.SQRT1_2));
    return tf.mul(x, tf.mul(tf.add(inner, 1), 0.5));
  },
  logSigmoid: (x) => tf.neg(tf.softplus(tf.neg(x))),
  tanhShrink: (x) => tf.sub(x, tf.tanh(x)),
  softShrink: (x, { threshold = 0.5 }) => tf.sub(tf.relu(tf.sub(x, threshold)), tf.relu(tf.sub(tf.neg(x), threshold))),
  hardShrink: (x, { threshold = 0.5 }) => tf.sub(above(x, threshold), above(tf.neg(x), threshold)),
  sparsePlus: (x) => {
    // 0 below −1, (x + 1)² / 4 between, x above 1.
    const inside = tf.clipByValue(x, -1, 1);
    return tf.add(tf.mul(tf.square(tf.add(inside, 1)), 0.25), tf.relu(tf.sub(x, 1)));
  },
  sparseSigmoid: (x) => tf.mul(tf.add(tf.clipByValue(x, -1, 1), 1), 0.5),
  squareplus: (x, { b = 4 }) => tf.mul(tf.add(x, tf.sqrt(tf.add(tf.square(x), b))), 0.5),
};
