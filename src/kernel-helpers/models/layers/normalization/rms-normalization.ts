import * as tf from "@tensorflow/tfjs-core";
import { defineLayer, fromFront } from "../define-layer.js";
import { broadcast } from "./normalized.js";

interface Settings {
  axis?: number | number[];
  epsilon?: number;
}

/** `x / √(mean of x² + ε)` times a learned scale: Zhang and Sennrich 2019, equation 4. */
export const rmsNormalization = defineLayer<Settings>({
  className: "RMSNormalization",
  weights: (input, { axis = -1 }) => ({
    scale: [axis].flat().map((index) => input[fromFront(index, input.length)]!),
  }),
  call(x, { axis = -1, epsilon = 1e-6 }, { scale }) {
    const axes = [axis].flat().map((index) => fromFront(index, x.rank));
    const size = tf.sqrt(tf.add(tf.mean(tf.square(x), axes, true), epsilon));
    return tf.mul(tf.div(x, size), broadcast(scale!, x, axes));
  },
});
