import * as tf from "@tensorflow/tfjs-core";
import { defineLayer, perAxis } from "../define-layer.js";

interface Settings {
  outputSize: number | number[];
}

/** Pooling into `output_size` windows along each axis; the windows overlap where sizes do not divide. */
const adaptivePooling = (className: string, axes: number, reduce: typeof tf.mean) =>
  defineLayer<Settings>({
    className,
    call(x, { outputSize }) {
      return perAxis(outputSize, axes).reduce((pooled, count, index) => {
        const axis = index + 1;
        const size = pooled.shape[axis]!;
        const windows = Array.from({ length: count }, (_, window) => {
          const begin = Math.floor((window * size) / count);
          const end = Math.ceil(((window + 1) * size) / count);
          const at = pooled.shape.map((_size, place) => (place === axis ? begin : 0));
          const sizes = pooled.shape.map((_size, place) => (place === axis ? end - begin : -1));
          return reduce(tf.slice(pooled, at, sizes), axis, true);
        });
        return tf.concat(windows, axis);
      }, x);
    },
    outputShape: (input, { outputSize }) => [input[0]!, ...perAxis(outputSize, axes), input.at(-1)!],
  });

export const adaptivePoolings = [1, 2, 3].flatMap((axes) => [
  adaptivePooling(`AdaptiveAveragePooling${axes}D`, axes, tf.mean),
  adaptivePooling(`AdaptiveMaxPooling${axes}D`, axes, tf.max),
]);
