import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Translator } from "./parts/call.js";
import type { Kind } from "./parts/kind.js";
import { maxPoolGradient } from "./parts/max-pool.js";
import { kernelPadding, poolWindow, type Window } from "./parts/window.js";

export interface Pool {
  readonly kind: "pool";
  readonly reduce: "max" | "average";
  readonly window: Window;
}

const pooled =
  (reduce: Pool["reduce"]): Translator =>
  (call) => [call.make<Pool>({ kind: "pool", reduce, window: poolWindow(call.attributes, call.inputs[0]!.shape) })];

export const pool: Kind<Pool> = {
  kind: "pool",
  translate: { MaxPool: pooled("max"), AvgPool: pooled("average") },
  forward: ({ reduce, window }, [x]) =>
    tf
      .engine()
      .runKernel(
        reduce === "max" ? "MaxPool" : "AvgPool",
        { x } as tf.NamedTensorMap,
        attributesOf(window, x!.shape),
      ) as Tensor,
  // The transpose of a pooling: maxima send everything to their winner, averages the same to all.
  vjp({ reduce, window }, dy, { inputs, output }) {
    const input = inputs[0]!;
    const run = (kernel: string, given: tf.NamedTensorMap): Tensor =>
      tf.engine().runKernel(kernel, given, attributesOf(window, input.shape)) as Tensor;
    if (reduce === "average") return [run("AvgPoolGrad", { dy, input })];
    if (tf.getBackend() !== "tensorflow") return [maxPoolGradient(window, dy, input, output)];
    return [run("MaxPoolGrad", { dy, input, output })];
  },
  facts: ({ reduce }) => ({ linear: reduce === "average", nonNegative: "kept" }),
  relevance: ({ reduce }) => (reduce === "max" ? "winner" : "proportional"),
};

const attributesOf = (window: Window, shape: readonly number[]): tf.NamedAttrMap => ({
  filterSize: [...window.size],
  strides: [...window.strides],
  pad: kernelPadding(window, shape) as unknown as string,
});
