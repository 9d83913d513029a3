import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import {
  type FrozenNet,
  freezeNet,
  type LineNet,
  linearPieces,
  lineGrid,
  randomNet,
  scanNet,
} from "../../../src/explainers/shattering/index.js";
import { close, largest } from "../../helpers/numbers.js";
import { evaluate } from "./evaluate.js";
import { smallNets } from "./nets.js";

/** The net by TensorFlow.js' own operations, `[points, 1] → [points, 1]`, normalized over `reference`. */
function byTensors(net: LineNet, x: tf.Tensor2D, reference: tf.Tensor2D): tf.Tensor2D {
  let [h, r] = [x, reference];
  for (const { weights, bias, inputs, outputs, gain, rectify, normalize, skip } of net.steps) {
    const w = tf.tensor2d(weights, [inputs, outputs]).mul(gain);
    const { mean, variance } = tf.moments(r, 0);
    const through = (values: tf.Tensor2D) => {
      let a: tf.Tensor = values;
      if (normalize !== "none") a = a.sub(mean);
      if (normalize === "batch") a = a.div(variance.add(1e-5).sqrt());
      if (rectify) a = a.relu();
      let out = a.matMul(w);
      if (bias) out = out.add(tf.tensor1d(bias));
      return (skip ? out.add(values) : out) as tf.Tensor2D;
    };
    [h, r] = [through(h), through(r)];
  }
  return h;
}

/** LRP-γ unit by unit, in double precision: each affine map but the first as an explicit list of contributions. */
function relevanceByLoops(net: FrozenNet, x: number, gamma: number): number {
  const inputs: number[][] = [];
  const actives: number[][] = [];
  const outputs: number[][] = [];
  let values = [x];
  for (const { outputs: width, weights, bias, rectify, skip, gate } of net.steps) {
    inputs.push(values);
    const active = values.map((value, i) => {
      const gated = gate ? value * gate.scale[i]! + gate.shift[i]! : value;
      return rectify ? Math.max(gated, 0) : gated;
    });
    actives.push(active);
    values = Array.from({ length: width }, (_, o) => {
      const sum = active.reduce((total, value, i) => total + value * weights[i * width + o]!, bias?.[o] ?? 0);
      return sum + (skip ? values[o]! : 0);
    });
    outputs.push(values);
  }
  /** Shares of one unit's relevance: contributions of its sign count 1 + γ times; the bias is the last of them. */
  const shares = (contributions: number[], unit: number, amount: number) => {
    const favored = contributions.map((c) => (c > 0 === unit >= 0 && c !== 0 ? c * (1 + gamma) : c));
    const total = favored.reduce((sum, c) => sum + c, 0);
    return favored.map((c) => (total === 0 ? 0 : (c / total) * amount));
  };
  let flow = values;
  for (let step = net.steps.length - 1; step > 0; step--) {
    const { outputs: width, weights, bias, skip, gate } = net.steps[step]!;
    const [entered, active, out] = [inputs[step]!, actives[step]!, outputs[step]!];
    const toActive = active.map(() => 0);
    const toSkipped = entered.map(() => 0);
    for (let o = 0; o < width; o++) {
      if (flow[o] === 0) continue;
      const contributions = active.map((value, i) => value * weights[i * width + o]!);
      const share = shares([...contributions, skip ? entered[o]! : 0, bias?.[o] ?? 0], out[o]!, flow[o]!);
      active.forEach((_, i) => {
        toActive[i]! += share[i]!;
      });
      if (skip) toSkipped[o]! += share[active.length]!;
    }
    flow = toActive.map((amount, i) => {
      const arrived = gate
        ? amount === 0
          ? 0
          : shares([entered[i]! * gate.scale[i]!, gate.shift[i]!], active[i]!, amount)[0]!
        : amount;
      return arrived + toSkipped[i]!;
    });
  }
  // zᴮ: the only input gets everything.
  return flow.reduce((sum, value) => sum + value, 0);
}

