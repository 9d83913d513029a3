import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

/** Samples `[batch, height, width, channel]` at other rows and columns, each by itself. */
type Resample = (x: Tensor, size: readonly [number, number]) => Tensor;

/**
 * The transpose of a resampling: `Rᵀ dy Cᵀ` with the matrices by which it makes rows of rows and columns of columns. What
 * these are is seen by resampling the unit matrix, so that they follow the forward kernel in every mode; the gradient kernels
 * of TensorFlow.js (4.22, native and WebAssembly) know nothing of half-pixel centers.
 */
export function resampledBack(dy: Tensor, shape: readonly number[], resample: Resample): Tensor {
  const [batch, height, width, channels] = shape as [number, number, number, number];
  const [rows, columns] = dy.shape.slice(1, 3) as [number, number];
  const matrix = (from: number, to: number): Tensor =>
    tf.reshape(resample(tf.reshape(tf.eye(from), [1, from, from, 1]), [to, from]), [1, to, from]);
  const acrossRows =
    rows === height && rows > 1 ? dy : tf.matMul(matrix(height, rows), tf.reshape(dy, [batch, rows, -1]), true);
  const byRow = tf.reshape(acrossRows, [batch * height, columns, channels]);
  return tf.reshape(columns === width && columns > 1 ? byRow : tf.matMul(matrix(width, columns), byRow, true), [
    ...shape,
  ]);
}
