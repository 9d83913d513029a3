import * as tf from "@tensorflow/tfjs-core";
import { defineLayer } from "../define-layer.js";

interface Settings {
  dataFormat?: string;
}

/** `Flatten`, which in Keras also takes what is flat already; with channels first it reads the channels last. */
export const flatten = defineLayer<Settings>({
  className: "Flatten",
  call(x, { dataFormat }) {
    const axes = x.shape.map((_, axis) => axis);
    const isFirst = dataFormat === "channelsFirst" && x.rank > 2;
    const ordered = isFirst ? tf.transpose(x, [0, ...axes.slice(2), 1]) : x;
    return tf.reshape(ordered, [x.shape[0]!, x.size / x.shape[0]!]);
  },
  outputShape(input) {
    const sizes = input.slice(1);
    return [input[0]!, sizes.includes(null) ? null : sizes.reduce<number>((all, size) => all * size!, 1)];
  },
});
