import type { Tensor, Tensor1D, Tensor4D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

/** `Σ|x|` of each sample of `[batch, …]`. */
export const l1 = (x: Tensor): Tensor1D => tf.tidy(() => sumOfSample(tf.abs(x)));

/** `Σx²` of each sample of `[batch, …]`. */
export const l2 = (x: Tensor): Tensor1D => tf.tidy(() => sumOfSample(tf.square(x)));

const sumOfSample = (x: Tensor): Tensor1D => tf.sum(x, x.shape.map((_, axis) => axis).slice(1)) as Tensor1D;

/**
 * Mean cosine of the angle between each picture and the others, after a coarse average pooling and without their common mean: starts
 * that found different pictures have a low one. Zero for a single picture.
 */
export function similarity(x: Tensor): Tensor1D {
  const count = x.shape[0] ?? 1;
  if (count < 2) return tf.zeros([count]);
  return tf.tidy(() => {
    const coarse = x.rank === 4 ? coarsened(x as Tensor4D) : x;
    const rows = tf.reshape(coarse, [count, -1]) as tf.Tensor2D;
    const centered = tf.sub(rows, tf.mean(rows, 1, true));
    const unit = tf.div(centered, tf.sqrt(tf.add(tf.sum(tf.square(centered), 1, true), 1e-6))) as tf.Tensor2D;
    const cosines = tf.matMul(unit, unit, false, true);
    return tf.div(tf.sub(tf.sum(cosines, 1), 1), count - 1) as Tensor1D;
  });
}

/** At most 14 × 14 averages. */
function coarsened(x: Tensor4D): Tensor4D {
  const size = [Math.ceil(x.shape[1] / 14), Math.ceil(x.shape[2] / 14)] as [number, number];
  return tf.avgPool(x, size, size, "same");
}
