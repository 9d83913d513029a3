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
