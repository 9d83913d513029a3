import * as tf from "@tensorflow/tfjs-core";
import { defineLayer, type Shape } from "../define-layer.js";

interface Settings {
  keepdims?: boolean;
}

/** Global pooling over `axes` axes between batch and channel; `keepdims` leaves them with size 1. */
const globalPooling = (className: string, axes: number, reduce: typeof tf.mean) =>
  defineLayer<Settings>({
    className,
    call: (x, { keepdims = false }) => reduce(x, x.shape.map((_, axis) => axis).slice(1, -1), keepdims ?? false),
    outputShape: (input, { keepdims }): Shape =>
      keepdims ? [input[0]!, ...Array.from({ length: axes }, () => 1), input.at(-1)!] : [input[0]!, input.at(-1)!],
  });

/** The global pooling layers that TensorFlow.js lacks, and under another name those that know no `keepdims` there. */
export const globalPoolings = [
  globalPooling("GlobalAveragePooling3D", 3, tf.mean),
  globalPooling("GlobalMaxPooling3D", 3, tf.max),
  ...[1, 2].flatMap((axes) => [
    globalPooling(`KerasGlobalAveragePooling${axes}D`, axes, tf.mean),
    globalPooling(`KerasGlobalMaxPooling${axes}D`, axes, tf.max),
  ]),
];
