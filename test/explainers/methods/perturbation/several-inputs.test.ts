import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import {
  featureAblation,
  InputShapeError,
  kernelShap,
  lime,
  occlusion,
  rise,
} from "../../../../src/explainers/index.js";

const first = tf.input({ shape: [4] });
const second = tf.input({ shape: [3] });
const sum = tf.layers.dense({ units: 1 });
const output = sum.apply(tf.layers.concatenate().apply([first, second]) as tf.SymbolicTensor) as tf.SymbolicTensor;
const net = tf.model({ inputs: [first, second], outputs: output });
const weights = [1, -2, 3, 4, -5, 6, 7];
net.setWeights([tf.tensor2d(weights, [7, 1]), tf.tensor1d([0.5])]);
const x = [tf.tensor2d([1, 2, 3, 4, 1, 1, 1, 1], [2, 4]), tf.tensor2d([-1, 1, 2, 0, 0, 1], [2, 3])];
/** `w_i x_i`, input by input: what every entry is worth in a linear model, against 0. */
const worth = [
  [1, -4, 9, 16, 1, -2, 3, 4],
  [5, 6, 14, 0, 0, 7],
];

test("on a linear model of two inputs, hiding entries finds each one's share", async () => {
  const before = tf.memory().numTensors;
  for (const explain of [
    occlusion(net, { window: 1, baseline: 0 }),
    featureAblation(net, { baseline: 0 }),
    kernelShap(net, { baseline: 0 }),
  ]) {
    const { inputs, method, relevance } = await explain(x, { target: 0 });
    assert.deepEqual(
      inputs.map(({ shape }) => shape),
      [
        [2, 4],
        [2, 3],
      ],
    );
    assert.equal(relevance, inputs[0]!.relevance);
    inputs.forEach((input, index) => {
      input.relevance.forEach((value, entry) => {
        assert.ok(Math.abs(value - worth[index]![entry]!) < 2e-2, `${method}: ${value} at ${index}, ${entry}`);
      });
    });
  }
  assert.equal(tf.memory().numTensors, before);
});

test("LIME and RISE, too, have a number for every entry of both", async () => {
  for (const explain of [lime(net, { baseline: 0 }), rise(net, { masks: 200 })]) {
    const { inputs } = await explain(x, { target: 0 });
    assert.deepEqual(
      inputs.map(({ relevance }) => relevance.length),
      [8, 6],
    );
  }
});

test("a picture beside a row is refused with what explains it", async () => {
  const picture = tf.input({ shape: [2, 2, 1] });
  const both = tf.layers.concatenate().apply([tf.layers.flatten().apply(picture) as tf.SymbolicTensor, second]);
  const mixed = tf.model({
    inputs: [picture, second],
    outputs: tf.layers.dense({ units: 1 }).apply(both as never) as never,
  });
  await assert.rejects(
    () => occlusion(mixed)([tf.ones([1, 2, 2, 1]), tf.ones([1, 3])], { target: 0 }),
    (error: unknown) => error instanceof InputShapeError && /explained by LRP or gradients/.test(error.message),
  );
});
