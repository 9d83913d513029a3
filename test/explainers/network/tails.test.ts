import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs";
import {
  atProbability,
  gradientTimesInput,
  integratedGradients,
  lrp,
  occlusion,
  predictionDifference,
  record,
} from "../../../src/explainers/index.js";

/* σ(−x₁ + x₂): x₁ speaks against, x₂ for, at every probability. */
const weights = tf.tensor2d([[-1], [1]]);
const logit = (x: tf.Tensor) => tf.matMul(x as tf.Tensor2D, weights) as tf.Tensor;
const probability = (x: tf.Tensor) => tf.sigmoid(logit(x));
const x = tf.tensor2d([[2, 1]]);
const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

function close(found: ArrayLike<number>, expected: readonly number[], bound = 1e-5): void {
  assert.equal(found.length, expected.length);
  expected.forEach((value, index) => {
    assert.ok(Math.abs(found[index]! - value) < bound, `${Array.from(found)} instead of ${expected}`);
  });
}

test("a sigmoid is explained at its logit, by every kind of method", async () => {
  for (const method of [lrp, gradientTimesInput, integratedGradients]) {
    const { relevance, output } = await method(probability, method === lrp ? { composite: "zero" } : {})(x, {
      target: 0,
    });
    close(relevance, [-2, 1], 1e-4);
    close(output, [-1]);
  }
  const { relevance } = await occlusion(probability, { window: [1], baseline: 0 })(x, { target: 0 });
  close(relevance, [-2, 1]);
});

test("a saturated sigmoid has the gradient of its logit", async () => {
  const steep = tf.tensor2d([[20], [10]]);
  const { relevance } = await gradientTimesInput((v: tf.Tensor) => tf.sigmoid(tf.matMul(v as tf.Tensor2D, steep)))(x);
  close(relevance, [40, 10]);
});

test("atProbability explains the probability itself", async () => {
  const model = atProbability(probability);
  const p = sigmoid(-1);
  const slope = p * (1 - p);
  const { relevance, output } = await gradientTimesInput(model)(x, { target: 0 });
  close(relevance, [-2 * slope, slope]);
  close(output, [p]);
  const occluded = await occlusion(model, { window: [1], baseline: 0 })(x, { target: 0 });
  close(occluded.relevance, [p - sigmoid(1), p - sigmoid(-2)]);
  const softmax = await gradientTimesInput(atProbability((v: tf.Tensor) => tf.softmax(v)))(x, { target: 0 });
  const q = sigmoid(1);
  close(softmax.relevance, [2 * q * (1 - q), -q * (1 - q)]);
});

test("{ not } explains what speaks against an output", async () => {
  const { relevance, output } = await lrp(probability, { composite: "zero" })(x, { target: { not: 0 } });
  close(relevance, [2, -1], 1e-4);
  close(output, [1]);
  const occluded = await occlusion(probability, { window: [1], baseline: 0 })(x, { target: { not: 0 } });
  close(occluded.relevance, [2, -1]);
  await assert.rejects(lrp(probability, { composite: "zero" })(x, { target: { not: 1 } }), { name: "TargetError" });
});

test("tails are found behind reshapes that leave the classes together", () => {
  const tailOf = (model: (x: tf.Tensor) => tf.Tensor) => {
    const recording = record(model, x);
    const [tail] = recording.graph.tails;
    const found = [...recording.outputs[0]!.dataSync()];
    recording.dispose();
    return { tail, found };
  };
  const together = tailOf((v) => tf.reshape(tf.softmax(v), [-1, 1, 2]));
  assert.deepEqual(together, { tail: "softmax", found: [2, 1] });
  assert.equal(tailOf((v) => tf.reshape(tf.softmax(v), [-1, 2, 1])).tail, "linear");
  assert.deepEqual(
    tailOf((v) => tf.reshape(tf.sigmoid(v), [-1, 2, 1])),
    { tail: "sigmoid", found: [2, 1] },
  );
});

test("prediction differences take the sigmoid's own probability, and turn where a class is spoken against", async () => {
  const background = tf.zeros([1, 2]);
  const options = { background, window: 1, samples: 1 } as const;
  const up = await predictionDifference(probability, options)(x, { target: 0 });
  const down = await predictionDifference(probability, options)(x, { target: { not: 0 } });
  close(up.output, [sigmoid(-1)]);
  close(
    down.relevance,
    Array.from(up.relevance, (value) => -value),
    1e-4,
  );
});
