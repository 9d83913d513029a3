import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import { contrastOf } from "../../../src/explainers/concepts/spray/strategy-region.js";
import {
  AbortedError,
  fillRegion,
  ParameterError,
  strategyRegion,
  withoutRegion,
} from "../../../src/explainers/index.js";
import { seededRandom } from "../../../src/explainers/numerics/random.js";

const SIZE = 6;

/** Class 1 where the upper left pixel is bright, class 0 otherwise: nothing else is looked at. */
function cornerModel(): tf.LayersModel {
  const weights = new Float32Array(SIZE * SIZE * 2);
  [weights[0], weights[1]] = [-8, 8];
  const model = tf.sequential({
    layers: [tf.layers.flatten({ inputShape: [SIZE, SIZE, 1] }), tf.layers.dense({ units: 2, name: "logits" })],
  });
  model.setWeights([tf.tensor2d(weights, [SIZE * SIZE, 2]), tf.tensor1d([4, -4])]);
  return model;
}

/** Dark pictures, of which those of class 1 have a bright corner; one in ten is labeled otherwise. */
function labeled(count: number) {
  const random = seededRandom(1);
  const classes = Array.from({ length: count }, (_, i) => i % 2);
  const pixels = random.uniforms(count * SIZE * SIZE).map((value) => 0.2 * value);
  classes.forEach((own, i) => {
    const isOdd = i % 10 === 3;
    pixels[i * SIZE * SIZE] = Number((own === 1) !== isOdd);
  });
  return { x: tf.tensor4d(pixels, [count, SIZE, SIZE, 1]), classes };
}

const corner = Uint8Array.from({ length: SIZE * SIZE }, (_, at) => Number(at === 0));

test("without the one pixel that is looked at, the class that bears it falls and the other does not", async () => {
  const model = cornerModel();
  const data = labeled(60);
  const measure = withoutRegion(model, { replacement: "neighbors", batch: 7 });
  // What a model keeps from its first use on is no leak.
  await measure(data, corner);
  const before = tf.memory().numTensors;
  const found = await measure(data, corner);
  assert.equal(tf.memory().numTensors, before);
  const [dark, bright] = found.classes;
  assert.deepEqual([dark!.class, bright!.class], [0, 1]);
  assert.deepEqual([dark!.count, bright!.count], [30, 30]);
  // Worked by hand: of 30 bright ones 6 have a dark corner; filled in, all are called dark.
  assert.equal(bright!.accuracy.before.value, 24 / 30);
  assert.equal(bright!.accuracy.after.value, 0);
  assert.equal(bright!.accuracy.difference.value, -24 / 30);
  assert.equal(dark!.accuracy.before.value, 1);
  assert.equal(dark!.accuracy.after.value, 1);
  assert.equal(found.all.accuracy.before.value, 54 / 60);
  assert.equal(found.share, 1 / 36);
  // Probabilities are those of the softmax.
  const softmax = tf.tidy(() => tf.softmax(model.predict(data.x) as tf.Tensor).arraySync() as number[][]);
  data.classes.forEach((own, i) => {
    assert.ok(Math.abs(found.probabilities.before[i]! - softmax[i]![own]!) < 1e-6);
  });
  const { low, value, high } = bright!.probability.difference;
  assert.ok(low < value && value < high && high < 0);
});

test("intervals are Wilson's, and Agresti and Min's for the difference", async () => {
  const found = await withoutRegion(cornerModel(), { replacement: "neighbors" })(labeled(60), corner);
  const { before, after, difference } = found.classes[1]!.accuracy;
  // Of 24 in 30, worked out with Python; of 0 in 30 the upper end is z² / (n + z²).
  assert.ok(Math.abs(before.low - 0.6269430358685) < 1e-9 && Math.abs(before.high - 0.9049489282271) < 1e-9);
  const z = 1.959963984540054;
  assert.ok(Math.abs(after.low) < 1e-12 && Math.abs(after.high - z ** 2 / (30 + z ** 2)) < 1e-9);
  // 24 lost, 0 won, of 30: (0.5 − 24.5)/32 ± z √((0.5/32 + 24.5/32 − 0.75²)/32).
  const half = z * Math.sqrt((25 / 32 - 0.75 ** 2) / 32);
  assert.ok(Math.abs(difference.low - (-0.75 - half)) < 1e-9 && Math.abs(difference.high - (-0.75 + half)) < 1e-9);
  // Where nothing changes, the interval is not of width 0.
  const same = found.classes[0]!.accuracy;
  assert.ok(same.before.low < 0.95 && same.difference.low < 0 && same.difference.high > 0);
});

