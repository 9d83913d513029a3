import * as tf from "@tensorflow/tfjs-core";
import { defineLayer, type Shape } from "../define-layer.js";

interface Settings {
  keepdims?: boolean;
}

/** Global pooling over `axes` axes between batch and channel; `keepdims` leaves them with size 1. An average heeds a mask. */
const globalPooling = (className: string, axes: number, reduce: typeof tf.mean) =>
  defineLayer<Settings>({
    className,
    call(x, { keepdims }, _weights, _inputs, { mask }) {
      const over = x.shape.map((_, axis) => axis).slice(1, -1);
      if (!mask || reduce !== tf.mean) return reduce(x, over, keepdims ?? false);
      // Of the steps that count alone; Keras, too, divides by their number.
      const steps = tf.expandDims(tf.cast(mask, "float32"), -1);
      const sum = tf.sum(tf.mul(x, steps), over, keepdims ?? false);
      return tf.div(sum, tf.sum(steps, over, keepdims ?? false));
    },
    outputShape: (input, { keepdims }): Shape =>
      keepdims ? [input[0]!, ...Array.from({ length: axes }, () => 1), input.at(-1)!] : [input[0]!, input.at(-1)!],
  });

/** The global pooling layers that TensorFlow.js lacks, and under another name those that know no `keepdims` and no masks there. */
export const globalPoolings = [
  globalPooling("GlobalAveragePooling3D", 3, tf.mean),
  globalPooling("GlobalMaxPooling3D", 3, tf.max),
  ...[1, 2].flatMap((axes) => [
    globalPooling(`KerasGlobalAveragePooling${axes}D`, axes, tf.mean),
    globalPooling(`KerasGlobalMaxPooling${axes}D`, axes, tf.max),
  ]),
];
