import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import { gradientTimesInput, measures, pixelFlipping } from "../../../src/explainers/index.js";
import { saying } from "../../helpers/attributions.js";
import { linearModel } from "../../helpers/nets.js";
import { near, sum } from "../../helpers/numbers.js";
import { leavesNoTensors, normals } from "../../helpers/tensors.js";

const weights = normals(3)(4, 5, 2);
const x = normals(4)(3, 4, 5, 2);
const model = linearModel(weights, 0.5);

const contributions = tf.tidy(() => x.mul(weights));
const flat = (sample: number) => Array.from(contributions.dataSync().slice(sample * 40, (sample + 1) * 40));
const pixels = (sample: number) =>
  Array.from({ length: 20 }, (_, i) => flat(sample)[2 * i]! + flat(sample)[2 * i + 1]!);

test("a linear model's curve is the output less a sorted cumulative sum, by pixels and by entries", async () => {
  for (const channels of ["together", "apart"] as const) {
    const flips = pixelFlipping(model, { replacement: "zero", perStep: 1, channels });
    const { values, curves, flips: found } = await flips({ x, attribution: saying(contributions) });
    for (const sample of [0, 1, 2]) {
      const own = channels === "together" ? pixels(sample) : flat(sample);
      const expected = [sum(own) + 0.5];
      for (const contribution of own.toSorted((a, b) => b - a)) expected.push(expected.at(-1)! - contribution);
      near(curves[sample]!.y, expected, 1e-4);
      near(values[sample]!, sum(expected.map((y) => expected[0]! - y)) / expected.length, 1e-4);
      assert.equal(found.steps, own.length);
    }
  }
});

test("the order turns which value is better, and the least relevant first falls least", async () => {
  const scores = await Promise.all(
    (["morf", "lerf", "random"] as const).map((order) =>
      pixelFlipping(model, { replacement: 0, order })({ x, attribution: saying(contributions) }),
    ),
  );
  assert.deepEqual(
    scores.map(({ better }) => better),
    ["higher", "lower", "none"],
  );
  const [morf, lerf, random] = scores.map(({ values }) => values);
  for (const sample of [0, 1, 2]) {
    assert.ok(morf![sample]! > random![sample]! && random![sample]! > lerf![sample]!);
  }
});

test("a batch gives the numbers of its samples, and the same seed the same numbers", async () => {
  const attribution = saying(contributions);
  const all = await pixelFlipping(model, { seed: 5 })({ x, attribution });
  const again = await pixelFlipping(model)({ x, attribution }, { seed: 5 });
  assert.deepEqual(again.values, all.values);
  assert.equal(again.parameters["seed"], 5);
  const other = await pixelFlipping(model)({ x, attribution }, { seed: 6 });
  assert.notDeepEqual(other.values, all.values);
  for (const sample of [0, 1, 2]) {
    const one = tf.slice(x, sample, 1);
    const own = await pixelFlipping(model, { seed: 5 })({
      x: one,
      attribution: saying(tf.slice(contributions, sample, 1)),
    });
    near(own.values, all.values.slice(sample, sample + 1), 1e-6);
  }
});

test("the picture at a step is what the model saw at it", async () => {
  const score = await pixelFlipping(model, { steps: 7, replacement: "mean" })({
    x,
    attribution: saying(contributions),
  });
  for (const sample of [0, 2]) {
    for (const step of [0, 3, 7]) {
      const picture = tf.tensor(score.flips.imageAt(sample, step), [1, 4, 5, 2]);
      near(model(picture).dataSync()[0]!, score.curves[sample]!.y[step]!, 1e-4);
    }
  }
});

