import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import fc from "fast-check";
import { InputShapeError, ParameterError, TargetError } from "../../../src/explainers/errors.js";
import { seededRandom } from "../../../src/explainers/numerics/random.js";
import {
  activationMaximization,
  DivergedError,
  type PrototypeOptions,
  type PrototypeStep,
  prototype,
} from "../../../src/explainers/synthesis/index.js";

const cosine = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  const product = (x: ArrayLike<number>, y: ArrayLike<number>) =>
    Array.from(x).reduce((sum, value, index) => sum + value * y[index]!, 0);
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
};

/** A linear-softmax model of 12 inputs and 4 classes, and its weights by class. */
function linearSoftmax(seed: number) {
  const weights = tf.tensor2d(seededRandom(seed).gaussians(48), [12, 4]);
  const bias = tf.tensor1d([0.1, -0.2, 0.3, 0]);
  const columns = tf.tidy(() => tf.transpose(weights).arraySync()) as number[][];
  return {
    model: (x: tf.Tensor) => tf.softmax(tf.add(tf.matMul(x as tf.Tensor2D, weights), bias)),
    columns,
    dispose: () => tf.dispose([weights, bias]),
  };
}

function smallNet(seed: number): tf.LayersModel {
  const init = (offset: number) => tf.initializers.heNormal({ seed: seed + offset });
  return tf.sequential({
    layers: [
      tf.layers.conv2d({
        name: "conv",
        inputShape: [8, 8, 3],
        filters: 4,
        kernelSize: 3,
        activation: "relu",
        kernelInitializer: init(1),
      }),
      tf.layers.flatten({ name: "flatten" }),
      tf.layers.dense({ name: "dense", units: 5, activation: "softmax", kernelInitializer: init(2) }),
    ],
  });
}

async function all(model: object, options: PrototypeOptions): Promise<PrototypeStep[]> {
  const steps: PrototypeStep[] = [];
  for await (const step of activationMaximization(model, options)) steps.push(step);
  return steps;
}

test("a linear model's logit prototype under L2 is w/2λ", async () => {
  const { model, columns, dispose } = linearSoftmax(1);
  for (const target of [0, 3]) {
    const { picture } = await prototype(model, {
      target,
      shape: [12],
      maximize: "logit",
      l2: 0.5,
      learningRate: 0.02,
      steps: 400,
    });
    assert.ok(cosine(picture, columns[target]!) > 0.999, `cosine ${cosine(picture, columns[target]!)}`);
    picture.forEach((value, index) => {
      assert.ok(Math.abs(value - columns[target]![index]!) < 0.02);
    });
  }
  dispose();
});

test("a linear-softmax model's prototype points along w_c − Σ p_k w_k, the fixed point of its closed form", async () => {
  const { model, columns, dispose } = linearSoftmax(2);
  for (const target of [0, 1, 2, 3]) {
    const lambda = 0.05;
    const { picture } = await prototype(model, { target, shape: [12], l2: lambda, learningRate: 0.02, steps: 600 });
    const p = tf.tidy(() => model(tf.tensor2d(picture, [1, 12])).dataSync<"float32">());
    const direction = columns[0]!.map((_, index) =>
      columns.reduce((sum, column, k) => sum + ((k === target ? 1 : 0) - p[k]!) * column[index]!, 0),
    );
    assert.ok(cosine(picture, direction) > 0.999, `cosine ${cosine(picture, direction)}`);
    // At the maximum 2λx equals the gradient of the log probability, also in length.
    picture.forEach((value, index) => {
      assert.ok(Math.abs(2 * lambda * value - direction[index]!) < 0.01);
    });
  }
  dispose();
});

test("the objective never ends lower than it began, whatever the settings", async () => {
  const model = smallNet(1);
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        target: fc.integer({ min: 0, max: 4 }),
        maximize: fc.constantFrom("logit" as const, "logProbability" as const),
        parametrization: fc.constantFrom("pixels" as const, "fourier" as const),
        starts: fc.integer({ min: 1, max: 3 }),
        seed: fc.nat(1000),
        steps: fc.integer({ min: 1, max: 12 }),
        learningRate: fc.constantFrom(0.001, 0.05, 5),
        l1: fc.constantFrom(0, 0.1),
        l2: fc.constantFrom(0, 1),
        totalVariation: fc.constantFrom(0, 1),
        diversity: fc.constantFrom(0, 2),
        jitter: fc.integer({ min: 0, max: 3 }),
        rotation: fc.constantFrom(0, 30),
        scale: fc.constantFrom(0, 0.3),
        blur: fc.constantFrom(0, 1),
      }),
      async (options) => {
        const steps = await all(model, { ...options, every: 3 });
        const [first, last] = [steps[0]!, steps.at(-1)!];
        const total = (step: PrototypeStep) => step.objective.reduce((sum, value) => sum + value, 0);
        assert.ok(total(last) >= total(first) - 1e-4 * (1 + Math.abs(total(first))));
        assert.equal(last.final, true);
        assert.equal(last.step, options.steps);
        assert.equal(last.picture.length, options.starts * 8 * 8 * 3);
      },
    ),
    { numRuns: 30, seed: 1 },
  );
  model.dispose();
});

