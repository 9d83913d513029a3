import * as tf from "@tensorflow/tfjs-core";
import { defineLayer, fromFront } from "../define-layer.js";

/** `x / ‖x‖₂` over `axis`; the square of the norm counts as 1e-12 at least. */
export const unitNormalization = defineLayer<{ axis?: number | number[] }>({
  className: "UnitNormalization",
  call(x, { axis = -1 }) {
    const axes = [axis].flat().map((index) => fromFront(index, x.rank));
    return tf.div(x, tf.sqrt(tf.maximum(tf.sum(tf.square(x), axes, true), 1e-12)));
  },
});
