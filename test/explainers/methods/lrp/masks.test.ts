import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import {
  attention,
  attnLrp,
  type Composite,
  deepTaylorDecomposition,
  epsilon,
  epsilonPlus,
  type LrpAttribution,
  lrp,
  lrpRecurrent,
  type Model,
  recurrent,
  uniform,
} from "../../../../src/explainers/index.js";
import { close, largest, near, sum } from "../../../helpers/numbers.js";
import { normals } from "../../../helpers/tensors.js";

const draw = normals(21);
const normal = (seed: number) => tf.initializers.randomNormal({ stddev: 0.6, seed });
const [VOCABULARY, WIDTH] = [9, 4];
const table = draw(VOCABULARY, WIDTH);
const settings = () => ({
  units: 3,
  kernelInitializer: normal(1),
  recurrentInitializer: normal(2),
  biasInitializer: normal(3),
});
const cells: Record<string, () => tf.layers.Layer> = {
  LSTM: () => tf.layers.lstm({ ...settings(), unitForgetBias: false }),
  GRU: () => tf.layers.gru(settings()),
  "simple RNN": () => tf.layers.simpleRNN(settings()),
  "bidirectional simple RNN": () =>
    tf.layers.bidirectional({ layer: tf.layers.simpleRNN(settings()) as tf.RNN, mergeMode: "concat" }),
};

function reader(cell: () => tf.layers.Layer, inputLength: number, maskZero: boolean): tf.LayersModel {
  return tf.sequential({
    layers: [
      tf.layers.embedding({ inputDim: VOCABULARY, outputDim: WIDTH, inputLength, maskZero, weights: [table] }),
      cell(),
      tf.layers.dense({ units: 3, kernelInitializer: normal(5), biasInitializer: normal(6) }),
    ],
  });
}

function assertBooks(result: LrpAttribution, where: string): void {
  const scale = Math.max(1, largest(result.relevance));
  const booked = result.relevanceSum + result.biasRelevance + result.emptyRelevance;
  near(booked, sum(result.output), 1e-4 * scale, where);
  near(result.relevanceSum, sum(result.relevance), 1e-4 * scale, where);
  for (const { sum: arrived, passedOn, absorbedByBias, absorbedByEmpty, name, kind } of result.layers) {
    if (kind !== "input") near(arrived, passedOn + absorbedByBias + absorbedByEmpty, 1e-4 * scale, `${where}: ${name}`);
  }
}

const composites: Record<string, () => Composite> = {
  ε: () => uniform(epsilon({ epsilon: 0.01 }), { guard: 0.01 }),
  "ε-plus": () => epsilonPlus({ epsilon: 0.01 }),
  AttnLRP: () => attention({ epsilon: 0.01 }),
  recurrent: () => recurrent({ epsilon: 0.01 }),
};

for (const [name, cell] of Object.entries(cells)) {
  test(`masked ${name}: masked words get nothing, books balance, and with "distribute" the words have all`, async () => {
    const model = reader(cell, 6, true);
    for (const x of [tf.tensor2d([[0, 0, 4, 1, 0, 7]]), tf.tensor2d([[3, 8, 0, 1, 0, 0]], [1, 6], "int32")]) {
      const masked = Array.from(x.dataSync(), (word, t) => (word === 0 ? t : -1)).filter((t) => t >= 0);
      for (const [chosen, make] of Object.entries(composites)) {
        for (const bias of ["absorb", "ignore", "distribute"] as const) {
          const where = `${chosen}, ${bias}, ${x.dataSync()}`;
          const result = await lrp(model, { composite: make(), bias })(x, { target: 1 });
          assertBooks(result, where);
          for (const t of masked) assert.equal(Math.abs(result.relevance[t]!), 0, `${where}: word ${t} is masked`);
          if (bias === "distribute") near(result.relevanceSum, result.output[0]!, 1e-3, where);
          const isSaid = result.warnings.some(
            ({ kind, message }) => kind === "recurrent" && /lrp-recurrent/.test(message),
          );
          assert.equal(isSaid, chosen !== "recurrent", where);
        }
      }
    }
  });
}

