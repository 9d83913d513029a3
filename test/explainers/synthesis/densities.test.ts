import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import { seededRandom } from "../../../src/explainers/numerics/random.js";
import {
  activationMaximization,
  type Density,
  fitGaussian,
  fitRbm,
  gaussianDensity,
  rbmDensity,
} from "../../../src/explainers/synthesis/index.js";
import { near } from "../../helpers/numbers.js";

const logDensity = (density: Density, x: number[]) =>
  tf.tidy(() => density.logDensity(tf.tensor2d([x])).dataSync<"float32">()[0]!);

/** The gradient of the log density: where the expert pulls a prototype. */
const pull = (density: Density, x: number[]) =>
  Array.from(
    tf.tidy(() =>
      tf
        .grad((v: tf.Tensor) => density.logDensity(v))(tf.tensor2d([x]))
        .dataSync<"float32">(),
    ),
  );

/** Normal samples about one of the modes, in turn. */
function mixture(modes: number[][], spread: number, count: number, seed: number): tf.Tensor2D {
  const random = seededRandom(seed);
  const rows = Array.from({ length: count }, (_, row) =>
    modes[row % modes.length]!.map((value) => value + spread * random.gaussian()),
  );
  return tf.tensor2d(rows);
}

test("a Gaussian's log density is the quadratic form of the inverse covariance", () => {
  // Covariance [[2, 1], [1, 2]] has the axes (1, 1)/√2 and (1, −1)/√2 with variances 3 and 1; its inverse is [[2, −1], [−1, 2]]/3.
  const density = gaussianDensity({
    mean: tf.tensor1d([1, -1]),
    axes: tf.tensor2d([[Math.SQRT1_2], [Math.SQRT1_2]]),
    variances: tf.tensor1d([3]),
    noise: 1,
  });
  for (const [x, y] of [
    [1, -1],
    [2, 0],
    [0.3, 1.7],
    [-4, 2],
  ] as const) {
    const [a, b] = [x - 1, y + 1];
    near(logDensity(density, [x, y]), -(2 * a * a - 2 * a * b + 2 * b * b) / 6, 1e-5);
  }
  density.dispose();
});

test("fitting a Gaussian at full rank gives the data's mean and covariance", () => {
  const before = tf.memory().numTensors;
  const mixing = tf.tensor2d([
    [2, 0, 0],
    [1, 1, 0],
    [0.5, -0.3, 0.4],
  ]);
  const data = tf.tidy(() =>
    tf.add(tf.matMul(tf.tensor2d(seededRandom(1).gaussians(6000), [2000, 3]), mixing, false, true), [1, 2, 3]),
  ) as tf.Tensor2D;
  const density = fitGaussian(data, { rank: 2 });
  const rows = data.arraySync();
  const mean = [0, 1, 2].map((j) => rows.reduce((sum, row) => sum + row[j]!, 0) / 2000);
  const covariance = [0, 1, 2].map((i) =>
    [0, 1, 2].map((j) => rows.reduce((sum, row) => sum + (row[i]! - mean[i]!) * (row[j]! - mean[j]!), 0) / 1999),
  );
  // The gradient of the log density is −C⁻¹d, so C times it is −d.
  const deviation = [0.7, -1.1, 0.4];
  const gradient = pull(
    density,
    deviation.map((value, j) => value + mean[j]!),
  );
  deviation.forEach((value, i) => {
    near(
      covariance[i]!.reduce((sum, entry, j) => sum + entry * gradient[j]!, 0),
      -value,
      2e-3,
      "C times the pull",
    );
  });
  density.dispose();
  tf.dispose([mixing, data]);
  assert.equal(tf.memory().numTensors, before);
});