test("a channel's, a unit's and a function's objective is what the model computes", async () => {
  const model = smallNet(3);
  const conv = tf.model({ inputs: model.inputs, outputs: model.getLayer("conv").output as tf.SymbolicTensor });
  const activations = (picture: Float32Array) =>
    tf.tidy(() => (conv.predict(tf.tensor4d(picture, [1, 8, 8, 3])) as tf.Tensor).dataSync<"float32">());
  const common = { bounds: [-1, 1] as const, steps: 30 };

  const channel = await all(model, { ...common, target: { layer: "conv", channel: 2 } });
  const mean =
    activations(channel.at(-1)!.picture).reduce((sum, value, index) => sum + (index % 4 === 2 ? value : 0), 0) / 36;
  assert.ok(Math.abs(channel.at(-1)!.activation[0]! - mean) < 1e-4 * mean);
  assert.ok(mean > 2 * channel[0]!.activation[0]!);
  assert.equal(channel[0]!.probability, null);

  const unit = await all(model, { ...common, target: { layer: "conv", unit: 77 } });
  assert.ok(Math.abs(unit.at(-1)!.activation[0]! - activations(unit.at(-1)!.picture)[77]!) < 1e-4);

  const margin = await all(model, {
    ...common,
    target: (y) => tf.sub(tf.slice(y, [0, 1], [-1, 1]), tf.slice(y, [0, 2], [-1, 1])).as1D(),
  });
  const output = tf.tidy(() =>
    (model.predict(tf.tensor4d(margin.at(-1)!.picture, [1, 8, 8, 3])) as tf.Tensor).dataSync(),
  );
  // Traced outputs are the logits, and the softmax keeps the ratio of the classes.
  assert.ok(Math.abs(margin.at(-1)!.activation[0]! - Math.log(output[1]! / output[2]!)) < 1e-3);
  assert.ok(margin.at(-1)!.picture.every((value) => value >= -1 && value <= 1));
  model.dispose();
});

test("probability is the softmax probability of the class, and the gradient norm that of the objective", async () => {
  const { model, columns, dispose } = linearSoftmax(4);
  const [start, first] = await all(model, { target: 1, shape: [12], steps: 2, l2: 0.1 });
  const p = tf.tidy(() => model(tf.tensor2d(start!.picture, [1, 12])).dataSync<"float32">());
  assert.ok(Math.abs(start!.probability![0]! - p[1]!) < 1e-5);
  assert.ok(Math.abs(start!.activation[0]! - Math.log(p[1]!)) < 1e-5);
  const gradient = columns[0]!.map(
    (_, index) =>
      columns.reduce((sum, column, k) => sum + ((k === 1 ? 1 : 0) - p[k]!) * column[index]!, 0) -
      0.2 * start!.picture[index]!,
  );
  assert.ok(Math.abs(first!.gradientNorm[0]! - Math.hypot(...gradient)) < 1e-4);
  dispose();
});

test("starts with diversity end up less alike", async () => {
  const model = smallNet(5);
  const alike = async (diversity: number) => {
    const { picture } = await prototype(model, {
      target: 2,
      starts: 2,
      diversity,
      steps: 80,
      seed: 3,
      bounds: [-1, 1],
    });
    return cosine(picture.subarray(0, 192), picture.subarray(192));
  };
  const [without, withIt] = [await alike(0), await alike(5)];
  assert.ok(withIt < without - 0.2, `${withIt} with, ${without} without`);
  model.dispose();
});

test("options change a run while it goes on, and the run stops at a new number of steps", async () => {
  const model = smallNet(6);
  const options: PrototypeOptions = { target: 0, steps: Number.POSITIVE_INFINITY, seed: 2, bounds: [-1, 1] };
  const variation: number[] = [];
  let last: PrototypeStep | undefined;
  for await (const step of activationMaximization(model, options)) {
    const x = tf.tensor4d(step.picture, [1, 8, 8, 3]);
    variation.push(
      tf.tidy(
        () =>
          tf
            .sum(tf.abs(tf.sub(tf.slice(x, [0, 1, 0, 0], [1, 7, 8, 3]), tf.slice(x, [0, 0, 0, 0], [1, 7, 8, 3]))))
            .dataSync<"float32">()[0]!,
      ),
    );
    x.dispose();
    if (step.step === 40) options.totalVariation = 3;
    if (step.step === 100) options.steps = 120;
    last = step;
  }
  assert.equal(last!.step, 120);
  assert.ok(variation[100]! < 0.5 * variation[40]!, `${variation[40]} before, ${variation[100]} after`);
  model.dispose();
});

