import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import { segmentFlipping, wordDeletion } from "../../../src/explainers/index.js";
import { saying } from "../../helpers/attributions.js";
import { linearModel } from "../../helpers/nets.js";
import { near, sum } from "../../helpers/numbers.js";
import { leavesNoTensors, normals } from "../../helpers/tensors.js";

/** What each of twenty words says for the first class, against the second; the padding, word 0, says nothing. */
const worth = tf.tidy(() => normals(5)(20).mul(tf.oneHot(0, 20).mul(-1).add(1)));
const bag = (texts: tf.Tensor) => {
  const said = tf.gather(worth, tf.cast(texts, "int32")).sum(1, true);
  return tf.concat([said, tf.neg(said)], 1);
};
const texts = tf.tensor2d([7, 3, 12, 19, 4, 0, 0, 0, 1, 2, 3, 4, 5, 6, 8, 9], [2, 8], "int32");
const worths = (text: number[]) => text.map((word) => worth.dataSync()[word]!);

test("words are deleted in order, padding is none of them, and a short text stays as its last word left it", async () => {
  const attribution = saying(tf.gather(worth, texts), [0, 1]);
  const { curves, flips, values } = await wordDeletion(bag, { words: 7, output: "logit" })({ x: texts, attribution });
  const first = worths([7, 3, 12, 19, 4]).toSorted((a, b) => b - a);
  const left = [sum(first)];
  for (const value of first) left.push(left.at(-1)! - value);
  near(curves[0]!.y, [...left, 0, 0], 1e-5);
  assert.equal(flips.orders[0]!.length, 5);
  near(values[0]!, sum([...left, 0, 0].map((y) => left[0]! - y)) / 8, 1e-5);
  // The other text explains the other class, whose output is the negative.
  const second = worths([1, 2, 3, 4, 5, 6, 8, 9]);
  near(curves[1]!.y[1]!, -(sum(second) - Math.max(...second)), 1e-5);
});

test("the decision of a text turns when what carries it is deleted, and comes back for one that was classified wrongly", async () => {
  const said = sum(worths([7, 3, 12, 19, 4])) > 0 ? 0 : 1;
  const relevance = tf.gather(worth, texts).mul(said === 0 ? 1 : -1);
  const found = await wordDeletion(bag, { words: 5 })({ x: texts, attribution: saying(relevance, said) });
  const steps = Array.from(found.curves[0]!.y);
  assert.equal(steps[0], 1);
  assert.ok(steps.includes(0), "never turned");
  const wrong = saying(relevance.neg(), 1 - said);
  const back = await wordDeletion(bag, { words: 5, order: "lerf" })({ x: texts, attribution: wrong });
  assert.equal(back.better, "lower");
  assert.equal(back.curves[0]!.y[0], 0);
  assert.ok(back.values[0]! < 0);
});

test("vectors of words are zeroed whole", async () => {
  const vectors = normals(6)(2, 5, 3);
  const weights = normals(7)(5, 3);
  const attribution = saying(vectors.mul(weights));
  const { curves } = await wordDeletion(linearModel(weights), { words: 5, output: "logit" })({
    x: vectors,
    attribution,
  });
  for (const sample of [0, 1]) {
    const of = vectors.mul(weights).sum(2).slice(sample, 1).dataSync<"float32">();
    const expected = [sum(of)];
    for (const value of Array.from(of).toSorted((a, b) => b - a)) expected.push(expected.at(-1)! - value);
    near(curves[sample]!.y, expected, 1e-4);
  }
});

test("segments of a signal fall by what they hold, and a straight line between their ends changes a line nowhere", async () => {
  const weights = normals(8)(20, 2);
  const model = linearModel(weights);
  const signals = normals(9)(2, 20, 2);
  const attribution = saying(signals.mul(weights));
  const { curves } = await segmentFlipping(model, { length: 5, replacement: 0 })({ x: signals, attribution });
  for (const sample of [0, 1]) {
    const held = signals.mul(weights).slice(sample, 1).reshape([4, 10]).sum(1).dataSync<"float32">();
    const expected = [sum(held)];
    for (const value of Array.from(held).toSorted((a, b) => b - a)) expected.push(expected.at(-1)! - value);
    near(curves[sample]!.y, expected, 1e-4);
  }
  const ramp = tf.range(0, 1, 0.05).reshape([1, 20, 1]).tile([1, 1, 2]);
  const inner = saying(tf.tensor([0, 0, 0, 0, 9, 9, 9, 9, 0, 0, 0, 0, 8, 8, 8, 8, 0, 0, 0, 0], [1, 20, 1]));
  const line = await segmentFlipping(model, { length: 4, segments: 2 })({ x: ramp, attribution: inner });
  const cut = await segmentFlipping(model, { length: 4, segments: 2, replacement: 0 })({ x: ramp, attribution: inner });
  const fall = (y: Float64Array) => Math.max(...y.map((value) => Math.abs(value - y[0]!)));
  assert.ok(fall(line.curves[0]!.y) < 0.1 * fall(cut.curves[0]!.y));
});

test("what is no text and no signal is refused by name, and nothing is left behind", async () => {
  const pictures = normals(1)(1, 4, 4, 2);
  const model = linearModel(normals(2)(4, 4, 2));
  await leavesNoTensors(async () => {
    await assert.rejects(
      wordDeletion(model)({ x: pictures, attribution: saying(pictures) }),
      /sequences .* for Word deletion/,
    );
    await assert.rejects(
      segmentFlipping(model)({ x: pictures, attribution: saying(pictures) }),
      /sequences .* for Segment flipping/,
    );
    const blank = tf.zeros([1, 8], "int32");
    const { values, warnings } = await wordDeletion(bag)({ x: blank, attribution: saying(blank) });
    assert.ok(Number.isNaN(values[0]));
    assert.match(warnings[0]!.message, /nothing to flip/);
    blank.dispose();
  });
});
