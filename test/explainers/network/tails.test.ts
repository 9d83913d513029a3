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
  assert.deepEqual(
    tailOf((v) => tf.reshape(tf.softmax(v), [-1, 2, 1])),
    { tail: "softmax", found: [2, 1] },
  );
  assert.deepEqual(
    tailOf((v) => tf.reshape(tf.sigmoid(v), [-1, 2, 1])),
    { tail: "sigmoid", found: [2, 1] },
  );
});

/* Two classes at each of 2 × 3 places, channels first and last. */
const filter = tf.tensor4d([1, -1, 0.5, 2], [1, 1, 2, 2]);
const picture = tf.tensor4d(
  Array.from({ length: 24 }, (_, i) => Math.sin(i)),
  [2, 2, 3, 2],
);
const places = (v: tf.Tensor) => tf.conv2d(v as tf.Tensor4D, filter, 1, "valid") as tf.Tensor;
const first = (v: tf.Tensor) => tf.transpose(v, [0, 3, 1, 2]);
const byHand = (z: tf.Tensor) => {
  const e = tf.exp(tf.sub(z, tf.max(z, 1, true)));
  return tf.div(e, tf.sum(e, 1, true));
};

const channelsFirst: Record<string, (v: tf.Tensor) => tf.Tensor> = {
  "behind a transpose": (v) => first(tf.softmax(places(v))),
  "written out along that axis": (v) => byHand(first(places(v))),
  "cut and in other shapes": (v) =>
    tf.reshape(tf.slice(first(tf.softmax(places(v))), [0, 0, 0, 0], [-1, -1, 2, 3]), [-1, 2, 6]),
};

for (const [name, net] of Object.entries(channelsFirst)) {
  test(`a softmax over channels that come first is seen: ${name}`, async () => {
    const recording = record(net, picture);
    assert.deepEqual([recording.graph.tails, recording.graph.tailAxes], [["softmax"], [1]]);
    const logits = recording.outputs[0]!;
    close(logits.dataSync(), [...first(places(picture)).dataSync()]);
    recording.dispose();
    // Of one place and class the weights of the filter, and none of what a softmax mixes in.
    const { relevance } = await gradientTimesInput(net)(picture, { target: 7 });
    const own = [...picture.dataSync()].map((value, i) => (i % 12 === 2 ? -value : i % 12 === 3 ? 2 * value : 0));
    close(relevance, own);
    // By perturbation as well, where the graph must be the model with its softmax along that axis.
    const occluded = await occlusion(net, { window: [1, 1, 1], baseline: 0 })(picture, { target: 7 });
    close(occluded.relevance, own);
  });
}

test("log probabilities and mixed classes", () => {
  const tailsOf = (net: (v: tf.Tensor) => tf.Tensor) => {
    const recording = record(net, picture);
    const { tails } = recording.graph;
    recording.dispose();
    return tails[0];
  };
  assert.equal(
    tailsOf((v) => first(tf.logSoftmax(places(v)))),
    "logSoftmax",
  );
  assert.equal(
    tailsOf((v) => tf.reshape(first(tf.softmax(places(v))), [-1, 12])),
    "linear",
  );
  assert.equal(
    tailsOf((v) => tf.slice(tf.softmax(places(v)), [0, 0, 0, 0], [-1, -1, -1, 1])),
    "linear",
  );
  assert.equal(
    tailsOf((v) => tf.concat([tf.softmax(places(v)), tf.softmax(places(v))], 3)),
    "linear",
  );
});

test("prediction differences of a class at a place use the softmax along the channels", async () => {
  const net = channelsFirst["behind a transpose"]!;
  const background = tf.zeros([1, 2, 3, 2]);
  const options = { background, window: [1, 1, 2], samples: 1, trainingSize: 1e9 };
  const { output, relevance } = await predictionDifference(net, options)(picture, { target: 7 });
  const probabilities = net(picture).dataSync();
  close(output, [probabilities[7]!, probabilities[12 + 7]!], 1e-5);
  // Only the place itself is evidence: log₂ odds are those of the logits, which are 0 without it.
  const z = first(places(picture)).dataSync();
  const odds = (z[7]! - z[1]!) / Math.LN2;
  assert.ok(Math.abs(relevance[2]! - odds) < 1e-3 && Math.abs(relevance[0]!) < 1e-3, `${relevance[2]}, not ${odds}`);
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
