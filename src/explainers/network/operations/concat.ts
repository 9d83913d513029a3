import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Call } from "./parts/call.js";
import type { Kind } from "./parts/kind.js";
import { oneRow } from "./parts/with-constant.js";
import { reshapeTo } from "./rearrange.js";

export interface Concat {
  readonly kind: "concat";
  readonly axis: number;
  /** What is joined, in order: a constant such as a class token, `[1 or batch, …]`, or `null` for the next input. */
  readonly parts: readonly (Tensor | null)[];
}

/** The parts of a kernel that takes a list, constants in the rank of the output. */
function partsOf(call: Call, prepare: (constant: Tensor) => Tensor): (Tensor | null)[] {
  const names = [...call.inputNames, ...Object.keys(call.constants)].sort((a, b) => Number(a) - Number(b));
  const { shape } = call.outputs[0]!;
  return names.map((name) => {
    const constant = call.constant(name);
    return constant === undefined ? null : oneRow(prepare(constant), { shape });
  });
}

/** What a constant is beside inputs of a batch. */
const fit = (part: Tensor, batch: number): Tensor =>
  part.shape[0] === 1 && batch !== 1 ? tf.tile(part, [batch, ...part.shape.slice(1).map(() => 1)]) : part;

const joined = ({ axis, parts }: Concat, inputs: readonly Tensor[]): Tensor[] => {
  const rest = [...inputs];
  return parts.map((part) => (part === null ? rest.shift()! : axis === 0 ? part : fit(part, inputs[0]!.shape[0]!)));
};

export const concat: Kind<Concat> = {
  kind: "concat",
  translate: {
    Concat(call) {
      const axis = call.attributes["axis"] as number;
      const operation: Concat = {
        kind: "concat",
        axis: axis < 0 ? axis + call.outputs[0]!.rank : axis,
        parts: partsOf(call, (constant) => constant),
      };
      return [call.make(operation)];
    },
    Pack(call) {
      const axis = call.attributes["axis"] as number;
      const { shape } = call.outputs[0]!;
      const position = axis < 0 ? axis + shape.length : axis;
      const slice = shape.with(position, 1);
      const expanded = call.inputs.map((input) => call.intermediate(reshapeTo(call, slice), [input], slice));
      const parts = partsOf(call, (constant) => tf.reshape(constant, [...slice]));
      return [call.make<Concat>({ kind: "concat", axis: position, parts }, expanded)];
    },
  },
  forward: (operation, inputs) => tf.concat(joined(operation, inputs), operation.axis),
  vjp({ axis, parts }, dy, { inputs }) {
    let begin = 0;
    let next = 0;
    return parts.flatMap((part) => {
      const size = (part ?? inputs[next]!).shape[axis]!;
      const start = dy.shape.map((_, index) => (index === axis ? begin : 0));
      begin += size;
      if (part !== null) return [];
      return [tf.slice(dy, start, inputs[next++]!.shape)];
    });
  },
  linearPart: (operation) => ({
    ...operation,
    parts: operation.parts.map((part) => part && tf.zerosLike(part)),
  }),
  facts: ({ parts }) => ({
    linear: true,
    nonNegative: parts.every((part) => part === null || isNonNegative(part)) ? "kept" : undefined,
    inserts: parts.some((part) => part !== null),
  }),
  relevance: () => "move",
};

const isNonNegative = (part: Tensor): boolean => part.dataSync<"float32">().every((value) => value >= 0);
