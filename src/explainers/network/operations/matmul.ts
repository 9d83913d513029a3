import * as tf from "@tensorflow/tfjs-core";
import { sumTo } from "../shapes.js";
import type { Kind } from "./parts/kind.js";

/** The matrix product of two inputs, both of them computed from the model's input. */
export interface Matmul {
  readonly kind: "matmul";
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

export const matmul: Kind<Matmul> = {
  kind: "matmul",
  translate: {
    BatchMatMul(call) {
      if (call.inputs.length !== 2) return undefined;
      const { transposeA, transposeB } = call.attributes;
      return [call.make<Matmul>({ kind: "matmul", transposeA: !!transposeA, transposeB: !!transposeB })];
    },
  },
  forward: ({ transposeA, transposeB }, [a, b]) => tf.matMul(a!, b!, transposeA, transposeB),
  vjp({ transposeA, transposeB }, dy, { inputs }) {
    const [a, b] = [inputs[0]!, inputs[1]!];
    const da = transposeA ? tf.matMul(b, dy, transposeB, true) : tf.matMul(dy, b, false, !transposeB);
    const db = transposeB ? tf.matMul(dy, a, true, transposeA) : tf.matMul(a, dy, !transposeA, false);
    return [sumTo(da, a.shape), sumTo(db, b.shape)];
  },
  facts: () => ({}),
  relevance: () => "bilinear",
};