test("regions and classes that do not fit are refused by name, and a run can be stopped", async () => {
  const data = labeled(20);
  const measure = withoutRegion(cornerModel(), { replacement: "mean" });
  await assert.rejects(measure(data, new Uint8Array(5)), ParameterError);
  await assert.rejects(measure(data, new Uint8Array(SIZE * SIZE)), /empty/);
  await assert.rejects(measure(data, new Uint8Array(SIZE * SIZE).fill(1)), /whole picture/);
  await assert.rejects(measure({ x: data.x, classes: [0, 1] }, corner), /classes/);
  await assert.rejects(measure({ x: data.x, classes: data.classes.map(() => 2) }, corner), /classes\[0\]/);
  assert.throws(() => withoutRegion(cornerModel(), { replacement: "gold" as never }), ParameterError);
  const controller = new AbortController();
  const slow = withoutRegion(cornerModel(), { replacement: "mean", batch: 5 });
  await slow(data, corner);
  const before = tf.memory().numTensors;
  await assert.rejects(
    slow(data, corner, { signal: controller.signal, onProgress: () => controller.abort() }),
    AbortedError,
  );
  assert.equal(tf.memory().numTensors, before);
});

test("the region of a group is where its mean exceeds the others' most", () => {
  // Two maps with a peak at place 4, two with one at place 7, of 3 × 3.
  const relevance = new Float32Array(4 * 9).fill(0.1);
  for (const [map, place] of [
    [0, 4],
    [1, 4],
    [2, 7],
    [3, 7],
  ] as const)
    relevance[map * 9 + place] = 2;
  const maps = { relevance, shape: [4, 3, 3] };
  assert.deepEqual([...strategyRegion(maps, [0, 1], 0.12)], [0, 0, 0, 0, 1, 0, 0, 0, 0]);
  const contrast = contrastOf(maps, [2, 3]);
  assert.ok(Math.abs(contrast[7]! - 1.9) < 1e-6 && Math.abs(contrast[4]! + 1.9) < 1e-6);
  // Channels count together; of all maps the mean itself counts.
  const colored = {
    relevance: Float32Array.from({ length: 4 * 18 }, (_, at) => relevance[at >> 1]! / 2),
    shape: [4, 3, 3, 2],
  };
  assert.deepEqual([...strategyRegion(colored, [2, 3], 0.12)], [...strategyRegion(maps, [2, 3], 0.12)]);
  assert.ok(Math.abs(contrastOf(maps, [0, 1, 2, 3])[4]! - 1.05) < 1e-6);
  assert.throws(() => strategyRegion(maps, []), ParameterError);
  assert.throws(() => strategyRegion(maps, [4]), ParameterError);
  assert.throws(() => strategyRegion(maps, [0], 0), ParameterError);
});

test("a region is filled in as it is measured, elsewhere nothing changes, and no tensor is left", () => {
  const model = cornerModel();
  const { x } = labeled(12);
  fillRegion(model)(x, corner).dispose();
  const before = tf.memory().numTensors;
  const filled = fillRegion(model)(x, corner);
  assert.equal(tf.memory().numTensors, before + 1);
  const [was, is] = [x.dataSync(), filled.dataSync()];
  was.forEach((value, at) => {
    if (at % (SIZE * SIZE) !== 0) assert.equal(is[at], value);
    else assert.ok(is[at]! <= 0.2, "what is around the corner is dark");
  });
  assert.deepEqual(
    Array.from(fillRegion(model, { replacement: 0.5 })(x, corner).dataSync()).filter((_, at) => at % 36 === 0),
    Array(12).fill(0.5),
  );
  assert.throws(() => fillRegion(model)(x, [1, 0]), ParameterError);
  filled.dispose();
});
