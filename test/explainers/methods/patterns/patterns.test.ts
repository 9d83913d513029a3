import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import {
  epsilon,
  fitPatterns,
  gradientTimesInput,
  loadPatterns,
  lrp,
  ParameterError,
  PatternsError,
  patternAttribution,
  patternNet,
  savePatterns,
  sensitivity,
  uniform,
} from "../../../../src/explainers/index.js";
import { seededRandom } from "../../../../src/explainers/numerics/random.js";
import { near } from "../../../helpers/numbers.js";

/** Kindermans' toy: signal s in the direction [1, 0], distractor d in [1, 1], and the filter [1, −1] that finds s. */
function toy(count: number): { x: tf.Tensor2D; model: (x: tf.Tensor) => tf.Tensor; weights: tf.Tensor2D } {
  const random = seededRandom(3);
  const rows = Array.from({ length: count }, () => {
    const [s, d] = [random.gaussian(), random.gaussian()];
    return [s + d, d];
  });
  const weights = tf.tensor2d([[1], [-1]]);
  return { x: tf.tensor2d(rows), model: (x) => tf.matMul(x as tf.Tensor2D, weights), weights };
}

test("PatternNet finds the signal of Kindermans' toy; gradient, LRP and gradient × input point elsewhere", async (t) => {
  const { x, model } = toy(20_000);
  const patterns = await fitPatterns(model, [x]);
  near(patterns.layers[0]!.values, [1, 0], 0.02);

  const sample = tf.tensor2d([[3, 1]]); // s = 2, d = 1
  const signal = await patternNet(model, { patterns })(sample, { target: 0 });
  near(signal.relevance, [2, 0], 0.05);
  const attribution = await patternAttribution(model, { patterns })(sample, { target: 0 });
  near(attribution.relevance, [2, 0], 0.05);

  const gradient = await sensitivity(model, { kind: "signed" })(sample, { target: 0 });
  near(gradient.relevance, [1, -1], 1e-6);
  const relevance = await lrp(model, { composite: uniform(epsilon({ epsilon: 1e-9 })) })(sample, { target: 0 });
  near(relevance.relevance, [3, -1], 1e-5);
  const product = await gradientTimesInput(model)(sample, { target: 0 });
  near(product.relevance, [3, -1], 1e-6);
  const show = (numbers: ArrayLike<number>) => `[${Array.from(numbers, (number) => number.toFixed(2)).join(", ")}]`;
  t.diagnostic(
    `x = s·[1, 0] + d·[1, 1], w = [1, −1], s = 2, d = 1: pattern ${show(patterns.layers[0]!.values)}; ` +
      `PatternNet ${show(signal.relevance)}, PatternAttribution ${show(attribution.relevance)}, ` +
      `gradient ${show(gradient.relevance)}, LRP ${show(relevance.relevance)}, gradient × input ${show(product.relevance)}`,
  );
});

function convolutional(): tf.LayersModel {
  const model = tf.sequential();
  const init = (seed: number) => tf.initializers.randomNormal({ stddev: 0.5, seed });
  model.add(
    tf.layers.conv2d({
      inputShape: [7, 6, 2],
      filters: 3,
      kernelSize: 3,
      strides: 2,
      padding: "same",
      activation: "relu",
      kernelInitializer: init(1),
      biasInitializer: init(2),
    }),
  );
  model.add(tf.layers.depthwiseConv2d({ kernelSize: 2, depthMultiplier: 2, depthwiseInitializer: init(3) }));
  model.add(tf.layers.flatten());
  model.add(tf.layers.dense({ units: 4, kernelInitializer: init(4) }));
  return model;
}

const inputs = (count: number, seed: number): tf.Tensor4D =>
  tf.tensor4d(seededRandom(seed).gaussians(count * 84), [count, 7, 6, 2]);

test("every pattern satisfies wᵀa = 1, in convolutions, depthwise convolutions and dense layers", async () => {
  const model = convolutional();
  const { layers } = await fitPatterns(model, [inputs(40, 1)]);
  assert.deepEqual(
    layers.map(({ estimator }) => estimator),
    ["two-component", "linear", "linear"],
  );
  const kernels = model.layers.map((layer) => layer.getWeights()[0]).filter((kernel) => kernel !== undefined);
  layers.forEach(({ shape, values }, index) => {
    const product = tf.mul(kernels[index]!, tf.tensor(values, [...shape]));
    const axes = index === 0 ? [0, 1, 2] : index === 1 ? [0, 1] : [0];
    for (const sum of tf.sum(product, axes).dataSync()) assert.ok(Math.abs(sum - 1) < 2e-3, `layer ${index}: ${sum}`);
  });
});

test("the moments of a convolution are those of its unrolled patches", async () => {
  // One position, so that the convolution is a dense layer on the whole patch.
  const kernel = tf.tensor4d(seededRandom(8).gaussians(3 * 3 * 2 * 3), [3, 3, 2, 3]);
  const x = tf.tensor4d(seededRandom(9).gaussians(30 * 18), [30, 3, 3, 2]);
  const convolution = (input: tf.Tensor): tf.Tensor => tf.relu(tf.conv2d(input as tf.Tensor4D, kernel, 1, "valid"));
  const dense = (input: tf.Tensor): tf.Tensor =>
    tf.relu(tf.matMul(input as tf.Tensor2D, tf.reshape(kernel, [18, 3]) as tf.Tensor2D));
  const [a] = (await fitPatterns(convolution, [x])).layers;
  const [b] = (await fitPatterns(dense, [tf.reshape(x, [30, 18])])).layers;
  assert.equal(a!.estimator, "two-component");
  near(a!.values, b!.values, 1e-4);
});

