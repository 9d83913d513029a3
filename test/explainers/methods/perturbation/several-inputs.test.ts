import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import {
  type Explain,
  featureAblation,
  InputShapeError,
  kernelShap,
  lime,
  type Model,
  occlusion,
  predictionDifference,
  record,
  rise,
  scoreCam,
  shapleyValues,
} from "../../../../src/explainers/index.js";
import { near, sum } from "../../../helpers/numbers.js";
import { leavesNoTensors, normals } from "../../../helpers/tensors.js";

const first = tf.input({ shape: [4] });
const second = tf.input({ shape: [3] });
const adder = tf.layers.dense({ units: 1 });
const output = adder.apply(tf.layers.concatenate().apply([first, second]) as tf.SymbolicTensor) as tf.SymbolicTensor;
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
  // Its graph is kept until it is released, from the first look on.
  tf.tidy(() => record(net, x).dispose());
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

/* A picture [4, 4, 2] beside a row [3], and words: linear, so that every feature's share is the sum of its entries'. */
const draw = normals(5);
const [ofPicture, ofRow, table] = [draw(32, 1), draw(3, 1), draw(9, 1)];
const mixed: Model = (picture: tf.Tensor, row: tf.Tensor) =>
  tf.add(
    tf.matMul(tf.reshape(picture, [-1, 32]) as tf.Tensor2D, ofPicture as tf.Tensor2D),
    tf.matMul(row as tf.Tensor2D, ofRow as tf.Tensor2D),
  );
const picture = draw(2, 4, 4, 2);
const row = draw(2, 3);
const both = [picture, row];
const entries = (x: tf.Tensor, weights: tf.Tensor): number[] =>
  Array.from(tf.tidy(() => tf.mul(tf.reshape(x, [2, -1]), tf.reshape(weights, [1, -1])).dataSync()));
const [shares, columns] = [entries(picture, ofPicture), entries(row, ofRow)];

/** What the entries of each cell of a grid of 2 × 2 cells have together, entry by entry. */
function ofCells(values: readonly number[]): number[] {
  const cell = (i: number) => {
    const [sample, place] = [Math.floor(i / 32), Math.floor((i % 32) / 2)];
    return sample * 4 + Math.floor(place / 8) * 2 + Math.floor((place % 4) / 2);
  };
  const sums = new Float64Array(8);
  values.forEach((value, i) => {
    sums[cell(i)]! += value;
  });
  return values.map((_, i) => sums[cell(i)]!);
}

test("a picture's cells and a row's columns are features of one game, each input with its own relevance", async () => {
  const grid = { features: "grid", cells: 2, baseline: 0 } as const;
  const explainers: Record<string, Explain> = {
    "Kernel SHAP": kernelShap(mixed, grid),
    "Shapley values": shapleyValues(mixed, grid),
    "feature ablation": featureAblation(mixed, grid),
    LIME: lime(mixed, { ...grid, sampling: "independent", surrogate: "leastSquares", featureSelection: "none" }),
    occlusion: occlusion(mixed, { window: [2, 2], strides: [2, 2], baseline: 0 }),
  };
  for (const [name, explain] of Object.entries(explainers)) {
    const result = await leavesNoTensors(() => explain(both, { target: 0 }));
    assert.deepEqual(
      result.inputs.map(({ shape }) => shape),
      [
        [2, 4, 4, 2],
        [2, 3],
      ],
    );
    near(result.inputs[0]!.relevance, ofCells(shares), 2e-3, name);
    near(result.inputs[1]!.relevance, columns, 2e-3, name);
    assert.equal(result.channels, "repeated", name);
  }
});