for (const [name, options] of Object.entries(smallNets)) {
  const net = randomNet(options);

  test(`${name}: the function equals the net by TensorFlow.js' operations`, async () => {
    const { x, output } = scanNet(net);
    const expected = tf.tidy(() => {
      const points = tf.tensor2d(x, [x.length, 1]);
      return byTensors(net, points, points).dataSync();
    });
    close(output, expected, 1e-5, "f");
  });

  test(`${name}: the gradient equals tf.grad at constant statistics, and finite differences between kinks`, async () => {
    const { x, gradient, sensitivity } = scanNet(net);
    const expected = tf.tidy(() => {
      const points = tf.tensor2d(x, [x.length, 1]);
      // A tensor of its own, or the derivative would run through the statistics as well.
      const fixed = tf.tensor2d(x, [x.length, 1]);
      return tf
        .grad((moving: tf.Tensor) => byTensors(net, moving as tf.Tensor2D, fixed).sum())(points)
        .dataSync();
    });
    close(gradient, expected, 1e-4, "∂f/∂x");
    close(
      sensitivity,
      gradient.map((slope) => slope ** 2),
      1e-6,
      "(∂f/∂x)²",
    );

    const frozen = freezeNet(net, x);
    const { kinks } = await linearPieces(frozen, { from: -2, to: 2 });
    const step = 1e-6;
    const smooth = [...x.keys()].filter((i) => !kinks.some((kink) => Math.abs(kink - x[i]!) < 2 * step));
    const slopes = smooth.map((i) => (evaluate(frozen, x[i]! + step) - evaluate(frozen, x[i]! - step)) / (2 * step));
    close(
      smooth.map((i) => gradient[i]!),
      slopes,
      1e-4,
      "finite difference",
    );
    assert.ok(smooth.length > 250);
  });

  test(`${name}: LRP-γ equals a sum over contributions, unit by unit`, async () => {
    for (const gamma of [0.25, 2]) {
      const { x, relevance } = scanNet(net, { points: 41, gamma });
      const frozen = freezeNet(net, x);
      close(
        relevance,
        Array.from(x, (point) => relevanceByLoops(frozen, point, gamma)),
        2e-4,
        `γ ${gamma}`,
      );
    }
  });

  test(`${name}: LRP at γ = 0 is the derivative by the scale of the embedding, Σ h ∂f/∂h`, () => {
    const { x, relevance } = scanNet(net, { points: 64, gamma: 0 });
    const frozen = freezeNet(net, x);
    const scaled = (scale: number): FrozenNet => {
      const [{ weights, bias, ...rest }, ...others] = frozen.steps as [FrozenNet["steps"][0], ...FrozenNet["steps"]];
      const grown = (values: Float64Array) => values.map((value) => value * scale);
      return { steps: [{ ...rest, weights: grown(weights), bias: bias && grown(bias) }, ...others] };
    };
    const [more, less] = [scaled(1 + 1e-6), scaled(1 - 1e-6)];
    const expected = Array.from(x, (point) => (evaluate(more, point) - evaluate(less, point)) / 2e-6);
    close(relevance, expected, 1e-3, "Σ h ∂f/∂h");
  });
}

test("without biases anywhere LRP-γ gives the only input all of f", async () => {
  const net = randomNet({ depth: 5, width: 30, bias: 0, seed: 4 });
  const { output, relevance } = scanNet(net, { from: 0.1, to: 1 });
  close(relevance, output, 1e-4, "R");
});

test("the same seed draws the same net, another seed another; a deeper net begins with the same layers", () => {
  const steps = (options: object) => randomNet({ width: 20, depth: 3, ...options }).steps.map((step) => step.weights);
  assert.deepEqual(steps({ seed: 1 }), steps({ seed: 1 }));
  assert.notDeepEqual(steps({ seed: 1 }), steps({ seed: 2 }));
  const deeper = steps({ seed: 1, depth: 6 });
  assert.deepEqual(deeper.slice(0, 3), steps({ seed: 1 }).slice(0, 3));
  assert.deepEqual(deeper.at(-1), steps({ seed: 1 }).at(-1));
});

test("weights have the variance that their initialization states", () => {
  const variance = (values: ArrayLike<number>) =>
    Array.from(values).reduce((sum, value) => sum + value * value, 0) / values.length;
  const hidden = (initialization: "he" | "he-uniform" | "glorot" | "looks-linear") =>
    variance(randomNet({ initialization, width: 100, depth: 3, seed: 11 }).steps[1]!.weights);
  for (const [initialization, expected] of [
    ["he", 2 / 100],
    ["he-uniform", 2 / 100],
    ["glorot", 2 / 200],
    ["looks-linear", 1 / 50],
  ] as const) {
    assert.ok(Math.abs(hidden(initialization) / expected - 1) < 0.1, initialization);
  }
  const most = largest(randomNet({ initialization: "he-uniform", width: 100, depth: 3 }).steps[1]!.weights);
  assert.ok(most <= Math.sqrt(6 / 100));
});

test("values out of range are refused by name", async () => {
  const bad = [
    ["depth", { depth: 0 }],
    ["width", { width: 2.5 }],
    ["architecture", { architecture: "dense" }],
    ["initialization", { initialization: "zeros" }],
    ["beta", { beta: 0 }],
    ["bias", { bias: Number.NaN }],
    ["width", { width: 3, initialization: "looks-linear" }],
  ] as const;
  for (const [parameter, options] of bad) {
    assert.throws(() => randomNet(options as object), { name: "ParameterError", parameter });
  }
  const net = randomNet({ depth: 1, width: 4 });
  assert.throws(() => scanNet(net, { points: 1 }), { name: "ParameterError", parameter: "points" });
  assert.throws(() => scanNet(net, { from: 3 }), { name: "ParameterError", parameter: "to" });
  assert.throws(() => scanNet(net, { gamma: -1 }), { name: "ParameterError", parameter: "gamma" });
});

test("no tensor stays behind, whatever the architecture", async () => {
  const before = tf.memory().numTensors;
  for (const options of Object.values(smallNets)) {
    const net = randomNet(options);
    scanNet(net);
    freezeNet(net, lineGrid());
  }
  assert.equal(tf.memory().numTensors, before);
});
