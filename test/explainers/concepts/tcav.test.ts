import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import {
  AbortedError,
  InputShapeError,
  LayerError,
  ParameterError,
  release,
  tcav,
} from "../../../src/explainers/index.js";
import { type Random, seededRandom } from "../../../src/explainers/numerics/random.js";

const DIMENSIONS = 24;

/** A net of one hidden layer, one unit of which looks along the first coordinate; class 1 is what it finds, and a little of the rest. */
function detector(seed: number, own = 3): tf.LayersModel {
  const random = seededRandom(seed);
  const units = 16;
  const kernel = random.gaussians(DIMENSIONS * units).map((value) => value / Math.sqrt(DIMENSIONS));
  for (let i = 0; i < DIMENSIONS; i++) kernel[i * units] = i === 0 ? 2 : 0;
  const top = random.gaussians(units * 2).map((value) => 0.3 * value);
  top[1] = own;
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ name: "hidden", inputShape: [DIMENSIONS], units, activation: "relu" }),
      tf.layers.dense({ name: "logits", units: 2 }),
    ],
  });
  model.setWeights([
    tf.tensor2d(kernel, [DIMENSIONS, units]),
    tf.fill([units], 0.2),
    tf.tensor2d(top, [units, 2]),
    tf.zeros([2]),
  ]);
  return model;
}

/** Pictures of noise, of which a concept has a first coordinate of its own. */
const pictures = (random: Random, count: number, first = 0): tf.Tensor2D => {
  const values = random.gaussians(count * DIMENSIONS);
  for (let row = 0; row < count; row++) values[row * DIMENSIONS]! += first;
  return tf.tensor2d(values, [count, DIMENSIONS]);
};

test("a planted concept is found, whatever separates, and nothing is left behind", async () => {
  const random = seededRandom(1);
  const model = detector(1);
  const [planted, nothing, others, inputs] = [
    pictures(random, 40, 3),
    pictures(random, 40),
    pictures(random, 1200),
    pictures(random, 50, 1),
  ];
  const before = tf.memory().numTensors;
  for (const separator of ["logistic", "hinge", "means"] as const) {
    const explain = tcav(model, { layers: ["hidden"], concepts: { planted, nothing }, random: others, separator });
    const { scores, randomSets, warnings } = await explain(inputs, { target: 1 });
    assert.equal(randomSets, 30);
    const [found, random] = scores;
    assert.ok(found!.score > 0.9, `${separator}: ${found!.score}`);
    assert.ok(found!.correctedPValue! < 0.01 && found!.significant, `${separator}: ${found!.correctedPValue}`);
    assert.ok(found!.accuracy > 0.85, `${separator}: ${found!.accuracy}`);
    assert.ok(!random!.significant, `${separator}: ${random!.correctedPValue}`);
    assert.ok(warnings.some((warning) => warning.includes('"nothing" are told from others')));
    // More sets narrow the interval.
    const widths = found!.bySets.map(({ magnitudeInterval }) => magnitudeInterval![1] - magnitudeInterval![0]);
    assert.ok(widths.at(-1)! < widths[0]!);
    assert.equal(found!.bySets.at(-1)!.pValue, found!.pValue);
  }
  release(model);
  assert.equal(tf.memory().numTensors, before);
});

test("derivatives and places are those of the direction in the layer's own space, written out", async () => {
  const random = seededRandom(4);
  const model = detector(4);
  const [planted, others, inputs] = [pictures(random, 12, 2), pictures(random, 36), pictures(random, 9)];
  const { scores } = await tcav(model, { layers: "hidden", concepts: { planted }, random: others, separator: "means" })(
    inputs,
    { target: 1 },
  );
  // The same with the layer and what follows it as functions of their own.
  const [kernel, bias, top] = model.getWeights() as [tf.Tensor2D, tf.Tensor1D, tf.Tensor2D];
  const hidden = (x: tf.Tensor2D) => tf.relu(tf.add(tf.matMul(x, kernel), bias)) as tf.Tensor2D;
  const gradient = tf.grad((h) => tf.sum(tf.slice(tf.matMul(h as tf.Tensor2D, top), [0, 1], [-1, 1])))(
    hidden(inputs),
  ) as tf.Tensor2D;
  const order = seededRandom(0).permutation(36);
  const expected = [0, 1, 2].map((set) => {
    const rows = tf.gather(others, tf.tensor1d([...order.slice(12 * set, 12 * set + 12)], "int32"));
    const direction = tf.sub(tf.mean(hidden(planted), 0), tf.mean(hidden(rows), 0));
    const derivatives = tf
      .squeeze(tf.matMul(gradient, tf.reshape(tf.div(direction, tf.norm(direction)), [-1, 1])))
      .dataSync();
    return {
      share: Array.from(derivatives).filter((v) => v > 0).length / 9,
      mean: Array.from(derivatives).reduce((a, b) => a + b, 0) / 9,
    };
  });
  scores[0]!.scores.forEach((value, set) => {
    assert.ok(Math.abs(value - expected[set]!.share) < 1e-6);
  });
  scores[0]!.magnitudes.forEach((value, set) => {
    assert.ok(Math.abs(value - expected[set]!.mean) < 1e-5);
  });
});