test("superpixels and their means are the picture's; every input has a baseline of its own", async () => {
  const options = { segments: 4, baseline: [tf.tensor1d([0.5, -0.5]), 1] } as const;
  const { inputs, features } = await featureAblation(mixed, options)(both, { target: 0 });
  const { ids, values } = features[0]!;
  assert.equal(ids.length, 35, "entries of both inputs");
  assert.equal(new Set(ids).size, values.length);
  assert.deepEqual([...ids.slice(-3)], [values.length - 3, values.length - 2, values.length - 1]);
  const against = entries(tf.sub(row, 1), ofRow);
  near(inputs[1]!.relevance, against, 1e-4);
  // Together a sample's features have what the picture has against gray.
  const change = entries(tf.sub(picture, tf.tensor1d([0.5, -0.5])), ofPicture);
  near(sum(values.slice(0, -3)), sum(change.slice(0, 32)), 1e-3);
  // By default what LIME hides in a picture are features' means, and in a row it is 0.
  const surrogate = { surrogate: "leastSquares", featureSelection: "none", samples: 300 } as const;
  const found = await lime(mixed, { segments: 4, ...surrogate })(both, { target: 0 });
  near(found.inputs[1]!.relevance, columns, 1e-3);
  const alone = await lime(
    (x: tf.Tensor) => (mixed as (...x: tf.Tensor[]) => tf.Tensor)(x, row.slice(0, 1).tile([x.shape[0]!, 1])),
    {
      segments: 4,
      ...surrogate,
    },
  )(picture.slice(0, 1), { target: 0 });
  near(found.inputs[0]!.relevance.slice(0, 32), alone.relevance, 1e-3);
  await assert.rejects(kernelShap(mixed, { baseline: [0] })(both), /list of 1/);
  await assert.rejects(kernelShap(mixed, { baseline: tf.zeros([3]) })(both), /a list, one for each/);
});

test("a background has rows of every input that belong together", async () => {
  const background = [draw(3, 4, 4, 2), draw(3, 3)];
  const result = await shapleyValues(mixed, { features: "grid", cells: 2, background })(both, { target: 0 });
  const mean = tf.mean(background[1]!, 0, true);
  near(result.inputs[1]!.relevance, entries(tf.sub(row, mean), ofRow), 1e-3);
  near(
    result.inputs[0]!.relevance,
    ofCells(entries(tf.sub(picture, tf.mean(background[0]!, 0, true)), ofPicture)),
    1e-3,
  );
  await assert.rejects(kernelShap(mixed, { background: background[0]! })(both), /one tensor for each/);
  await assert.rejects(kernelShap(mixed, { background: [background[0]!, draw(2, 3)] })(both), /as many rows/);
});

test("RISE masks every input by itself and all at once", async () => {
  const settings = { masks: 6000, cells: 4, interpolation: "nearest", estimate: "difference", baseline: 0 } as const;
  const { inputs } = await rise(mixed, settings)([picture.slice(0, 1), row.slice(0, 1)], { target: 0 });
  // One cell a place: what a place has is both its channels', without bias.
  const places = Array.from({ length: 32 }, (_, i) => shares[i - (i % 2)]! + shares[i - (i % 2) + 1]!);
  near(inputs[0]!.relevance, places, 0.25);
  near(inputs[1]!.relevance, columns.slice(0, 3), 0.25);
});

test("words beside a picture are hidden by their number", async () => {
  const model: Model = (picture: tf.Tensor, words: tf.Tensor) =>
    tf.add(
      tf.matMul(tf.reshape(picture, [-1, 32]) as tf.Tensor2D, ofPicture as tf.Tensor2D),
      tf.sum(tf.gather(table, words.toInt()), 1),
    );
  const words = tf.tensor2d([3, 1, 8, 0, 2, 5], [2, 3], "int32");
  const { inputs } = await featureAblation(model, { features: "grid", cells: 2, baseline: [0, "padding"] })(
    [picture, words],
    {
      target: 0,
    },
  );
  const worth = table.dataSync();
  near(
    inputs[1]!.relevance,
    Array.from(words.dataSync(), (word) => worth[word]! - worth[0]!),
    1e-4,
  );
  near(inputs[0]!.relevance, ofCells(shares), 1e-4);
});

test("what has no way to explain inputs together is refused with what has", async () => {
  for (const explain of [predictionDifference(mixed), scoreCam(mixed)]) {
    await assert.rejects(
      () => explain(both, { target: 0 }),
      (error: unknown) => error instanceof InputShapeError && /LIME, SHAP, RISE, occlusion/.test(error.message),
    );
  }
  await assert.rejects(
    occlusion(mixed)([picture, row.slice(0, 1)]),
    /has to be of 2 samples in every tensor, but is of shape \[1,/,
  );
});