test("a padded sentence has the relevance of the sentence without its padding, also where nothing may be kept", async () => {
  for (const name of ["LSTM", "GRU", "simple RNN"]) {
    const [padded, short] = [reader(cells[name]!, 6, true), reader(cells[name]!, 3, false)];
    short.setWeights(padded.getWeights());
    for (const options of [{ biasFactor: 0 }, { biasFactor: 1 }, { bias: "distribute" as const }]) {
      const settings = { epsilon: 1e-5, ...options };
      const wanted = await lrpRecurrent(short, settings)(tf.tensor2d([[1, 5, 2]]), { target: 1 });
      for (const [x, before] of [
        [tf.tensor2d([[0, 0, 0, 1, 5, 2]]), 3],
        [tf.tensor2d([[1, 5, 2, 0, 0, 0]]), 0],
      ] as const) {
        const found = await lrpRecurrent(padded, settings)(x, { target: 1 });
        const expected = [...Array(before).fill(0), ...wanted.relevance, ...Array(3 - before).fill(0)];
        close(found.relevance, expected, 2e-2, `${name}, ${JSON.stringify(options)}, ${before} before`);
      }
    }
  }
});

test("LRP of masks has its closed forms", async () => {
  const w = tf.tensor2d([2, -1, 3], [3, 1]);
  const x = tf.tensor2d([1, -2, 3], [1, 3]);
  const condition = (x: tf.Tensor) => tf.greater(x, 0);
  const mask = (x: tf.Tensor) => tf.cast(condition(x), "float32");
  const read = (x: tf.Tensor) => tf.matMul(x as tf.Tensor2D, w);
  const cases: [string, Model, number[], number[]][] = [
    // Model, relevance, and relevance with "distribute".
    ["a product", (x: tf.Tensor) => read(tf.mul(x, mask(x))), [2, 0, 9], [2, 0, 9]],
    ["a product of gates", (x: tf.Tensor) => read(tf.mul(mask(x), tf.clipByValue(x, -5, 5))), [2, 0, 9], [2, 0, 9]],
    // 1 + 4 and 3 + 4: what the mask adds is as a bias, 10 · 4/5 and 21 · 4/7.
    ["a sum", (x: tf.Tensor) => read(tf.add(x, tf.mul(mask(x), 4))), [2, 2, 9], [10, 2, 21]],
    ["a choice", (x: tf.Tensor) => read(tf.where(condition(x), tf.mul(x, 2), tf.mul(x, 5))), [4, 10, 18], [4, 10, 18]],
    ["a choice of nothing", (x: tf.Tensor) => read(tf.where(condition(x), x, tf.zerosLike(x))), [2, 0, 9], [2, 0, 9]],
    [
      "a mean of what is not masked",
      (x: tf.Tensor) => tf.div(read(tf.mul(x, mask(x))), tf.sum(mask(x), 1, true)),
      [1, 0, 4.5],
      [1, 0, 4.5],
    ],
    [
      "a matrix of masks",
      (x: tf.Tensor) =>
        tf.reshape(tf.matMul(tf.reshape(tf.mul(x, w.flatten()), [-1, 1, 3]), tf.reshape(mask(x), [-1, 3, 1])), [-1, 1]),
      [2, 0, 9],
      [2, 0, 9],
    ],
  ];
  for (const [name, model, absorbed, distributed] of cases) {
    const composite = uniform(epsilon({ epsilon: 1e-9 }), { guard: 1e-9 });
    const kept = await lrp(model, { composite })(x, { target: 0 });
    near(kept.relevance, absorbed, 1e-4, name);
    assertBooks(kept, name);
    const whole = await lrp(model, { composite, bias: "distribute" })(x, { target: 0 });
    near(whole.relevance, distributed, 1e-4, `${name}, distributed`);
    assertBooks(whole, name);
  }
});

test("an output that a mask alone makes is the mask's", async () => {
  const model: Model = (x: tf.Tensor) => tf.sum(tf.cast(tf.greater(x, 0), "float32"), 1, true);
  for (const explain of [attnLrp(model), deepTaylorDecomposition(model, undefined, { low: -1, high: 1 })]) {
    const result = await explain(tf.tensor2d([[1, -1, 2]]), { target: 0 });
    near(result.relevance, [0, 0, 0]);
    near(result.biasRelevance!, 2);
  }
});
