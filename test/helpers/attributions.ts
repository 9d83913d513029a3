/** Explanations that say what a test wants them to. */
import type * as tf from "@tensorflow/tfjs-node";
import type { Attribution } from "../../src/explainers/index.js";

/** An explanation that says of each entry `[batch, …]` what `values` has, of the outputs `target`. */
export function saying(values: tf.Tensor, target: number | readonly number[] = 0): Attribution {
  const { shape } = values;
  const relevance = Float32Array.from(values.dataSync());
  return {
    method: "said",
    parameters: {},
    relevance,
    shape,
    inputs: [{ relevance, shape }],
    output: [],
    target: typeof target === "number" ? Array<number>(shape[0]!).fill(target) : target,
    additive: true,
    channels: "apart",
    warnings: [],
  };
}
