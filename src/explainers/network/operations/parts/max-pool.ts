import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

import { dilate } from "./convolution.js";
import type { Window } from "./window.js";

/**
 * The transpose of a max pool on `x` `[batch, height, width, channel]` with the values `y`: what arrives at a window goes to
 * its winner, of several equal ones the first by rows, as in TensorFlow. For backends whose own kernel gives it to another
 * one, or to none.
 */
export function maxPoolGradient({ size, strides, padding }: Window, dy: Tensor, x: Tensor, y: Tensor): Tensor {
  return tf.tidy(() => {
    const [batch, height, width, channels] = x.shape as [number, number, number, number];
    const [rows, columns] = y.shape.slice(1, 3) as [number, number];
    const [[top], [left]] = padding;
    // Rows and columns that windows reach, each window with a whole stride of its own.
    const reach = [size[0] + rows * strides[0], size[1] + columns * strides[1]] as const;
    const fill = (before: number, entries: number, all: number): [number, number] => [before, all - before - entries];
    const [seenRows, seenColumns] = [Math.min(height, reach[0] - top), Math.min(width, reach[1] - left)];
    const seen = tf.slice(x, [0, 0, 0, 0], [batch, seenRows, seenColumns, channels]) as Tensor4D;
    const padded = tf.pad(
      seen,
      [[0, 0], fill(top, seenRows, reach[0]), fill(left, seenColumns, reach[1]), [0, 0]],
      Number.NEGATIVE_INFINITY,
    );
    const all = [batch, rows * strides[0], columns * strides[1], channels];
    let open: Tensor = dy;
    let total: Tensor = tf.zeros([batch, ...reach, channels]);
    for (let row = 0; row < size[0]; row++) {
      for (let column = 0; column < size[1]; column++) {
        const entries = firstOf(tf.slice(padded, [0, row, column, 0], all), strides);
        const won = tf.mul(open, tf.cast(tf.equal(entries, y), "float32"));
        open = tf.sub(open, won);
        const back = tf.pad(dilate(won as Tensor4D, ...strides), [
          [0, 0],
          fill(row, all[1]!, reach[0]),
          fill(column, all[2]!, reach[1]),
          [0, 0],
        ]);
        total = tf.add(total, back);
      }
    }
    const own = tf.slice(total, [0, top, left, 0], [batch, seenRows, seenColumns, channels]);
    return tf.pad(own, [[0, 0], fill(0, seenRows, height), fill(0, seenColumns, width), [0, 0]]);
  });
}

/** The first entry of every stride by which windows move. */
function firstOf(x: Tensor, [down, right]: readonly [number, number]): Tensor {
  if (down === 1 && right === 1) return x;
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const [rows, columns] = [height / down, width / right];
  const firstRows = tf.slice(tf.reshape(x, [batch * rows, down, width * channels]), [0, 0, 0], [-1, 1, -1]);
  const firsts = tf.slice(tf.reshape(firstRows, [batch * rows * columns, right, channels]), [0, 0, 0], [-1, 1, -1]);
  return tf.reshape(firsts, [batch, rows, columns, channels]);
}
