import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { sumTo } from "../shapes.js";
import type { Kind } from "./parts/kind.js";

/** `Σ signs[i] · inputs[i]`, broadcast. */
export interface Sum {
  readonly kind: "sum";
  readonly signs: readonly (1 | -1)[];
}

export const sum: Kind<Sum> = {
  kind: "sum",
  translate: {
    Add: (call) => [call.make<Sum>({ kind: "sum", signs: [1, 1] })],
    AddN: (call) =>
      Object.keys(call.constants).length === 0
        ? [call.make<Sum>({ kind: "sum", signs: call.inputs.map(() => 1) })]
        : undefined,
    Sub: (call) => [call.make<Sum>({ kind: "sum", signs: [1, -1] })],
  },
  forward: ({ signs }, [first, ...others]) =>
    others.reduce<Tensor>(
      (total, input, index) => (signs[index + 1] === 1 ? tf.add(total, input) : tf.sub(total, input)),
      signs[0] === 1 ? first! : tf.neg(first!),
    ),
  vjp: ({ signs }, dy, { inputs }) =>
    inputs.map((input, index) => {
      const gradient = sumTo(dy, input.shape);
      return signs[index] === 1 ? tf.clone(gradient) : tf.neg(gradient);
    }),
  facts: ({ signs }) => ({ linear: true, nonNegative: signs.every((sign) => sign === 1) ? "kept" : undefined }),
  relevance: () => "proportional",
};
