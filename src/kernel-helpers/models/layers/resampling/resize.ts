import * as tf from "@tensorflow/tfjs-core";
import { resizing } from "./matrices.js";

/** Pictures `[batch, height, width, channels]` in another size, as TensorFlow 2 resizes them. */
export function resize(x: tf.Tensor, size: [number, number], interpolation: string, antialias = false): tf.Tensor {
  const [height, width] = size;
  if (x.shape[1] === height && x.shape[2] === width) return tf.clone(x);
  if (interpolation === "bilinear" && !antialias) return tf.image.resizeBilinear(x as tf.Tensor4D, size, false, true);
  if (interpolation === "nearest") return tf.image.resizeNearestNeighbor(x as tf.Tensor4D, size, false, true);
  return along(along(x, 1, height, interpolation, antialias), 2, width, interpolation, antialias);
}

/** One axis resized by a matrix: a dense layer over that axis. */
function along(x: tf.Tensor, axis: number, length: number, interpolation: string, antialias: boolean): tf.Tensor {
  const size = x.shape[axis]!;
  const matrix = tf.tensor2d(resizing(interpolation, size, length, antialias), [length, size]);
  const last = x.rank - 1;
  const order = Array.from({ length: x.rank }, (_, index) => (index === axis ? last : index === last ? axis : index));
  const lines = tf.transpose(x, order);
  const rows = tf.reshape(lines, [-1, size]) as tf.Tensor2D;
  const y = tf.reshape(tf.matMul(rows, matrix, false, true), [...lines.shape.slice(0, -1), length]);
  return tf.transpose(y, order);
}
