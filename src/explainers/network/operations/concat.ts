import * as tf from "@tensorflow/tfjs-core";
import type { Call } from "./parts/call.js";
import type { Kind } from "./parts/kind.js";
import { reshapeTo } from "./rearrange.js";

export interface Concat {
  readonly kind: "concat";
  readonly axis: number;
}

const isComputed = (call: Call): boolean => Object.keys(call.constants).length === 0;

export const concat: Kind<Concat> = {
  kind: "concat",
  translate: {
    Concat(call) {
      if (!isComputed(call)) return undefined;
      const axis = call.attributes["axis"] as number;
      return [call.make<Concat>({ kind: "concat", axis: axis < 0 ? axis + call.outputs[0]!.rank : axis })];
    },
    Pack(call) {
      if (!isComputed(call)) return undefined;
      const axis = call.attributes["axis"] as number;
      const { shape } = call.outputs[0]!;
      const position = axis < 0 ? axis + shape.length : axis;
      const slice = shape.with(position, 1);
      const expanded = call.inputs.map((input) => call.intermediate(reshapeTo(call, slice), [input], slice));
      return [call.make<Concat>({ kind: "concat", axis: position }, expanded)];
    },
  },
  forward: ({ axis }, inputs) => tf.concat([...inputs], axis),
  vjp({ axis }, dy, { inputs }) {
    let begin = 0;
    return inputs.map((input) => {
      const start = input.shape.map((_, index) => (index === axis ? begin : 0));
      begin += input.shape[axis]!;
      return tf.slice(dy, start, input.shape);
    });
  },
  facts: () => ({ linear: true, nonNegative: "kept" }),
  relevance: () => "move",
};
