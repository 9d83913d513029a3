import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { test } from "node:test";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-node";
import fc from "fast-check";
import { InputShapeError, ParameterError } from "../../../src/explainers/errors.js";
import { LayerError } from "../../../src/explainers/network/index.js";
import { solveSymmetric } from "../../../src/explainers/numerics/linear-algebra.js";
import { seededRandom } from "../../../src/explainers/numerics/random.js";
import { variationToPower } from "../../../src/explainers/numerics/total-variation.js";
import {
  EmptyRepresentationError,
  type InversionOptions,
  type InversionStep,
  InverterError,
  inversion,
  invert,
  reconstruct,
} from "../../../src/explainers/synthesis/index.js";
import { costOf } from "../../../src/explainers/synthesis/inversion/objective.js";
import { inversionSettings } from "../../../src/explainers/synthesis/inversion/options.js";
import { loadDigits, loadModel } from "../../../src/kernel-helpers/index.js";

const gaussians = (shape: number[], seed: number) =>
  tf.tensor(seededRandom(seed).gaussians(shape.reduce((product, size) => product * size, 1)), shape);

async function all(model: object, options: InversionOptions): Promise<InversionStep[]> {
  const steps: InversionStep[] = [];
  for await (const step of inversion(model, options)) steps.push(step);
  return steps;
}

const size = { height: 5, width: 4, channels: 2 };
const shape = [2, size.height, size.width, size.channels] as [number, number, number, number];
const at = (sample: number, row: number, column: number, channel: number) =>
  ((sample * size.height + row) * size.width + column) * size.channels + channel;

/** The total variation to a power of one sample, by its formula, in double precision. */
function variation(x: ArrayLike<number>, sample: number, beta: number): number {
  let sum = 0;
  for (let row = 0; row < size.height; row++) {
    for (let column = 0; column < size.width; column++) {
      for (let channel = 0; channel < size.channels; channel++) {
        const here = x[at(sample, row, column, channel)]!;
        const down = row + 1 < size.height ? x[at(sample, row + 1, column, channel)]! - here : 0;
        const right = column + 1 < size.width ? x[at(sample, row, column + 1, channel)]! - here : 0;
        sum += (down ** 2 + right ** 2) ** (beta / 2);
      }
    }
  }
  return sum;
}

/** Central differences of a function of one sample's entries. */
function slopes(f: (x: Float64Array) => number, x: ArrayLike<number>): number[] {
  const moved = Float64Array.from(x);
  return Array.from(moved, (value, index) => {
    const step = 1e-5;
    moved[index] = value + step;
    const above = f(moved);
    moved[index] = value - step;
    const below = f(moved);
    moved[index] = value;
    return (above - below) / (2 * step);
  });
}

const near = (found: ArrayLike<number>, wanted: ArrayLike<number>, tolerance: number, what: string) => {
  const largest = Math.max(...Array.from(wanted, Math.abs), 1e-12);
  Array.from(wanted).forEach((value, index) => {
    const off = Math.abs(found[index]! - value) / largest;
    assert.ok(off < tolerance, `${what}: ${found[index]} instead of ${value} at ${index}`);
  });
};

test("the total variation to a power is its formula, and its gradient the formula's", () => {
  const x = gaussians(shape, 1) as tf.Tensor4D;
  const values = x.dataSync<"float32">();
  const sample = values.length / 2;
  for (const beta of [1, 1.5, 2, 3]) {
    tf.tidy(() => {
      const { value, gradient } = variationToPower(x, beta);
      near(value.dataSync(), [variation(values, 0, beta), variation(values, 1, beta)], 1e-5, `β ${beta}`);
      const wanted = slopes((y) => variation(y, 0, beta), values.slice(0, sample));
      near(gradient.dataSync().slice(0, sample), wanted, 1e-3, `gradient, β ${beta}`);
    });
  }
  // A flat picture has none, and no derivative that is not a number.
  for (const beta of [1, 1.5, 2]) {
    const flat = tf.tidy(() => variationToPower(tf.ones(shape) as tf.Tensor4D, beta).gradient.dataSync());
    assert.ok(flat.every((value) => Math.abs(value) < 1e-6));
  }
  x.dispose();
});

