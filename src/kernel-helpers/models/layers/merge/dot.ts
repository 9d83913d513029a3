import * as tf from "@tensorflow/tfjs-core";
import { defineLayer, fromFront } from "../define-layer.js";

interface Settings {
  axes: number | [number, number];
  normalize?: boolean;
}

/** `x` with length 1 along `axis`; the square of the length counts as 1e-12 at least. */
const unit = (x: tf.Tensor, axis: number): tf.Tensor =>
  tf.mul(x, tf.rsqrt(tf.maximum(tf.sum(tf.square(x), axis, true), 1e-12)));

/** `Dot`: the product of two tensors over one axis of each, sample by sample; of unit vectors where they are normalized. */
export const dot = defineLayer<Settings>({
  className: "Dot",
  call(_x, { axes, normalize }, _weights, [a, b]) {
    const [inA, inB] = (Array.isArray(axes) ? axes : [axes, axes]) as [number, number];
    const [axisA, axisB] = [fromFront(inA, a!.rank), fromFront(inB, b!.rank)];
    const first = normalize ? unit(a!, axisA) : a!;
    const second = normalize ? unit(b!, axisB) : b!;
    const rest = (x: tf.Tensor, axis: number) => x.shape.filter((_, index) => index !== 0 && index !== axis);
    const order = (x: tf.Tensor, axis: number, atEnd: boolean) => {
      const others = x.shape.map((_, index) => index).filter((index) => index !== 0 && index !== axis);
      return atEnd ? [0, ...others, axis] : [0, axis, ...others];
    };
    const size = (shape: number[]) => shape.reduce((all, one) => all * one, 1);
    const [outer, inner] = [rest(a!, axisA), rest(b!, axisB)];
    const batch = a!.shape[0]!;
    const length = a!.shape[axisA]!;
    const left = tf.reshape(tf.transpose(first, order(a!, axisA, true)), [batch, size(outer), length]);
    const right = tf.reshape(tf.transpose(second, order(b!, axisB, false)), [batch, length, size(inner)]);
    const shape = [...outer, ...inner];
    return tf.reshape(tf.matMul(left, right), [batch, ...(shape.length === 0 ? [1] : shape)]);
  },
  outputShape: "computed",
});