test("units that are never active, or always by the same amount, or whose parts cancel, have no pattern", async () => {
  const random = seededRandom(4);
  // Of x = (d + 1, d, d) with w = (1, −1, 0) nothing but 1 comes out.
  const x = tf.tensor2d(Array.from({ length: 500 }, () => random.gaussian()).map((d) => [d + 1, d, d]));
  const weights = tf.tensor2d([
    [1, 1, 0.5],
    [-1, -1, 0],
    [0, 0, 0.5],
  ]);
  const shifts = tf.tensor1d([0, -2, 0]);
  const model = (input: tf.Tensor) => tf.relu(tf.add(tf.matMul(input as tf.Tensor2D, weights), shifts));
  for (const estimator of ["two-component", "linear"] as const) {
    const { layers } = await fitPatterns(model, [x], { estimator });
    const of = (unit: number) => [0, 1, 2].map((input) => layers[0]!.values[input * 3 + unit]!);
    assert.deepEqual(
      [of(0), of(1)],
      [
        [0, 0, 0],
        [0, 0, 0],
      ],
      estimator,
    );
    const [a, , c] = of(2);
    assert.ok(Math.abs((a! + c!) / 2 - 1) < 1e-3, `${estimator}: wᵀa = ${(a! + c!) / 2}`);
  }
});

test("a signal that grows out of bounds is scaled down where all of it passes, and keeps its direction", async () => {
  const depth = 30;
  const input = tf.input({ shape: [4] });
  let x = input;
  for (let layer = 0; layer < depth; layer++) {
    const own = { units: 4, activation: "relu", kernelInitializer: "identity", biasInitializer: "ones" } as const;
    x = tf.layers.add().apply([x, tf.layers.dense(own).apply(x) as tf.SymbolicTensor]) as tf.SymbolicTensor;
  }
  const output = tf.layers.dense({ units: 2, kernelInitializer: "ones" }).apply(x) as tf.SymbolicTensor;
  const model = tf.model({ inputs: input, outputs: output });
  const random = seededRandom(6);
  const layers = Array.from({ length: depth + 1 }, (_, index) => {
    const shape = [4, index === depth ? 2 : 4];
    const values = Float32Array.from({ length: shape[0]! * shape[1]! }, () => 1e4 * (random.uniform() - 0.3));
    return { name: `${index}`, estimator: "linear" as const, shape, values };
  });
  const inputs = tf.tensor2d([
    [1, 2, 3, 4],
    [0.1, 0, 0, 0.2],
  ]);
  const { relevance } = await patternNet(model, { patterns: { layers } })(inputs, { target: [0, 1] });
  // In double precision, where 1e4 to the thirtieth has room; every ReLU is open.
  for (const sample of [0, 1]) {
    let signal: number[] = [0, 1].map((unit) => (unit === sample ? 1 : 0));
    for (const { values, shape } of [...layers].reverse()) {
      const back = [0, 1, 2, 3].map((i) => signal.reduce((sum, s, j) => sum + values[i * shape[1]! + j]! * s, 0));
      signal = back.map((value, i) => value + (shape[1] === 4 ? signal[i]! : 0));
    }
    const own = Array.from(relevance.subarray(4 * sample, 4 * sample + 4));
    near(
      own.map((value) => value / Math.hypot(...own)),
      signal.map((value) => value / Math.hypot(...signal)),
      1e-4,
    );
  }
});

test("a stream of batches gives the same patterns as one batch, and files keep them", async () => {
  const model = convolutional();
  const x = inputs(30, 2);
  const whole = await fitPatterns(model, [x]);
  const parts = await fitPatterns(model, [tf.slice(x, 0, 7), tf.slice(x, 7, 23)]);
  for (const [index, { values }] of whole.layers.entries()) near(parts.layers[index]!.values, values, 1e-3);
  assert.deepEqual(loadPatterns(savePatterns(whole)), whole);
  assert.throws(() => loadPatterns(new Uint8Array([1, 2, 3])), PatternsError);
});

test("PatternAttribution of a batch is that of its samples, and nothing leaks", async () => {
  const model = convolutional();
  const x = inputs(3, 5);
  const patterns = await fitPatterns(model, [x]);
  const explain = patternAttribution(model, { patterns });
  await explain(x, { target: [0, 1, 2] });
  const { numTensors } = tf.memory();
  const all = await explain(x, { target: [0, 1, 2] });
  for (let sample = 0; sample < 3; sample++) {
    const one = tf.slice(x, sample, 1);
    near(
      (await explain(one, { target: sample })).relevance,
      all.relevance.subarray(sample * 84, sample * 84 + 84),
      1e-5,
    );
    one.dispose();
  }
  assert.equal(tf.memory().numTensors, numTensors);
  const other = { layers: patterns.layers.slice(1) };
  await assert.rejects(patternNet(model, { patterns: other })(x, { target: 0 }), PatternsError);
  await assert.rejects(fitPatterns(model, []), ParameterError);
  assert.equal(tf.memory().numTensors, numTensors);
});
