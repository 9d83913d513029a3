import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import { epsilonPlus, gradientTimesInput, lrp, release } from "../../src/explainers/index.js";
import { repairBackend } from "../../src/explainers/network/backends/repair.js";
import type { GoldenModel } from "../../tools/goldens/format.js";
import { buildModel } from "../../tools/goldens/model.js";

repairBackend();

const CHANNELS = 2;
const MULTIPLIER = 2;

/** A depthwise convolution of `[7, 8, 2]`, padded by 1 and 2, as the goldens describe it. */
function depthwise(size: [number, number], kernel: number[], dilations: number[], strides: number[]): tf.LayersModel {
  const golden = {
    file: "none",
    inputShape: [7, 8, CHANNELS],
    layers: [
      {
        name: "conv",
        op: "depthwiseConv2d",
        inputs: ["input"],
        kernel: "kernel",
        bias: "bias",
        strides,
        dilations,
        padding: [
          [1, 1],
          [2, 2],
        ],
      },
      { name: "relu", op: "relu", inputs: ["conv"] },
      { name: "pool", op: "globalAvgPool2d", inputs: ["relu"] },
    ],
  };
  const tensor = (shape: number[], data: number[]) => ({ shape, data: Float32Array.from(data) });
  const stored = new Map([
    ["kernel", tensor([...size, CHANNELS, MULTIPLIER], kernel)],
    ["bias", tensor([CHANNELS * MULTIPLIER], [0.1, -0.2, 0.3, -0.1])],
  ]);
  return buildModel(golden as unknown as GoldenModel, stored);
}

for (const [dilations, strides] of [
  [
    [2, 2],
    [1, 1],
  ],
  [
    [1, 3],
    [1, 1],
  ],
  [
    [2, 1],
    [2, 2],
  ],
] as const) {
  test(`a depthwise convolution of dilations ${dilations} and strides ${strides} is one whose kernel has zeros between`, async () => {
    const kernel = Array.from({ length: 3 * 2 * CHANNELS * MULTIPLIER }, (_, index) => Math.sin(index * 1.3));
    const size: [number, number] = [2 * dilations[0] + 1, dilations[1] + 1];
    const spread = new Array<number>(size[0] * size[1] * CHANNELS * MULTIPLIER).fill(0);
    for (const [index, value] of kernel.entries()) {
      const outputs = CHANNELS * MULTIPLIER;
      const [row, column] = [Math.floor(index / outputs / 2), Math.floor(index / outputs) % 2];
      spread[(row * dilations[0] * size[1] + column * dilations[1]) * outputs + (index % outputs)] = value;
    }
    const dilated = depthwise([3, 2], kernel, [...dilations], [...strides]);
    const plain = depthwise(size, spread, [1, 1], [...strides]);
    assert.deepEqual(dilated.layers.at(-2)!.outputShape, plain.layers.at(-2)!.outputShape);
    const x = tf.randomNormal([2, 7, 8, CHANNELS], 0, 1, "float32", 5);
    const difference = (a: ArrayLike<number>, b: ArrayLike<number>) =>
      Math.max(...Array.from(a, (value, index) => Math.abs(value - b[index]!)));
    const outputs = [dilated, plain].map((net) => (net.predict(x) as tf.Tensor).dataSync());
    assert.ok(difference(outputs[0]!, outputs[1]!) < 1e-6);
    for (const explain of [
      (net: tf.LayersModel) => lrp(net, { composite: epsilonPlus() })(x, { target: 1 }),
      (net: tf.LayersModel) => gradientTimesInput(net)(x, { target: 1 }),
    ]) {
      const [ours, theirs] = [await explain(dilated), await explain(plain)];
      assert.ok(difference(ours.relevance, theirs.relevance) < 1e-6);
    }
    release(dilated);
    release(plain);
  });
}
