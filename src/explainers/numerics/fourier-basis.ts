import type { Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

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