test("maps without order and maps that are not finite are named while the others go on", async () => {
  const broken = tf.tidy(() =>
    tf.concat([tf.fill([1, 4, 5, 2], 0.25), tf.fill([1, 4, 5, 2], NaN), tf.slice(contributions, 2, 1)]),
  );
  const { values, warnings, curves } = await pixelFlipping(model)({ x, attribution: saying(broken) });
  assert.deepEqual(
    warnings.map(({ kind, sample }) => [kind, sample]),
    [
      ["constant", 0],
      ["not-finite", 1],
    ],
  );
  assert.deepEqual(Array.from(values, Number.isNaN), [true, true, false]);
  assert.deepEqual(
    curves.map(({ sample }) => sample),
    [0, 2],
  );
});

test("of values that tie none is flipped for its place", async () => {
  const half = tf.tidy(() => tf.greater(normals(9)(1, 30, 30, 1), 0).cast("float32"));
  const taken = linearModel(normals(2)(30, 30, 1));
  const score = await pixelFlipping(taken, { perStep: 90 })({ x: half, attribution: saying(half) });
  const first = Array.from(score.flips.orders[0]!.subarray(0, 90));
  assert.ok(first.every((place) => half.dataSync()[place] === 1));
  const rows = first.map((place) => Math.floor(place / 30));
  assert.ok(Math.abs(sum(rows) / 90 - 14.5) < 3, `mean row ${sum(rows) / 90}`);
});

test("an explanation of a tensor target asks for it, and the targets of samples may differ", async () => {
  const { target, ...rest } = saying(contributions, [0, 1, 0]);
  const score = await pixelFlipping(model, { replacement: 0 })({ x, attribution: { ...rest, target } });
  near(score.values[1]!, 0);
  const asked = { x, attribution: { ...rest, target: [null, null, null] } };
  await assert.rejects(pixelFlipping(model)(asked), {
    name: "MissingEvidenceError",
    message: /Pixel flipping needs target/,
  });
  const oneHot = tf.tensor2d([
    [1, 0],
    [0, 1],
    [1, 0],
  ]);
  const given = await pixelFlipping(model, { replacement: 0 })({ ...asked, target: oneHot });
  near(given.values, score.values, 1e-6);
});

test("refuses what does not fit by name, aborts, and leaves no tensor", async () => {
  const attribution = saying(contributions);
  assert.throws(() => pixelFlipping(model, { steps: 0 }), { name: "ParameterError", message: /^steps must be/ });
  assert.throws(() => pixelFlipping(model, { replacement: "grey" as "gray" }), { name: "ParameterError" });
  const wide = tf.zeros([1, 3, 3, 7]);
  const two = tf.slice(x, 0, 2);
  const black = { replacement: "black" } as const;
  await leavesNoTensors(async () => {
    await assert.rejects(pixelFlipping(model, { replacement: wide })({ x, attribution }), { name: "ParameterError" });
    await assert.rejects(pixelFlipping(model, black)({ x, attribution }), /bounds of this model's input/);
    await assert.rejects(pixelFlipping(model)({ x: two, attribution }), { name: "InputShapeError" });
    const signal = { aborted: false };
    const onProgress = () => {
      signal.aborted = true;
    };
    await assert.rejects(pixelFlipping(model)({ x, attribution }, { signal, onProgress }), { name: "AbortedError" });
    await pixelFlipping(model)({ x, attribution });
  });
});

test("measures know themselves and are found by name", () => {
  for (const measure of measures) {
    assert.ok(measure.question.endsWith("?"), measure.id);
    assert.ok(measure.co12.length > 0 && measure.reference !== "", measure.id);
    assert.throws(() => measure(model, { nonsense: 1 }), { name: "ParameterError", message: /nonsense/ });
  }
  assert.equal(new Set(measures.map(({ id }) => id)).size, measures.length);
});

test("gradient × input of a net that is explained and measured in one go", async () => {
  const attribution = await gradientTimesInput(model)(x, { target: 0 });
  const score = await pixelFlipping(model, { replacement: 0, perStep: 1 })({ x, attribution });
  const said = await pixelFlipping(model, { replacement: 0, perStep: 1 })({ x, attribution: saying(contributions) });
  near(score.values, said.values, 1e-4);
});
