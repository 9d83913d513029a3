import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

/*
 * What a removed position may have been, guessed from those that are left. Pictures are [rows, height, width, channels]; a signal is
 * one of height 1. `left` is 1 where something is left, for each channel.
 */

/** Fills what is missing with the mean of what is left around it, at the finest scale at which something is left (push and pull). */
export function filledFromNeighbors(pictures: Tensor4D, left: Tensor4D): Tensor4D {
  return tf.tidy(() => {
    // Of a sample of which nothing is left, its mean.
    const mean = tf.mean(pictures, [1, 2], true) as Tensor4D;
    return pulled(tf.mul(pictures, left), left, mean);
  });
}

/** `values` where `weights` is 1, and what the next scale says where it is 0. */
function pulled(values: Tensor4D, weights: Tensor4D, mean: Tensor4D): Tensor4D {
  const [, height, width] = values.shape;
  if (height === 1 && width === 1) return tf.add(values, tf.mul(tf.sub(1, weights), mean));
  const window: [number, number] = [Math.min(2, height), Math.min(2, width)];
  const padding: [number, number][] = [
    [0, 0],
    [0, height > 1 ? height % 2 : 0],
    [0, width > 1 ? width % 2 : 0],
    [0, 0],
  ];
  const pooled = (x: Tensor4D) => tf.avgPool(tf.pad(x, padding), window, window, "valid");
  const sum = pooled(weights);
  const coarse = pulled(tf.divNoNan(pooled(values), sum), tf.cast(tf.greater(sum, 0), "float32"), mean);
  const [, rows, columns] = coarse.shape;
  const large = tf.image.resizeBilinear(coarse, [rows * window[0], columns * window[1]], false, true);
  const own = tf.slice(large, [0, 0, 0, 0], [-1, height, width, -1]);
  return tf.add(values, tf.mul(tf.sub(1, weights), own));
}

/** Residuals of this share of a picture's range are far below the noise that is added. */
const PRECISION = 1e-4;
const MOST_ITERATIONS = 400;
/** A look at the residual waits for all that was started. */
const LOOK_EVERY = 8;

/**
 * Fills what is missing such that it is the weighted mean of its neighbors, those beside it counting twice as much as those at its
 * corners (Rong et al. 2022): the linear equations, by conjugate gradients, of all rows and channels at once.
 */
export function filledLinearly(pictures: Tensor4D, left: Tensor4D): Tensor4D {
  return tf.tidy(() => {
    const [rows, height, width, channels] = pictures.shape;
    // Channels do not see each other.
    const apart = (x: Tensor) =>
      tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [rows * channels, height, width, 1]) as Tensor4D;
    const known = apart(left);
    const missing = tf.sub(1, known) as Tensor4D;
    const values = apart(pictures);
    const around = neighborSum(height, width);
    const degree = around(tf.ones([1, height, width, 1]) as Tensor4D);
    const range = tf.sub(tf.max(values), tf.min(values)).dataSync()[0]!;
    const dot = (a: Tensor, b: Tensor) => tf.sum(tf.mul(a, b), [1, 2], true);
    const apply = (u: Tensor4D) => tf.mul(missing, tf.sub(tf.mul(degree, u), around(u))) as Tensor4D;

    let u = tf.mul(missing, filledFromNeighbors(values, known)) as Tensor4D;
    let residual: Tensor = tf.mul(missing, tf.sub(around(tf.mul(values, known)), tf.sub(tf.mul(degree, u), around(u))));
    let preconditioned: Tensor = tf.divNoNan(residual, degree);
    let direction = preconditioned;
    let size = dot(residual, preconditioned);
    for (let iteration = 0; iteration < MOST_ITERATIONS; iteration++) {
      if (iteration % LOOK_EVERY === 0 && tf.max(tf.abs(residual)).dataSync()[0]! <= PRECISION * range) break;
      const next = tf.tidy(() => {
        const image = apply(direction as Tensor4D);
        const step = tf.divNoNan(size, dot(direction, image));
        const rest = tf.sub(residual, tf.mul(step, image));
        const scaled = tf.divNoNan(rest, degree);
        const grown = dot(rest, scaled);
        return [
          tf.add(u, tf.mul(step, direction)),
          rest,
          scaled,
          tf.add(scaled, tf.mul(tf.divNoNan(grown, size), direction)),
          grown,
        ];
      });
      tf.dispose([u, residual, preconditioned, size, ...(direction === preconditioned ? [] : [direction])]);
      [u, residual, preconditioned, direction, size] = next as [Tensor4D, Tensor, Tensor, Tensor, Tensor];
    }
    const solved = tf.add(tf.mul(values, known), u);
    return tf.transpose(tf.reshape(solved, [rows, channels, height, width]), [0, 2, 3, 1]) as Tensor4D;
  });
}

/** The weighted sum of the neighbors of every position that there are. */
function neighborSum(height: number, width: number): (x: Tensor4D) => Tensor4D {
  const isLine = height === 1 || width === 1;
  const weights = isLine ? [0.5, 0, 0.5] : [1 / 12, 1 / 6, 1 / 12, 1 / 6, 0, 1 / 6, 1 / 12, 1 / 6, 1 / 12];
  const kernel = tf.tensor4d(weights, isLine ? (height === 1 ? [1, 3, 1, 1] : [3, 1, 1, 1]) : [3, 3, 1, 1]);
  return (x) => tf.conv2d(x, kernel, 1, "same");
}