test("a paused run makes no step until it is resumed", async () => {
  const model = smallNet(7);
  const run = activationMaximization(model, { target: 0, steps: 10 });
  await run.next();
  run.pause();
  assert.equal(run.paused, true);
  let arrived = false;
  const waiting = run.next().then((step) => {
    arrived = true;
    return step;
  });
  await new Promise((resolve) => setTimeout(resolve, 60));
  assert.equal(arrived, false);
  run.resume();
  assert.equal((await waiting).value?.step, 1);
  await run.return();
  model.dispose();
});

test("an aborted run throws the signal's reason, also when paused, and frees everything", async () => {
  const model = smallNet(8);
  await prototype(model, { target: 0, steps: 1 });
  const before = tf.memory().numTensors;
  const abort = new AbortController();
  const run = activationMaximization(model, {
    target: 0,
    steps: 1000,
    signal: abort.signal,
    densities: [],
    totalVariation: 0.1,
  });
  await run.next();
  await run.next();
  run.pause();
  const waiting = run.next();
  abort.abort(new Error("enough"));
  await assert.rejects(waiting, /enough/);
  assert.equal(tf.memory().numTensors, before);
  model.dispose();
});

test("runs that end leave no listener at a signal that outlives them", async () => {
  const model = smallNet(8);
  const { signal } = new AbortController();
  for (let run = 0; run < 3; run++) await prototype(model, { target: 0, steps: 1, signal });
  assert.equal(getEventListeners(signal, "abort").length, 0);
  model.dispose();
});

test("a run that is left early frees its tensors", async () => {
  const model = smallNet(9);
  await prototype(model, { target: 0, steps: 1 });
  const before = tf.memory().numTensors;
  for await (const step of activationMaximization(model, {
    target: 0,
    parametrization: "fourier",
    blur: 1,
    jitter: 2,
  })) {
    if (step.step === 5) break;
  }
  assert.equal(tf.memory().numTensors, before);
  model.dispose();
});

test("three hundred steps with every regularizer leave as many tensors as there were", async () => {
  const model = smallNet(10);
  await prototype(model, { target: 0, steps: 1 });
  const before = tf.memory().numTensors;
  await prototype(model, {
    target: 1,
    steps: 300,
    starts: 2,
    l1: 0.001,
    l2: 0.001,
    totalVariation: 0.01,
    diversity: 0.1,
    jitter: 2,
    rotation: 10,
    scale: 0.1,
    blur: 0.5,
  });
  assert.equal(tf.memory().numTensors, before);
  model.dispose();
});

test("what cannot be done is a typed error that names the value", async () => {
  const model = smallNet(11);
  await prototype(model, { target: 0, steps: 1 });
  const before = tf.memory().numTensors;
  const fails = async (options: Partial<PrototypeOptions>, error: new (...args: never[]) => Error, message: RegExp) => {
    await assert.rejects(all(model, { target: 0, steps: 3, ...options }), (thrown: Error) => {
      assert.ok(thrown instanceof error, `${thrown}`);
      assert.match(thrown.message, message);
      return true;
    });
  };
  await fails({ target: 5 }, TargetError, /no class 5.*0 to 4/);
  await fails({ target: { layer: "convolution", channel: 0 } }, TargetError, /no layer "convolution".*conv, /);
  await fails({ target: { layer: "conv", channel: 4 } }, TargetError, /no channel 4.*0 to 3/);
  await fails({ target: "goose" as unknown as number }, TargetError, /goose/);
  await fails({ totalVariation: -1 }, ParameterError, /totalVariation.*-1/);
  await fails({ scale: 1 }, ParameterError, /scale/);
  await fails({ starts: 0 }, ParameterError, /starts/);
  await fails({ parametrization: "wavelets" as "pixels" }, ParameterError, /wavelets/);
  await fails({ bounds: [1, -1] }, ParameterError, /bounds/);
  await fails({ learningRate: 1e38, maximize: "logit" }, DivergedError, /learningRate/);
  const { model: flat, dispose } = linearSoftmax(1);
  await assert.rejects(all(flat, { target: 0 }), ParameterError);
  await assert.rejects(all(flat, { target: 0, shape: [12], jitter: 2 }), InputShapeError);
  dispose();
  assert.equal(tf.memory().numTensors, before);
  model.dispose();
});
