import * as tf from "@tensorflow/tfjs-core";
import { masked, softmaxOver } from "../attention/attend.js";
import { defineLayer, fromFront } from "../define-layer.js";

interface Settings {
  axis?: number | number[];
  zeroesMasked?: boolean;
}

/** `Softmax` over one axis or several together, of the entries that a mask leaves. */
export const softmax = defineLayer<Settings>({
  className: "Softmax",
  call(x, { axis = -1, zeroesMasked }, _weights, _inputs, { call }) {
    const given = (call?.named["mask"] ?? call?.positional[1] ?? undefined) as tf.Tensor | undefined;
    const axes = [axis].flat().map((one) => fromFront(one, x.rank));
    const others = x.shape.map((_, index) => index).filter((index) => !axes.includes(index));
    const order = [...others, ...axes];
    const mask = given && tf.cast(tf.greater(tf.cast(given, "float32"), 0.5), "float32");
    const inOrder = order.every((from, to) => from === to);
    const scores = masked(x, mask);
    const turned = inOrder ? scores : tf.transpose(scores, order);
    const back = order.map((_, index) => order.indexOf(index));
    const y = softmaxOver(turned, axes.length);
    const result = inOrder ? y : tf.transpose(y, back);
    return mask && zeroesMasked ? tf.mul(result, mask) : result;
  },
});
