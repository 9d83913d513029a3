import * as tf from "@tensorflow/tfjs-core";
import { axesOf, type Translator } from "./parts/call.js";
import type { Kind } from "./parts/kind.js";

/** Over whole axes, e.g. global pooling. */
export interface Reduce {
  readonly kind: "reduce";
  readonly reduce: "max" | "min" | "mean" | "sum";
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

const reductions = { max: tf.max, min: tf.min, mean: tf.mean, sum: tf.sum } as const;

const isExtremum = ({ reduce }: Reduce): boolean => reduce === "max" || reduce === "min";

const reduced =
  (which: Reduce["reduce"], attribute: "axis" | "reductionIndices"): Translator =>
  (call) => {
    const x = call.inputs[0]!;
    const axes = axesOf(call.attributes[attribute], x.shape.length);
    const keepDims = call.attributes["keepDims"] === true || call.outputs[0]!.rank === x.shape.length;
    // Without axes to reduce, the input itself.
    return axes.length === 0 ? [x] : [call.make<Reduce>({ kind: "reduce", reduce: which, axes, keepDims })];
  };

export const reduce: Kind<Reduce> = {
  kind: "reduce",
  translate: {
    Mean: reduced("mean", "axis"),
    Sum: reduced("sum", "axis"),
    Max: reduced("max", "reductionIndices"),
    Min: reduced("min", "axis"),
  },
  forward: ({ reduce, axes, keepDims }, [x]) => reductions[reduce](x!, [...axes], keepDims),
  vjp(operation, dy, { inputs, output }) {
    const { reduce, axes } = operation;
    const x = inputs[0]!;
    const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
    const spread = tf.reshape(dy, kept);
    if (isExtremum(operation)) {
      // Ties share, so that what arrives is what leaves.
      const winners = tf.cast(tf.equal(x, tf.reshape(output, kept)), "float32");
      return [tf.mul(winners, tf.div(spread, tf.sum(winners, [...axes], true)))];
    }
    const count = reduce === "mean" ? x.size / output.size : 1;
    return [tf.mul(tf.div(spread, count), tf.onesLike(x))];
  },
  facts: (operation) => ({ linear: !isExtremum(operation), nonNegative: "kept" }),
  relevance: (operation) => (isExtremum(operation) ? "winner" : "proportional"),
};
