import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-core";
import {
  type Attribution,
  complexity,
  effectiveFeatures,
  type Measure,
  sparseness,
} from "../../../src/explainers/index.js";
import { seededRandom } from "../../../src/explainers/numerics/random.js";
import { startBackend } from "../../../src/kernel-helpers/tensorflow/backend.js";

await startBackend();
const model = (x: tf.Tensor) => tf.sum(x, -1, true);

function mapOf(relevance: ArrayLike<number>, shape: number[]): Attribution {
  const values = Float32Array.from(relevance);
  return {
    method: "a map",
    parameters: {},
    relevance: values,
    shape,
    inputs: [{ relevance: values, shape }],
    output: [],
    target: Array(shape[0]).fill(0),
    additive: false,
    channels: "apart",
    warnings: [],
  };
}

async function valuesOf(measure: Measure, relevance: ArrayLike<number>, shape: number[], options = {}) {
  const x = tf.zeros(shape);
  const before = tf.memory().numTensors;
  const score = await measure(model, options)({ x, attribution: mapOf(relevance, shape) });
  assert.equal(tf.memory().numTensors, before);
  x.dispose();
  return score;
}

const near = (actual: number, expected: number, tolerance = 1e-6) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} ≠ ${expected}`);

test("equal sizes: entropy ln n, Gini 0, all n effective, whatever the signs", async () => {
  const map = [1, -1, 1, 1, -1, 1, -1, -1];
  near((await valuesOf(complexity, map, [1, 8])).values[0]!, Math.log(8));
  near((await valuesOf(sparseness, map, [1, 8])).values[0]!, 0);
  assert.equal((await valuesOf(effectiveFeatures, map, [1, 8])).values[0], 8);
});

test("one feature: entropy 0, Gini 1 − 1/n, one effective", async () => {
  const map = [0, 0, -3, 0, 0];
  assert.equal((await valuesOf(complexity, map, [1, 5])).values[0], 0);
  near((await valuesOf(sparseness, map, [1, 5])).values[0]!, 1 - 1 / 5);
  assert.equal((await valuesOf(effectiveFeatures, map, [1, 5])).values[0], 1);
});

test("the Gini index of uniform noise is 1/3, of exponential noise 1/2, and of n values the mean of their differences", async () => {
  const random = seededRandom(2);
  const uniform = random.uniforms(200_000);
  near((await valuesOf(sparseness, uniform, [1, uniform.length])).values[0]!, 1 / 3, 0.002);
  const exponential = uniform.map((u) => -Math.log(1 - u));
  near((await valuesOf(sparseness, exponential, [1, exponential.length])).values[0]!, 1 / 2, 0.004);
  const few = [3, 1, 4, 1, 5];
  // Σ |xᵢ − xⱼ| / (2 n² x̄)
  const differences = few.flatMap((a) => few.map((b) => Math.abs(a - b))).reduce((sum, d) => sum + d, 0);
  near((await valuesOf(sparseness, few, [1, 5])).values[0]!, differences / (2 * 25 * (14 / 5)));
});

test("the entropy of p and 1 − p is the binary one; the threshold counts above a share of the largest", async () => {
  near((await valuesOf(complexity, [1, 3], [1, 2])).values[0]!, -(0.25 * Math.log(0.25) + 0.75 * Math.log(0.75)));
  const map = [10, 1, 0.5, 0.4, -2];
  const count = async (threshold: number) => (await valuesOf(effectiveFeatures, map, [1, 5], { threshold })).values[0];
  assert.equal(await count(0.05), 3);
  assert.equal(await count(0.15), 2);
  assert.equal(await count(0), 5);
  const { values } = await valuesOf(effectiveFeatures, map, [1, 5], { threshold: 1, relativeTo: "nothing" });
  assert.equal(values[0], 2);
});

test("no measure depends on scale or on the other samples", async () => {
  const one = [0.1, -0.4, 0.2, 0.9, 0, 0.3];
  const other = [5, 5, 5, 5, 5, 4];
  for (const measure of [complexity, sparseness, effectiveFeatures] as unknown as Measure[]) {
    const [alone] = (await valuesOf(measure, one, [1, 6])).values;
    const [scaled] = (
      await valuesOf(
        measure,
        one.map((value) => 1000 * value),
        [1, 6],
      )
    ).values;
    near(scaled!, alone!, 1e-5);
    const [, second] = (await valuesOf(measure, [...other, ...one], [2, 6])).values;
    assert.equal(second, alone);
  }
});

test("a pixel's channels are one feature by their sum, unless they are asked for apart", async () => {
  // Two pixels of three channels: 1 and −1 cancel, 0.5 each add.
  const map = [1, -1, 0, 0.5, 0.5, 0];
  const together = await valuesOf(effectiveFeatures, map, [1, 1, 2, 3]);
  assert.equal(together.values[0], 1);
  const apart = await valuesOf(effectiveFeatures, map, [1, 1, 2, 3], { channels: "apart" });
  assert.equal(apart.values[0], 4);
});

test("a map of zeros has no complexity, and is named; a map with NaN too, and the other samples go on", async () => {
  for (const measure of [complexity, sparseness, effectiveFeatures] as unknown as Measure[]) {
    const { values, warnings } = await valuesOf(measure, [0, 0, 1, 2, Number.NaN, 1], [3, 2]);
    assert.ok(Number.isNaN(values[0]!) && !Number.isNaN(values[1]!) && Number.isNaN(values[2]!));
    assert.deepEqual(
      new Map(warnings.map(({ sample, kind }) => [sample, kind])),
      new Map([
        [0, "undefined"],
        [2, "not-finite"],
      ]),
    );
  }
});
