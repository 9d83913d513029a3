import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { sizeOf } from "../../shapes.js";
import { affineKind } from "../parts/affine.js";

/** On the last axis. */
export interface Dense {
  readonly kind: "dense";
  /** `[in, out]` */
  readonly weights: Tensor2D;
  readonly bias: Tensor1D | null;
}

export const dense = affineKind<Dense>({
  kind: "dense",
  translate: {
    BatchMatMul(call) {
      const { transposeA, transposeB } = call.attributes as { transposeA: boolean; transposeB: boolean };
      const [a, constant] = [call.input("a"), call.constant("b")];
      if (a === undefined || constant === undefined || transposeA) return undefined;
      const weights = matrixOf(constant, transposeB);
      return weights && [call.make<Dense>({ kind: "dense", weights, bias: null }, [a])];
    },
  },
  map(_, weights) {
    const [inputs, outputs] = weights.shape as [number, number];
    const product = (x: Tensor, transpose: boolean, width: number): Tensor => {
      if (x.rank === 2) return tf.matMul(x as Tensor2D, weights as Tensor2D, false, transpose);
      const rows = tf.reshape(x, [-1, x.shape.at(-1)!]) as Tensor2D;
      return tf.reshape(tf.matMul(rows, weights as Tensor2D, false, transpose), [...x.shape.slice(0, -1), width]);
    };
    return {
      weights,
      forward: (a) => tf.tidy(() => product(a, false, outputs)),
      vjp: (s) => tf.tidy(() => product(s, true, inputs)),
    };
  },
  channels: { input: 0, output: [1] },
  seesNoPadding: () => true,
  facts: () => ({ linear: true, alongLastAxis: true }),
});

/** A matrix from a constant factor of any rank, if its leading axes are 1. */
function matrixOf(constant: Tensor, transpose: boolean): Tensor2D | undefined {
  if (sizeOf(constant.shape.slice(0, -2)) !== 1) return undefined;
  const matrix = tf.reshape(constant, [constant.shape.at(-2)!, constant.shape.at(-1)!]) as Tensor2D;
  return transpose ? tf.transpose(matrix) : matrix;
}