test("both regularizers are scaled as in the paper, and their gradient is that of their sum", () => {
  const x = gaussians(shape, 2);
  const values = x.dataSync<"float32">();
  const sample = values.length / 2;
  const [range, alphaNorm, totalVariation, slope] = [1.7, 0.3, 0.2, 0.25];
  const positions = size.height * size.width;
  for (const [alpha, beta] of [
    [6, 2],
    [2, 1.5],
    [3, 3],
  ] as const) {
    const settings = inversionSettings({ alphaNorm, alpha, totalVariation, beta, slope });
    const formula = (y: ArrayLike<number>) =>
      (alphaNorm * Array.from(y).reduce((sum, value) => sum + Math.abs(value / range) ** alpha, 0) +
        (totalVariation * variation(y, 0, beta)) / (slope * range) ** beta) /
      positions;
    tf.tidy(() => {
      const { value, gradient } = costOf(x, { range }, settings);
      near(value.dataSync(), [formula(values.slice(0, sample)), formula(values.slice(sample))], 1e-5, "value");
      near(gradient.dataSync().slice(0, sample), slopes(formula, values.slice(0, sample)), 1e-3, "gradient");
    });
  }
  x.dispose();
});

const SIZE = 12;

/** A dense layer of as many units as inputs, and its weights `[input, unit]`. */
function linear(seed: number) {
  const weights = seededRandom(seed).gaussians(SIZE * SIZE);
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ name: "mix", inputShape: [SIZE], units: SIZE, useBias: false }),
      tf.layers.dense({ name: "behind", units: 2 }),
    ],
  });
  model.layers[0]!.setWeights([tf.tensor2d(weights, [SIZE, SIZE])]);
  return { model, weights };
}

test("a layer that loses nothing is inverted exactly, and with a square penalty to ridge regression's closed form", async () => {
  const { model, weights } = linear(3);
  const input = gaussians([1, SIZE], 4);
  const x = input.dataSync<"float32">();
  const common = { layer: "mix", input, learningRate: 0.02, steps: 3000 };
  const plain = await invert(model, { ...common, alphaNorm: 0 });
  assert.ok(plain.representationError[0]! < 1e-5, `${plain.representationError[0]}`);
  near(plain.picture, x, 0.02, "without a penalty");

  // Least of ‖W'x − Φ₀‖²/‖Φ₀‖² + λ‖x‖²/(nB²): (WW'/‖Φ₀‖² + λ/(nB²)) x = WΦ₀/‖Φ₀‖².
  const alphaNorm = 0.4;
  const range = Math.max(...x.map(Math.abs));
  const weight = (row: number, unit: number) => weights[row * SIZE + unit]!;
  const values = Array.from({ length: SIZE }, (_, unit) =>
    x.reduce((sum, value, row) => sum + value * weight(row, unit), 0),
  );
  const energy = values.reduce((sum, value) => sum + value ** 2, 0);
  const matrix = new Float64Array(SIZE * SIZE);
  const right = new Float64Array(SIZE);
  for (let row = 0; row < SIZE; row++) {
    for (let unit = 0; unit < SIZE; unit++) {
      right[row] = right[row]! + (weight(row, unit) * values[unit]!) / energy;
      for (let column = 0; column < SIZE; column++) {
        matrix[row * SIZE + column] =
          matrix[row * SIZE + column]! + (weight(row, unit) * weight(column, unit)) / energy;
      }
    }
    matrix[row * SIZE + row] = matrix[row * SIZE + row]! + alphaNorm / (SIZE * range ** 2);
  }
  const ridge = await invert(model, { ...common, alphaNorm, alpha: 2 });
  near(ridge.picture, solveSymmetric(matrix, SIZE, right), 0.01, "ridge");
  const off = ridge.picture.reduce((sum, value, index) => sum + (value - x[index]!) ** 2, 0);
  assert.ok(Math.abs(ridge.pixelError[0]! - Math.sqrt(off / SIZE)) < 1e-5);
  input.dispose();
  model.dispose();
});

/** Two convolutions and a dense layer. */
function smallNet(seed: number): tf.LayersModel {
  const init = (offset: number) => tf.initializers.heNormal({ seed: seed + offset });
  const common = { kernelSize: 3, activation: "relu" } as const;
  return tf.sequential({
    layers: [
      tf.layers.conv2d({ ...common, name: "conv", inputShape: [8, 8, 3], filters: 4, kernelInitializer: init(1) }),
      tf.layers.flatten({ name: "flatten" }),
      tf.layers.dense({ name: "dense", units: 5, kernelInitializer: init(2) }),
    ],
  });
}

