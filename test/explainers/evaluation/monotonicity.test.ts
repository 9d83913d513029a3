import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import {
  type Explain,
  evaluate,
  focus,
  gradientTimesInput,
  InputShapeError,
  type Model,
  monotonicity,
  relativeInputStability,
  relativeRepresentationStability,
  wordDeletion,
} from "../../../src/explainers/index.js";
import { convolutionalNet, linearModel } from "../../helpers/nets.js";
import { leavesNoTensors, normals } from "../../helpers/tensors.js";

const explain = (model: Model): Explain => gradientTimesInput(model);

test("monotonicity is the share of steps, from the least relevant feature to the most, that do not lower the output", () =>
  leavesNoTensors(async () => {
    const weights = tf.tensor1d([1, -2, 4, -1, 3]);
    const model = linearModel(weights);
    const x = tf.ones([1, 5]) as tf.Tensor2D;
    const attribution = await explain(model)(x, { target: 0 });
    const options = { steps: 5, replacement: 0, output: "logit" } as const;
    // In the order −2, −1, 1, 3, 4 two of five features lower it.
    const share = await monotonicity(model, options)({ x, attribution });
    assert.equal(share.values[0], 3 / 5);
    const strict = await monotonicity(model, { ...options, strict: true })({ x, attribution });
    assert.equal(strict.values[0], 0);
    // Turned round, the least relevant raise it as well: the order is the explanation's, what happens the model's.
    const size = attribution.relevance.map(Math.abs);
    const sizes = { ...attribution, relevance: size, inputs: [{ relevance: size, shape: attribution.shape }] };
    const rising = tf.tensor1d([1, 2, 4, 1, 3]);
    const positive = linearModel(rising);
    assert.equal((await monotonicity(positive, { ...options, strict: true })({ x, attribution: sizes })).values[0], 1);
    tf.dispose([weights, rising, x]);
  }));

test("relative representation stability by its formula, of the last hidden layer and of a named one", async () => {
  const net = tf.sequential({
    layers: [
      tf.layers.dense({ units: 4, inputShape: [3], activation: "sigmoid", name: "first" }),
      tf.layers.dense({ units: 3, activation: "sigmoid", name: "second" }),
      tf.layers.dense({ units: 2, name: "out" }),
    ],
  });
  const x = tf.tensor2d([[0.5, -1.2, 0.8]]);
  const draws = normals(3)(6, 3).mul(0.01) as tf.Tensor2D;
  const attribution = await explain(net)(x);
  const layers = (of: tf.Tensor): Record<string, Float32Array> => {
    const first = net.layers[0]!.apply(of) as tf.Tensor;
    const second = net.layers[1]!.apply(first) as tf.Tensor;
    return { first: first.dataSync<"float32">(), second: second.dataSync<"float32">() };
  };
  const relative = (a: Float32Array, b: Float32Array) =>
    Math.sqrt(a.reduce((sum, value, i) => sum + ((value - b[i]!) / value) ** 2, 0));
  for (const layer of [undefined, "first"]) {
    const found = await relativeRepresentationStability(net, { draws, ...(layer && { layer }) })({
      x,
      attribution,
      explain,
    });
    let most = 0;
    for (let draw = 0; draw < 6; draw++) {
      const moved = x.add(draws.slice(draw, 1)) as tf.Tensor2D;
      const other = await explain(net)(moved, { target: attribution.target as number[] });
      const [a, b] = [layers(x), layers(moved)].map((all) => all[layer ?? "second"]!);
      most = Math.max(most, relative(attribution.relevance, other.relevance) / relative(a!, b!));
    }
    assert.ok(Math.abs(found.values[0]! - most) <= 1e-2 * most, `${found.values[0]} instead of ${most}`);
    assert.deepEqual(found.warnings, []);
  }
  net.dispose();
});

test("a stability that entries of 0 make says so", async () => {
  const weights = tf.tensor1d([1, -2, 4]);
  const model = linearModel(weights);
  const x = tf.tensor2d([
    [2, 1, 0],
    [2, 1, 1],
  ]);
  const attribution = await explain(model)(x, { target: 0 });
  const { warnings } = await relativeInputStability(model, { radius: 0.01 })({ x, attribution, explain });
  assert.deepEqual(
    warnings.map(({ kind, sample }) => [kind, sample]),
    [
      ["meaningless", 0],
      ["meaningless", 0],
    ],
  );
  assert.match(warnings[0]!.message, /^Entries of the explanation that are 0 count as 0\.000001/);
  assert.match(warnings[1]!.message, /^Entries of the input/);
});

test("what a measure is not made for is refused before anything runs, and named in every cell of a grid", async () => {
  const net = convolutionalNet("softmax", 8);
  const x = normals(6)(2, 8, 8, 2);
  const attribution = await explain(net)(x);
  const unseen = (() => assert.fail("nothing is explained")) as unknown as Explain;
  await assert.rejects(wordDeletion(net)({ x, attribution, explain: () => unseen }), (error: Error) => {
    assert.ok(error instanceof InputShapeError);
    assert.match(error.message, /sequences .* for Word deletion.*\[2,8,8,2\]/);
    return true;
  });
  const rows = tf.ones([2, 3]);
  const table = linearModel(tf.tensor1d([1, 2, 3]));
  const said = await explain(table)(rows);
  await assert.rejects(focus(table)({ x: rows, attribution: said, masks: tf.ones([2, 3]) }), /pictures .* for /);
  const { rows: cells } = await evaluate(net, { x }, ["gradient-times-input"], ["word-deletion", "sparseness"]);
  const words = cells.filter(({ measure }) => /word/i.test(measure));
  assert.equal(words.length, 2);
  for (const { value, reason } of words) {
    assert.equal(value, null);
    assert.match(reason!, /Word deletion/);
  }
  assert.ok(cells.filter(({ measure }) => !/word/i.test(measure)).every(({ value }) => value !== null));
});
