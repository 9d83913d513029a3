import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import type { LayerRelevance } from "../../../src/explainers/explanation.js";
import {
  epsilonPlus,
  gradCam,
  gradientTimesInput,
  kernelShap,
  lrp,
  type Model,
  occlusion,
  rise,
  sensitivity,
} from "../../../src/explainers/index.js";
import { warningsOf } from "../../../src/explainers/warnings.js";
import { relevanceMap } from "../../../src/kernel-helpers/pictures/relevance-map.js";

const dense = (kernel: number[][], bias: number[]) => {
  const net = tf.sequential({ layers: [tf.layers.dense({ units: bias.length, inputShape: [kernel.length] })] });
  net.setWeights([tf.tensor2d(kernel), tf.tensor1d(bias)]);
  return net;
};
const kinds = ({ warnings }: { warnings: readonly { kind: string }[] }) => warnings.map(({ kind }) => kind);

test("an ordinary explanation has nothing to warn of", async () => {
  const net = dense(
    [
      [1, 2],
      [3, -1],
    ],
    [0.5, 0],
  );
  const x = tf.tensor2d([
    [1, 2],
    [0.5, -1],
  ]);
  for (const explain of [lrp(net, { composite: epsilonPlus() }), gradientTimesInput(net)]) {
    const result = await explain(x, { target: 0 });
    assert.deepEqual(result.warnings, []);
    assert.equal(result.additive, true);
  }
});

test("values beyond the output's scale, and a sum that is rounding, are said with their numbers and sample", async () => {
  // 1e9 − 1e9 + 1: the shares are right, but no float32 sum of them is.
  const net: Model = (x) => tf.sum(tf.mul(x as tf.Tensor, tf.tensor1d([1e9, -1e9, 1])), 1, true);
  const x = tf.tensor2d([
    [1, 2, 3],
    [1, 1, 0],
  ]);
  const { warnings } = await gradientTimesInput(net)(x, { target: 0 });
  const rounding = warnings.find(({ kind }) => kind === "rounding");
  assert.deepEqual([rounding?.sample, rounding?.value], [1, 0]);
  const scale = warnings.find(({ kind }) => kind === "scale");
  assert.deepEqual([scale?.sample, scale?.value], [1, 1e9]);
  assert.match(scale!.message, /^Values reach 1000000000, but the output is 0: they are no shares of it\. Try /);
  // What is no share of the output has no such scale.
  assert.deepEqual(kinds(await sensitivity(net)(x, { target: 0 })), []);
});

test("an all-zero map is said", async () => {
  const net = tf.sequential({
    layers: [
      tf.layers.conv2d({
        filters: 2,
        kernelSize: 2,
        inputShape: [4, 4, 1],
        activation: "relu",
        kernelInitializer: "ones",
      }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 1, kernelInitializer: tf.initializers.constant({ value: -1 }) }),
    ],
  });
  const x = tf.ones([1, 4, 4, 1]);
  assert.deepEqual(kinds(await gradCam(net)(x)), ["zero"]);
  assert.deepEqual(kinds(await gradCam(net, { relu: false })(x)), []);
});

test("biases that keep more than 99 % are said", async () => {
  const x = tf.tensor2d([[1, 1]]);
  const run = (bias: number) => lrp(dense([[1], [1]], [bias]), { composite: epsilonPlus() })(x, { target: 0 });
  const { warnings } = await run(998);
  assert.equal(warnings[0]?.kind, "bias");
  assert.ok(Math.abs(warnings[0]!.value - 0.998) < 1e-4);
  assert.deepEqual(kinds(await run(100)), []);
});

test("where channels repeat one effect, a map shows that and not three times it; sums stand only where they mean something", async () => {
  // Position i is worth i + 1 in all: its three channels together.
  const worth = tf.reshape(tf.range(1, 5), [2, 2, 1]);
  const net: Model = (x) => tf.reshape(tf.sum(tf.mul(x as tf.Tensor, worth), [1, 2, 3]), [-1, 1]);
  const x = tf.fill([1, 2, 2, 3], 1 / 3);
  const hidden = [
    await occlusion(net, { window: 1, baseline: 0 })(x, { target: 0 }),
    await kernelShap(net, { features: "positions", baseline: 0 })(x, { target: 0 }),
  ];
  for (const result of hidden) {
    assert.equal(result.channels, "repeated");
    const { values } = relevanceMap(result);
    for (let i = 0; i < 4; i++) assert.ok(Math.abs(values[i]! - (i + 1)) < 1e-3, `${result.method} ${values}`);
  }
  const gradient = await gradientTimesInput(net)(x, { target: 0 });
  assert.equal(gradient.channels, "apart");
  assert.ok(Math.abs(relevanceMap(gradient).values[3]! - 4) < 1e-5);
  assert.equal(rise.channels, "repeated");
});

test("relevance that rounding takes or adds on the way is said", () => {
  const found = (relevanceSum: number) => ({
    inputs: [{ relevance: Float32Array.of(1500, relevanceSum - 1500), shape: [1, 2] }],
    output: [0.2],
    layers: [{ sum: 0.2 }] as unknown as LayerRelevance[],
    relevanceSum,
    biasRelevance: 0,
    emptyRelevance: 0,
    maskedRelevance: 0,
  });
  assert.deepEqual(
    warningsOf(found(0.23), true).map(({ kind }) => kind),
    ["rounding"],
  );
  assert.ok(Math.abs(warningsOf(found(0.23), true)[0]!.value + 0.03) < 1e-6);
  assert.deepEqual(warningsOf(found(0.2005), true), []);
});
