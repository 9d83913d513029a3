import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import {
  faithfulnessCorrelation,
  faithfulnessEstimate,
  gradientTimesInput,
  infidelity,
  sensitivityN,
  shapleyValues,
} from "../../../src/explainers/index.js";
import { pearson } from "../../../src/explainers/numerics/correlation.js";
import { saying } from "../../helpers/attributions.js";
import { convolutionalNet, linearModel } from "../../helpers/nets.js";
import { near, sum } from "../../helpers/numbers.js";
import { leavesNoTensors, normals } from "../../helpers/tensors.js";

const weights = normals(3)(5, 6, 2);
const x = normals(4)(3, 5, 6, 2);
const model = linearModel(weights, 0.5);
const contributions = tf.tidy(() => x.mul(weights));
const attribution = saying(contributions);

/** f(x) = Σ sin(aᵢ xᵢ) + xᵢ²: additive, and not linear. */
const rates = normals(7)(1, 9);
const additive = (input: tf.Tensor) => {
  const f = tf.add(tf.sin(tf.mul(input, rates)), tf.square(input)).sum(1, true);
  return tf.concat([f, tf.neg(f)], 1);
};

test("a linear model's contributions have a sensitivity-n of 1 for every n, of one color or another", async () => {
  for (const channels of ["together", "apart"] as const) {
    const { values, curves } = await sensitivityN(model, { channels, draws: 40 })({ x, attribution });
    near(values, [1, 1, 1], 1e-5);
    assert.equal(curves[0]!.x[0], 1);
    assert.equal(curves[0]!.x.at(-1), Math.round(0.8 * (channels === "together" ? 30 : 60)));
    for (const { y } of curves) near(y, new Float64Array(y.length).fill(1), 1e-5);
  }
  // Noise says nothing of it.
  const noise = await sensitivityN(model, { draws: 200 })({ x, attribution: saying(normals(12)(3, 5, 6, 2)) });
  assert.ok(noise.values.every((value) => Math.abs(value) < 0.6));
});

test("exact Shapley values of an additive model have a faithfulness correlation and an estimate of 1", async () => {
  const rows = normals(8)(4, 9);
  const shapley = await shapleyValues(additive, { baseline: 0 })(rows, { target: 0 });
  const correlation = await faithfulnessCorrelation(additive, { subset: 3, replacement: 0 })({
    x: rows,
    attribution: shapley,
  });
  near(correlation.values, [1, 1, 1, 1], 1e-4);
  const estimate = await faithfulnessEstimate(additive, { replacement: 0 })({ x: rows, attribution: shapley });
  near(estimate.values, [1, 1, 1, 1], 1e-4);
  const opposite = saying(tf.neg(tf.tensor(shapley.relevance, [4, 9])));
  near(
    (await faithfulnessEstimate(additive, { replacement: 0 })({ x: rows, attribution: opposite })).values,
    [-1, -1, -1, -1],
    1e-4,
  );
});

test("the estimate is the correlation with what is lost, feature by feature, on a net", async () => {
  const net = convolutionalNet();
  const pictures = normals(9)(2, 8, 8, 2);
  const said = await gradientTimesInput(net)(pictures, { target: 1 });
  const { values } = await faithfulnessEstimate(net, { replacement: 0.5, perStep: 1, channels: "apart" })({
    x: pictures,
    attribution: said,
  });
  for (const sample of [0, 1]) {
    const one = pictures.slice(sample, 1).dataSync<"float32">();
    const at = (entries: Float32Array) => (net.predict(tf.tensor(entries, [1, 8, 8, 2])) as tf.Tensor).dataSync()[1]!;
    const falls = Array.from(one, (_, place) => at(one) - at(one.map((value, i) => (i === place ? 0.5 : value))));
    near(values[sample]!, pearson(said.relevance.subarray(sample * 128, (sample + 1) * 128), falls), 1e-4);
  }
});

test("infidelity is 0 for a linear model's weights, and what is missed for nothing, by noise and by squares", async () => {
  const gradient = saying(tf.tile(tf.expandDims(weights, 0), [3, 1, 1, 1]));
  const nothing = saying(tf.zerosLike(x));
  for (const perturbation of ["gaussian", "square"] as const) {
    const measured = infidelity(model, { perturbation, draws: 30, relevance: "gradient" });
    const exact = await measured({ x, attribution: gradient });
    near(exact.values, [0, 0, 0], 1e-4);
    const missed = await measured({ x, attribution: nothing });
    assert.ok(missed.values.every((value) => value > 0.01));
    const doubled = await measured({ x, attribution: saying(tf.tile(tf.expandDims(weights.mul(2), 0), [3, 1, 1, 1])) });
    near(doubled.values, missed.values, 1e-3);
    const scaled = await infidelity(model, { perturbation, draws: 30, relevance: "gradient", normalize: true })({
      x,
      attribution: saying(tf.tile(tf.expandDims(weights.mul(2), 0), [3, 1, 1, 1])),
    });
    near(scaled.values, [0, 0, 0], 1e-4);
  }
  // Shares of the output are worth what they are for an entry that is taken away whole.
  const shares = await infidelity(model, { perturbation: "square", draws: 30 })({ x, attribution });
  near(shares.values, [0, 0, 0], 1e-4);
});

test("infidelity with perturbations that are given is its formula", async () => {
  const given = normals(21)(3, 4, 5, 6, 2);
  const said = normals(22)(3, 5, 6, 2);
  const { values } = await infidelity(model, { perturbations: given, relevance: "gradient" })({
    x,
    attribution: saying(said),
  });
  for (const sample of [0, 1, 2]) {
    const squares = [0, 1, 2, 3].map((draw) => {
      const I = given.slice([sample, draw], [1, 1]).reshape([60]);
      const expected = I.mul(said.slice(sample, 1).reshape([60]))
        .sum()
        .dataSync()[0]!;
      const found = I.mul(weights.reshape([60]))
        .sum()
        .dataSync()[0]!;
      return (expected - found) ** 2;
    });
    near(values[sample]!, sum(squares) / 4, 1e-3 * sum(squares));
  }
});

test("batches give the numbers of their samples, constant maps are named, and nothing is left behind", async () => {
  const options = { draws: 20 };
  const said = saying(tf.slice(contributions, 2, 1));
  const flat = saying(tf.fill([3, 5, 6, 2], 2));
  await leavesNoTensors(async () => {
    for (const measured of [
      sensitivityN(model, options),
      faithfulnessCorrelation(model, options),
      faithfulnessEstimate(model),
      infidelity(model, options),
    ]) {
      const all = await measured({ x, attribution });
      const one = tf.tidy(() => tf.slice(x, 2, 1));
      near((await measured({ x: one, attribution: said })).values, all.values.slice(2), 1e-4);
      one.dispose();
    }
    const { values, warnings } = await sensitivityN(model, options)({ x, attribution: flat });
    assert.ok(values.every(Number.isNaN));
    assert.deepEqual(
      warnings.map(({ kind }) => kind),
      ["constant", "constant", "constant"],
    );
    await assert.rejects(faithfulnessCorrelation(model, { subset: 30 })({ x, attribution }), /subset must be below 30/);
  });
});