test("an RBM with one hidden unit is a mixture of two normal densities, and pulls to each by its share", () => {
  const b: [number, number] = [-2, 0.5];
  const w: [number, number] = [4, -1];
  const [c, variance] = [-3.8, 0.5];
  const density = rbmDensity({
    weights: tf.tensor2d(w, [2, 1]),
    visibleBias: tf.tensor1d(b),
    hiddenBias: tf.tensor1d([c]),
    variance,
  });
  const normal = (x: number[], mean: number[]) =>
    Math.exp(-((x[0]! - mean[0]!) ** 2 + (x[1]! - mean[1]!) ** 2) / (2 * variance));
  const second = [b[0] + w[0], b[1] + w[1]];
  // exp(c + wᵀx/σ²) times the first mode is the second mode times this constant.
  const height = Math.exp(c + (second[0]! ** 2 + second[1]! ** 2 - b[0] ** 2 - b[1] ** 2) / (2 * variance));
  for (const x of [
    [-2, 0.5],
    [2, -0.5],
    [0.1, 0],
    [-0.4, 1],
    [3, 3],
  ]) {
    const [first, other] = [normal(x, b), height * normal(x, second)];
    near(logDensity(density, x), Math.log(first + other), 1e-4, "log density");
    const share = other / (first + other);
    pull(density, x).forEach((value, axis) => {
      near(value, ((1 - share) * (b[axis]! - x[axis]!) + share * (second[axis]! - x[axis]!)) / variance, 1e-4, "pull");
    });
  }
  density.dispose();
});

test("a Bernoulli RBM's density is the sum over all states of its hidden units", () => {
  const random = seededRandom(4);
  const [weights, visibleBias, hiddenBias] = [random.gaussians(12), random.gaussians(4), random.gaussians(3)];
  const density = rbmDensity({
    weights: tf.tensor2d(weights, [4, 3]),
    visibleBias: tf.tensor1d(visibleBias),
    hiddenBias: tf.tensor1d(hiddenBias),
    variance: null,
  });
  for (const v of [
    [0, 0, 0, 0],
    [1, 0, 1, 1],
    [0.2, 0.9, 0.5, 0],
  ]) {
    let sum = 0;
    for (let state = 0; state < 8; state++) {
      const h = [state & 1, (state >> 1) & 1, (state >> 2) & 1];
      let energy = 0;
      for (let i = 0; i < 4; i++) {
        energy -= visibleBias[i]! * v[i]!;
        for (let j = 0; j < 3; j++) energy -= v[i]! * weights[i * 3 + j]! * h[j]!;
      }
      for (let j = 0; j < 3; j++) energy -= hiddenBias[j]! * h[j]!;
      sum += Math.exp(-energy);
    }
    near(logDensity(density, v), Math.log(sum), 1e-4);
  }
  density.dispose();
});

test("experts fitted to two modes: the RBM pulls to the nearer mode, the Gaussian to the mean between them", async () => {
  const before = tf.memory().numTensors;
  const modes = [
    [-2, 0],
    [2, 1],
  ];
  const data = mixture(modes, 0.4, 2000, 5);
  const rbm = fitRbm(data, { hidden: 1, visible: "gaussian", variance: 0.16, epochs: 40, learningRate: 0.05, seed: 2 });
  const gaussian = fitGaussian(data, { rank: 1 });
  const flat = (x: tf.Tensor) => tf.zerosLike(tf.sum(x, 1)) as tf.Tensor1D;
  const model = (x: tf.Tensor) => tf.mul(x, 1);
  const cases: [Density, number[], number[]][] = [
    [rbm, [-1, 0.8], modes[0]!],
    [rbm, [1.2, 0], modes[1]!],
    [gaussian, [-1, 0.8], [0, 0.5]],
    [gaussian, [1.2, 0], [0, 0.5]],
  ];
  for (const [density, from, expected] of cases) {
    let last: ArrayLike<number> = [];
    const start = (shape: readonly number[]) => ({
      start: () => tf.tensor([from], [1, ...shape]),
      picture: (x: tf.Tensor) => tf.clone(x),
      gradient: (_x: tf.Tensor, _pictures: tf.Tensor, gradient: tf.Tensor) => tf.clone(gradient),
      dispose: () => undefined,
    });
    const run = activationMaximization(model, {
      target: flat,
      shape: [2],
      parametrization: start,
      densities: [{ density, strength: 1 }],
      learningRate: 0.05,
      steps: 300,
      every: 300,
    });
    for await (const { picture } of run) last = picture;
    near(last[0]!, expected[0]!, 0.15, `${density.name} from ${from}: x`);
    near(last[1]!, expected[1]!, 0.15, `${density.name} from ${from}: y`);
  }
  rbm.dispose();
  gaussian.dispose();
  data.dispose();
  assert.equal(tf.memory().numTensors, before);
});