test("random concepts are found significant as often as the level says, over 20 seeds", async (context) => {
  let found = 0;
  let runs = 0;
  for (let seed = 0; seed < 20; seed++) {
    const random = seededRandom(100 + seed);
    const model = detector(seed, 1);
    const concepts = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`random ${i}`, pictures(random, 20)]));
    const options = {
      layers: "hidden",
      concepts,
      random: pictures(random, 240),
      folds: 2,
      correction: "none",
    } as const;
    const inputs = pictures(random, 20);
    const { scores } = await tcav(model, options)(inputs, { target: 1 });
    found += scores.filter(({ significant }) => significant).length;
    if (seed % 2 === 0) {
      const asPublished = await tcav(model, { ...options, test: "runs" })(inputs, { target: 1 });
      runs += asPublished.scores.filter(({ significant }) => significant).length;
    }
    release(model);
  }
  context.diagnostic(`${found} of 200 random concepts significant at 5 %; ${runs} of 100 by the published test`);
  // 200 tests at 5 %: 10 expected; those of one seed share their random sets.
  assert.ok(found >= 2 && found <= 22, `${found} of 200`);
  // Why the test of the paper is not the default.
  assert.ok(runs > 12, `${runs} of 100 by the runs of one concept`);
});

test("concepts compared with one another find the one that differs, and mirror each other where there are two", async () => {
  const random = seededRandom(7);
  const model = detector(7);
  const concepts = { planted: pictures(random, 30, 3), other: pictures(random, 30, -1) };
  const { scores } = await tcav(model, { layers: "hidden", concepts, random: pictures(random, 600), relative: true })(
    pictures(random, 30, 1),
    { target: 1 },
  );
  assert.deepEqual(scores[0]!.against, ["other"]);
  assert.ok(scores[0]!.significant && scores[0]!.score > 0.9);
  assert.ok(Math.abs(scores[0]!.score + scores[1]!.score - 1) < 1e-6);
  assert.ok(Math.abs(scores[0]!.magnitude + scores[1]!.magnitude) < 1e-6);
});

test("several layers come of one pass, and each is what it is alone; a map's positions can be averaged", async () => {
  const random = seededRandom(9);
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({
        name: "first",
        inputShape: [8, 8, 1],
        filters: 3,
        kernelSize: 3,
        activation: "relu",
        kernelInitializer: tf.initializers.glorotNormal({ seed: 1 }),
      }),
      tf.layers.conv2d({
        name: "second",
        filters: 4,
        kernelSize: 3,
        activation: "tanh",
        kernelInitializer: tf.initializers.glorotNormal({ seed: 2 }),
      }),
      tf.layers.flatten(),
      tf.layers.dense({ name: "logits", units: 3, kernelInitializer: tf.initializers.glorotNormal({ seed: 3 }) }),
    ],
  });
  const images = (count: number) => tf.tensor4d(random.gaussians(count * 64), [count, 8, 8, 1]);
  const options = { concepts: { some: images(10) }, random: images(40) };
  const inputs = images(70);
  for (const pooling of ["none", "mean"] as const) {
    const both = await tcav(model, { ...options, layers: ["second", "first"], pooling })(inputs, { target: 2 });
    for (const layer of ["first", "second"]) {
      const alone = await tcav(model, { ...options, layers: layer, pooling })(inputs, { target: 2 });
      const own = both.scores.find((score) => score.layer === layer)!;
      assert.ok(Math.abs(own.magnitude - alone.scores[0]!.magnitude) < 1e-6, `${layer} ${pooling}`);
      assert.deepEqual(own.order, alone.scores[0]!.order);
    }
  }
  await assert.rejects(tcav(model, { ...options, layers: "frist" })(inputs, { target: 2 }), LayerError);
  await assert.rejects(
    tcav(model, { ...options, layers: "first", memoryBudget: 1e4 })(inputs, { target: 2 }),
    /memoryBudget.*pooling/s,
  );
});

test("what cannot be compared is refused by name", async () => {
  const random = seededRandom(11);
  const model = detector(11);
  const concepts = { planted: pictures(random, 10, 2) };
  const inputs = pictures(random, 5);
  const options = { layers: "hidden", concepts, random: pictures(random, 40) };
  assert.throws(() => tcav(model, { ...options, layers: [] }), ParameterError);
  assert.throws(() => tcav(model, { ...options, relative: true }), /relative.*one concept/s);
  await assert.rejects(tcav(model, { ...options, concepts: {} })(inputs), ParameterError);
  await assert.rejects(
    tcav(model, { ...options, random: pictures(random, 20) })(inputs),
    /at least 30 pictures.*20 pictures/s,
  );
  await assert.rejects(tcav(model, { ...options, random: tf.zeros([30, 7]) })(inputs), InputShapeError);
  const controller = new AbortController();
  const onProgress = () => controller.abort();
  const before = tf.memory().numTensors;
  await assert.rejects(
    tcav(model, options)(inputs, { target: 1, signal: controller.signal, onProgress }),
    AbortedError,
  );
  release(model);
  assert.equal(tf.memory().numTensors, before);
});

test("a tensor as target weighs each input's outputs, over several batches", async () => {
  const random = seededRandom(12);
  const model = detector(12);
  const [planted, others, inputs] = [pictures(random, 10, 2), pictures(random, 30), pictures(random, 150)];
  const classes = Array.from({ length: 150 }, (_, input) => input % 2);
  const find = tcav(model, { layers: "hidden", concepts: { planted }, random: others, separator: "means" });
  const byIndex = await find(inputs, { target: classes });
  const before = tf.memory().numTensors;
  const byTensor = await find(inputs, { target: tf.tidy(() => tf.oneHot(classes, 2).toFloat()) });
  // The target itself is the caller's.
  assert.equal(tf.memory().numTensors, before + 1);
  assert.deepEqual(byTensor.scores[0]!.magnitudes, byIndex.scores[0]!.magnitudes);
  assert.deepEqual(byTensor.output, byIndex.output);
});
