import type { GoldenModel } from "./format.js";

const linear = new Set(["conv2d", "depthwiseConv2d", "conv1d", "dense"]);

/** The batch norms that stand right behind a layer with weights: those alone does zennit's canonizer merge into it. */
export function mergedBatchNorms({ layers = [] }: GoldenModel): string[] {
  return layers
    .filter(({ op, inputs }, index) => {
      const before = layers[index - 1];
      return op === "batchNorm" && before !== undefined && linear.has(before.op) && inputs[0] === before.name;
    })
    .map(({ name }) => name);
}
