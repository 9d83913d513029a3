import type { Tensor, Tensor1D, Tensor4D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { InputShapeError } from "../errors.js";

/** `Σ|x|` of each sample of `[batch, …]`. */
export const l1 = (x: Tensor): Tensor1D => tf.tidy(() => sumOfSample(tf.abs(x)));

/** `Σx²` of each sample of `[batch, …]`. */
export const l2 = (x: Tensor): Tensor1D => tf.tidy(() => sumOfSample(tf.square(x)));

/** Rounds off the edge of the total variation at 0, in units of the input. */
const ROUNDING = 1e-3;

/**
 * Total variation of each picture of `[batch, height, width, channel]` (Rudin, Osher & Fatemi 1992):
 * `Σ √((x[i+1,j] − x[i,j])² + (x[i,j+1] − x[i,j])² + δ²) − δ` with `δ = 0.001`, each channel for itself.
 *
 * @throws InputShapeError when `x` holds no pictures.
 */
export function totalVariation(x: Tensor): Tensor1D {
  if (x.rank !== 4)
    throw new InputShapeError("[batch, height, width, channel] for the total variation", `[${x.shape}]`);
  return tf.tidy(() => {
    const { down, right } = differences(x as Tensor4D);
    return sumOfSample(tf.sub(slope(down, right), ROUNDING));
  });
}

/**
 * Value and gradient of `totalVariation` in one pass, a third of the operations that the gradient tape needs.
 * The gradient has the shape of `x`.
 */
export function totalVariationWithGradient(x: Tensor4D): { value: Tensor1D; gradient: Tensor4D } {
  return tf.tidy(() => {
    const { down, right } = differences(x);
    const length = slope(down, right);
    const value = sumOfSample(tf.sub(length, ROUNDING));
    const [toDown, toRight] = [tf.div(down, length), tf.div(right, length)] as [Tensor4D, Tensor4D];
    // ∂/∂x[i,j] = u[i−1,j] − u[i,j] + v[i,j−1] − v[i,j] with the unit vectors (u, v) along the differences.
    const [, height, width] = x.shape;
    const above = tf.pad(tf.slice(toDown, [0, 0, 0, 0], [-1, height - 1, -1, -1]) as Tensor, [
      [0, 0],
      [1, 0],
      [0, 0],
      [0, 0],
    ]);
    const before = tf.pad(tf.slice(toRight, [0, 0, 0, 0], [-1, -1, width - 1, -1]) as Tensor, [
      [0, 0],
      [0, 0],
      [1, 0],
      [0, 0],
    ]);
    const gradient = tf.sub(tf.add(above, before), tf.add(toDown, toRight)) as Tensor4D;
    return { value, gradient };
  });
}

/** Differences to the next row and to the next column; zero behind the last ones. */
function differences(x: Tensor4D): { down: Tensor4D; right: Tensor4D } {
  const [, height, width] = x.shape;
  const down = tf.sub(
    tf.slice(x, [0, 1, 0, 0], [-1, height - 1, -1, -1]),
    tf.slice(x, [0, 0, 0, 0], [-1, height - 1, -1, -1]),
  ) as Tensor4D;
  const right = tf.sub(
    tf.slice(x, [0, 0, 1, 0], [-1, -1, width - 1, -1]),
    tf.slice(x, [0, 0, 0, 0], [-1, -1, width - 1, -1]),
  ) as Tensor4D;
  return {
    down: tf.pad(down as Tensor, [
      [0, 0],
      [0, 1],
      [0, 0],
      [0, 0],
    ]) as Tensor4D,
    right: tf.pad(right as Tensor, [
      [0, 0],
      [0, 0],
      [0, 1],
      [0, 0],
    ]) as Tensor4D,
  };
}

const slope = (down: Tensor, right: Tensor): Tensor =>
  tf.sqrt(tf.add(tf.add(tf.square(down), tf.square(right)), ROUNDING ** 2));

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