test("the objective never ends higher than it began, whatever the settings", async () => {
  const model = smallNet(1);
  const common = { input: gaussians([1, 8, 8, 3], 5), bounds: [-1, 1] as const };
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        layer: fc.constantFrom("conv", "flatten", "dense"),
        parametrization: fc.constantFrom("pixels" as const, "fourier" as const),
        starts: fc.integer({ min: 1, max: 3 }),
        seed: fc.nat(1000),
        steps: fc.integer({ min: 1, max: 10 }),
        learningRate: fc.constantFrom(0.001, 0.05, 5),
        alphaNorm: fc.constantFrom(0, 0.1, 3),
        alpha: fc.constantFrom(1, 2, 6),
        totalVariation: fc.constantFrom(0, 0.01, 1),
        beta: fc.constantFrom(1, 1.5, 2, 3),
        jitter: fc.integer({ min: 0, max: 3 }),
        blur: fc.constantFrom(0, 1),
      }),
      async (options) => {
        const steps = await all(model, { ...common, ...options, every: 3 });
        const [first, last] = [steps[0]!, steps.at(-1)!];
        const worth = (step: InversionStep, start: number) => step.representationError[start]! + step.cost[start]!;
        for (let start = 0; start < options.starts; start++) {
          assert.ok(worth(last, start) <= worth(first, start) * (1 + 1e-4) + 1e-5);
        }
        assert.equal(last.final, true);
        assert.equal(last.step, options.steps);
        assert.equal(last.picture.length, options.starts * 8 * 8 * 3);
      },
    ),
    { numRuns: 30, seed: 1 },
  );
  common.input.dispose();
  model.dispose();
});

test("the same seed gives the same pictures, starts differ, and only the last one of a run is final", async () => {
  const model = smallNet(2);
  const input = gaussians([1, 8, 8, 3], 6);
  const options = { layer: "dense", input, bounds: [-1, 1] as const, starts: 3, jitter: 2, steps: 12, every: 5 };
  const [once, again, other] = [
    await all(model, { ...options, seed: 4 }),
    await all(model, { ...options, seed: 4 }),
    await all(model, { ...options, seed: 5 }),
  ];
  assert.deepEqual(once.at(-1)!.picture, again.at(-1)!.picture);
  assert.notDeepEqual(once.at(-1)!.picture, other.at(-1)!.picture);
  const [first, second] = [0, 1].map((start) => once.at(-1)!.picture.slice(start * 192, (start + 1) * 192));
  assert.notDeepEqual(first, second);
  assert.deepEqual(
    once.map(({ step, final }) => [step, final]),
    [
      [0, false],
      [5, false],
      [10, false],
      [12, true],
    ],
  );
  input.dispose();
  model.dispose();
});

test("a run that is aborted, given up or fails leaves no tensor", async () => {
  const model = smallNet(3);
  const input = gaussians([1, 8, 8, 3], 7);
  const options = { layer: "conv", input, bounds: [-1, 1] as const };
  await invert(model, { ...options, steps: 8 });
  const before = tf.memory().numTensors;

  await invert(model, { ...options, steps: 8 });
  assert.equal(tf.memory().numTensors, before);

  const abort = new AbortController();
  await assert.rejects(async () => {
    for await (const { step } of inversion(model, { ...options, signal: abort.signal })) if (step === 3) abort.abort();
  }, /abort/i);
  assert.equal(tf.memory().numTensors, before);

  for await (const { step } of inversion(model, options)) if (step === 2) break;
  assert.equal(tf.memory().numTensors, before);

  for (const wrong of [{ starts: 0 }, { steps: -1 }, { alpha: 0.5 }, { beta: 0 }, { slope: 0 }]) {
    await assert.rejects(() => invert(model, { ...options, ...wrong }), ParameterError);
    assert.equal(tf.memory().numTensors, before);
  }
  input.dispose();
  model.dispose();
});

test("what cannot be inverted is refused by name", async () => {
  const model = smallNet(4);
  const input = gaussians([1, 8, 8, 3], 8);
  await assert.rejects(
    () => invert(model, { layer: "convv", input }),
    (error: Error) => error instanceof LayerError && /Did you mean "conv"/.test(error.message),
  );
  await assert.rejects(() => invert(model, { layer: "conv", input: gaussians([2, 8, 8, 3], 1) }), InputShapeError);
  await assert.rejects(() => invert(model, { layer: "conv", input: tf.ones([1, 8, 8, 3], "int32") }), ParameterError);
  await assert.rejects(() => invert(model, { layer: "conv", input, bounds: [1, 0] }), ParameterError);
  // A ReLU that lets nothing through.
  model.getLayer("conv").setWeights([tf.zeros([3, 3, 3, 4]), tf.fill([4], -1)]);
  await assert.rejects(
    () => invert(model, { layer: "conv", input }),
    (error: Error) => error instanceof EmptyRepresentationError && error.layer === "conv",
  );
  const table = linear(5);
  await assert.rejects(
    () => invert(table.model, { layer: "mix", input: gaussians([1, SIZE], 1), totalVariation: 1 }),
    InputShapeError,
  );
});

