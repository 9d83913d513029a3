import type { Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

/** `rows · x · columnsᵀ` for each sample and channel of `x`, `[batch, height, width, channel]`. */
export function separable(x: Tensor4D, rows: Tensor2D, columns: Tensor2D): Tensor4D {
  return tf.tidy(() => {
    const [batch, height, width, channels] = x.shape;
    const [newHeight, newWidth] = [rows.shape[0], columns.shape[0]];
    const lines = tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [batch * channels * height, width]) as Tensor2D;
    const across = tf.reshape(tf.matMul(lines, columns, false, true), [batch, channels, height, newWidth]);
    const upright = tf.reshape(tf.transpose(across, [0, 1, 3, 2]), [batch * channels * newWidth, height]) as Tensor2D;
    const down = tf.reshape(tf.matMul(upright, rows, false, true), [batch, channels, newWidth, newHeight]);
    return tf.transpose(down, [0, 3, 2, 1]) as Tensor4D;
  });
}

/** The transposed map of `separable`. */
export function separableAdjoint(x: Tensor4D, rows: Tensor2D, columns: Tensor2D): Tensor4D {
  return tf.tidy(() => separable(x, tf.transpose(rows), tf.transpose(columns)));
}

/** Blur with a Gaussian of `sigma` pixels along one axis of `size` pixels; each row sums to 1, also at the edges. */
export function blurMatrix(size: number, sigma: number): Tensor2D {
  const values = new Float32Array(size * size);
  for (let to = 0; to < size; to++) {
    let sum = 0;
    for (let from = 0; from < size; from++) {
      const weight = Math.exp(-((to - from) ** 2) / (2 * sigma * sigma));
      values[to * size + from] = weight;
      sum += weight;
    }
    for (let from = 0; from < size; from++) values[to * size + from]! /= sum;
  }
  return tf.tensor2d(values, [size, size]);
}

/** The real Fourier basis of `size` points as the columns of an orthonormal matrix, and the frequency of each in cycles a point. */
export function fourierBasis(size: number): { basis: Tensor2D; frequencies: Float32Array } {
  const values = new Float32Array(size * size);
  const frequencies = new Float32Array(size);
  for (let column = 0; column < size; column++) {
    // 1, cos 1, sin 1, cos 2, sin 2, …, and for even sizes a last cosine that alternates.
    const waves = Math.ceil(column / 2);
    frequencies[column] = waves / size;
    const alone = column === 0 || 2 * waves === size;
    const length = Math.sqrt((alone ? 1 : 2) / size);
    for (let row = 0; row < size; row++) {
      const phase = (2 * Math.PI * waves * row) / size;
      values[row * size + column] = length * (column % 2 === 1 || column === 0 ? Math.cos(phase) : Math.sin(phase));
    }
  }
  return { basis: tf.tensor2d(values, [size, size]), frequencies };
}