test("no more of a model is computed than the layer needs", async () => {
  const model = smallNet(6);
  const input = gaussians([1, 8, 8, 3], 9);
  await invert(model, { layer: "dense", input, steps: 1 });
  const kernels = async (layer: string) => {
    const { kernelNames } = await tf.profile(() => invert(model, { layer, input, steps: 1 }) as unknown as tf.Tensor);
    return kernelNames;
  };
  assert.ok((await kernels("dense")).includes("_FusedMatMul") || (await kernels("dense")).includes("BatchMatMul"));
  assert.ok(!(await kernels("conv")).some((name) => name.includes("MatMul")));
});

test("digits come back from every layer of the network, the deeper the worse", async () => {
  const model = await loadModel("mnist-cnn");
  const { pixels, count } = await loadDigits({ count: 10 });
  const digits = tf.tensor4d(
    Float32Array.from(pixels, (value) => value / 255),
    [count, 28, 28, 1],
  );
  // What is reached in 150 steps; the last layers say little of the pixels, and are met all the better.
  const levels = { conv1: 0.01, conv2: 0.02, pool2: 0.03, dense: 0.05 };
  const means: number[] = [];
  for (const [layer, level] of Object.entries(levels)) {
    let sum = 0;
    for (const index of [0, 4, 7]) {
      const input = tf.slice(digits, index, 1);
      const { representationError, pixelError } = await invert(model, { layer, input, steps: 150, learningRate: 0.1 });
      assert.ok(representationError[0]! < level, `${layer}: ${representationError[0]}`);
      sum += pixelError[0]!;
      input.dispose();
    }
    means.push(sum / 3);
  }
  assert.deepEqual(
    means,
    means.toSorted((a, b) => a - b),
    `${means}`,
  );
  digits.dispose();
  model.dispose();
});

test("a network reconstructs what it is given; one that does not fit is refused", () => {
  const model = smallNet(7);
  const x = tf.tidy(() => tf.clipByValue(gaussians([3, 8, 8, 3], 10), -1, 1));
  // The layer that only reshapes loses nothing.
  const flat = tf.sequential({ layers: [tf.layers.flatten({ name: "flat", inputShape: [8, 8, 3] })] });
  const back = (values: tf.Tensor) => tf.mul(tf.reshape(values, [-1, 8, 8, 3]), 2);
  reconstruct(flat, { layer: "flat", net: back, bounds: [-1, 1] }, x);
  const before = tf.memory().numTensors;
  const made = reconstruct(flat, { layer: "flat", net: back, bounds: [-1, 1] }, x);
  assert.equal(tf.memory().numTensors, before);
  const twice = x.dataSync<"float32">().map((value) => Math.min(1, Math.max(-1, 2 * value)));
  assert.deepEqual(made.picture, twice);
  const original = x.dataSync<"float32">();
  [0, 1, 2].forEach((sample) => {
    let [difference, energy] = [0, 0];
    for (let place = sample * 192; place < (sample + 1) * 192; place++) {
      difference += (twice[place]! - original[place]!) ** 2;
      energy += original[place]! ** 2;
    }
    assert.ok(Math.abs(made.pixelError[sample]! - Math.sqrt(difference / 192)) < 1e-5);
    assert.ok(Math.abs(made.representationError[sample]! - difference / energy) < 1e-5);
  });
  assert.throws(() => reconstruct(model, { layer: "dense", net: back }, x), InverterError);
  const narrow = tf.sequential({ layers: [tf.layers.dense({ inputShape: [5], units: 3 })] });
  assert.throws(() => reconstruct(model, { layer: "dense", net: narrow }, x), InverterError);
});

test("WebAssembly finds what the native backend finds", async () => {
  const input = () => tf.tidy(() => tf.mul(gaussians([1, 8, 8, 3], 11), 0.3));
  const run = async () => {
    const model = smallNet(8);
    const [x, options] = [
      input(),
      { layer: "conv", bounds: [-1, 1] as const, steps: 40, jitter: 1, totalVariation: 0.02 },
    ];
    const found = await invert(model, { ...options, input: x });
    x.dispose();
    model.dispose();
    return found;
  };
  const native = await run();
  const main = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm");
  setWasmPaths(`${dirname(main)}/`);
  assert.ok(await tf.setBackend("wasm"));
  try {
    const wasm = await run();
    near(wasm.picture, native.picture, 1e-3, "WebAssembly");
    near(wasm.representationError, native.representationError, 1e-3, "its error");
  } finally {
    await tf.setBackend("tensorflow");
  }
});
