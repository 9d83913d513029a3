import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import {
  completeness,
  conservation,
  type Explain,
  gradCam,
  gradientTimesInput,
  inputInvariance,
  integratedGradients,
  lrp,
  MissingEvidenceError,
  type Model,
  nonSensitivity,
  ParameterError,
  patternNet,
  positivity,
  randomizedModel,
  randomLabels,
  randomLogit,
  release,
  sensitivity,
} from "../../../src/explainers/index.js";
import { spearman } from "../../../src/explainers/numerics/correlation.js";
import { convolutionalNet, linearModel } from "../../helpers/nets.js";
import { leavesNoTensors, normals } from "../../helpers/tensors.js";

const near = (actual: number, expected: number, tolerance = 1e-4) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} instead of ${expected}`);
const signed = (model: Model): Explain => sensitivity(model, { kind: "signed" });

/** Σ w x + 2 with a weight that is 0. */
const weights = tf.tensor1d([1, -2, 0, 3]);
const linear = linearModel(weights, 2);
const x = tf.tensor2d([
  [1, 1, 1, 1],
  [0.5, 2, -1, 1],
]);

describe("sums", () => {
  test("integrated gradients are complete to their baseline, gradient × input conserves all but the bias", () =>
    leavesNoTensors(async () => {
      const attribution = await integratedGradients(linear, { baseline: 0.25 })(x, { target: 0 });
      const score = await completeness(linear, { baseline: 0.25 })({ x, attribution });
      for (const value of score.values) near(value, 0, 1e-5);
      // f(x) = 4, 1.5: of another baseline, 0, the sums 1.5 and −1 miss w·x = 2 and −0.5 by 0.5 each.
      const other = await completeness(linear, { baseline: "zero" })({ x, attribution });
      near(other.values[0]!, 0.5 / 2);
      near(other.values[1]!, 0.5 / 0.5);
      const absolute = await completeness(linear, { baseline: "zero", scale: "absolute" })({ x, attribution });
      for (const value of absolute.values) near(value, 0.5);
      const products = await gradientTimesInput(linear)(x, { target: 0 });
      const kept = await conservation(linear)({ x, attribution: products });
      near(kept.values[0]!, 2 / 4);
      near(kept.values[1]!, 2 / 1.5);
    }));

  test("of LRP every layer says what it passed on and what its bias kept", async () => {
    const net = convolutionalNet("softmax");
    const images = normals(1)(3, 8, 8, 2);
    const attribution = await lrp(net, { composite: "epsilon" })(images, {
      target: [0, 1, 2],
    });
    const { values, layers, warnings } = await conservation(net)({ x: images, attribution });
    assert.deepEqual(warnings, []);
    assert.ok(layers.length >= 3);
    for (const { name, sum, lost } of layers) {
      for (const [sample, value] of lost.entries()) near(value, 0, 1e-3 * Math.max(1, Math.abs(sum[sample]!)));
      assert.equal(sum.length, 3, name);
    }
    const total = (sample: number) =>
      attribution.relevance.subarray(sample * 128, (sample + 1) * 128).reduce((a, b) => a + b, 0);
    values.forEach((value, sample) => {
      const output = attribution.output[sample]!;
      near(value, Math.abs(total(sample) - output) / Math.abs(output), 1e-4);
      // What did not arrive was kept.
      const kept = layers.reduce((sum, layer) => sum + layer.kept[sample]!, 0);
      near(kept, output - total(sample), 2e-3 * Math.max(1, Math.abs(output)));
    });
    net.dispose();
  });

  test("of values that are no shares, and of what should be 0, it is said", async () => {
    const attribution = await signed(linear)(x, { target: 0 });
    const { warnings } = await conservation(linear)({ x, attribution });
    assert.deepEqual(
      warnings.map(({ kind }) => kind),
      ["meaningless"],
    );
    const nothing = await gradientTimesInput(linear)(x, { target: 1 });
    const zero = await conservation(linear)({ x, attribution: nothing });
    assert.ok(zero.values.every(Number.isNaN));
    assert.match(zero.warnings[0]!.message, /absolute/);
    const absolute = await conservation(linear, { scale: "absolute" })({ x, attribution: nothing });
    assert.deepEqual([...absolute.values], [0, 0]);
  });
});

describe("input invariance", () => {
  const products = (model: Model): Explain => gradientTimesInput(model);

  test("of the gradient is 0, and of gradient × input what the shift adds", () =>
    leavesNoTensors(async () => {
      const own = async (explain: (model: Model) => Explain, shift: number) => {
        const attribution = await explain(linear)(x, { target: 0 });
        return inputInvariance(linear, { shift })({ x, attribution, explain });
      };
      const gradients = await own(signed, -3);
      assert.deepEqual([...gradients.values], [0, 0]);
      assert.deepEqual(gradients.warnings, []);
      // w ⊙ (x + m) − w ⊙ x = m w
      const { values } = await own(products, -3);
      near(values[0]!, (3 * Math.sqrt(14)) / Math.sqrt(14));
      near(values[1]!, (3 * Math.sqrt(14)) / Math.hypot(0.5, 4, 3));
      assert.deepEqual(Object.keys(gradients.parameters), ["shift"]);
    }));

  test("a reference that moves along makes a method invariant, one at zero does not", async () => {
    const net = convolutionalNet("softmax");
    const images = normals(4)(2, 8, 8, 2);
    const bounded = { net, input: { low: [-3, -2], high: [3, 2] } };
    const value = async (explain: (model: Model) => Explain) => {
      const attribution = await explain(bounded)(images);
      const { values, parameters } = await inputInvariance(bounded)({ x: images, attribution, explain });
      assert.equal(parameters["shift"], -5);
      return Math.max(...values);
    };
    assert.ok((await value((model) => integratedGradients(model, { baseline: "black", steps: 16 }))) < 1e-3);
    assert.ok((await value((model) => integratedGradients(model, { baseline: "zero", steps: 16 }))) > 0.1);
    assert.ok((await value((model) => gradCam(model))) < 1e-3);
    assert.ok((await value(signed)) < 1e-3);
    assert.ok((await value(products)) > 0.1);
    assert.deepEqual(bounded.input, { low: [-3, -2], high: [3, 2] });
    net.dispose();
  });

  test("linear patterns are covariances and stay; two-component ones move with the mean of what is shifted", async () => {
    const net = tf.sequential({
      layers: [
        tf.layers.conv2d({ inputShape: [6, 6, 1], filters: 3, kernelSize: 3, activation: "relu" }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 2 }),
      ],
    });
    const images = normals(5)(2, 6, 6, 1);
    const bounded = { net, input: { low: -3, high: 3 } };
    const value = async (estimator: "linear" | "two-component") => {
      const explain = (model: Model) => patternNet(model, { estimator });
      const attribution = await explain(bounded)(images);
      const { values } = await inputInvariance(bounded, { shift: -2 })({ x: images, attribution, explain });
      return values;
    };
    for (const score of await value("linear")) near(score, 0, 1e-3);
    for (const score of await value("two-component")) assert.ok(score > 0.1, `${score}`);
    net.dispose();
  });

  test("with a bias that takes up the shift LRP-ε is gradient × input; behind padding it is said what stays", async () => {
    const layers = (padding: "valid" | "same") =>
      tf.sequential({
        layers: [
          tf.layers.conv2d({ inputShape: [6, 6, 1], filters: 3, kernelSize: 3, padding, activation: "relu" }),
          tf.layers.flatten(),
          tf.layers.dense({ units: 2 }),
        ],
      });
    const images = normals(5)(2, 6, 6, 1);
    const epsilon = (model: Model): Explain => lrp(model, { composite: "epsilon", epsilon: 1e-9 });
    for (const padding of ["valid", "same"] as const) {
      const net = layers(padding);
      const score = async (explain: (model: Model) => Explain) =>
        inputInvariance(net)({ x: images, attribution: await explain(net)(images, { target: 1 }), explain });
      const [bySums, byProducts] = [await score(epsilon), await score(products)];
      assert.deepEqual(byProducts.warnings, [], padding);
      if (padding === "valid") {
        assert.deepEqual(bySums.warnings, []);
        for (const [i, value] of bySums.values.entries()) near(value / byProducts.values[i]!, 1, 1e-2);
      } else {
        assert.match(bySums.warnings[0]!.message, /pads with zeros/);
      }
      release(net);
      net.dispose();
    }
  });

  test("an explainer of another model, no shift and no explainer are named", async () => {
    const attribution = await products(linear)(x, { target: 0 });
    const same = products(linear);
    const { warnings } = await inputInvariance(linear)({ x, attribution, explain: () => same });
    assert.match(warnings[0]!.message, /does not explain the model/);
    assert.throws(() => inputInvariance(linear, { shift: 0 }), ParameterError);
    await assert.rejects(inputInvariance(linear)({ x, attribution }), MissingEvidenceError);
    const zero = await products(linear)(x, { target: 1 });
    const nothing = await inputInvariance(linear)({ x, attribution: zero, explain: products });
    assert.ok(nothing.values.every(Number.isNaN));
    assert.equal(nothing.warnings[0]!.kind, "constant");
  });
});

test("positivity is the share that speaks against", async () => {
  const attribution = await gradientTimesInput(linear)(x, { target: 0 });
  const { values } = await positivity(linear)({ x, attribution });
  near(values[0]!, 2 / 6);
  near(values[1]!, 4 / 7.5);
  const zero = await positivity(linear)({ x, attribution: await gradientTimesInput(linear)(x, { target: 1 }) });
  assert.ok(Number.isNaN(zero.values[0]));
  assert.equal(zero.warnings[0]!.kind, "constant");
});

test("non-sensitivity counts the features of which only one is true", () =>
  leavesNoTensors(async () => {
    const attribution = await gradientTimesInput(linear)(x, { target: 0 });
    const evidence = { x, attribution };
    assert.deepEqual([...(await nonSensitivity(linear, { replacement: "zero" })(evidence)).values], [0, 0]);
    const relevance = Float32Array.from([1, 0, 0, 3, 0, 0, 1, 3]);
    const wrong = { ...attribution, relevance, inputs: [{ relevance, shape: [2, 4] }] };
    const { values } = await nonSensitivity(linear, { draws: 2, memoryBudget: 4000, replacement: -3 })({
      x,
      attribution: wrong,
    });
    // Of the second sample two features lack what they do, and the third has what it does not.
    assert.deepEqual([...values], [1, 3]);
  }));

describe("another model, another class", () => {
  test("of a model of random labels the similarities are those of its explanation", async () => {
    const net = convolutionalNet("linear", 12);
    const images = normals(2)(3, 12, 12, 2);
    const attribution = await signed(net)(images, { target: [0, 1, 2] });
    const random = randomizedModel(net);
    random.randomize(...random.layers);
    release(net);
    await leavesNoTensors(async () => {
      const evidence = { x: images, attribution, explain: signed };
      const same = await randomLabels(net)({ ...evidence, model: net });
      for (const value of same.values) near(value, 1);
      const score = await randomLabels(net, { channels: "apart" })({ ...evidence, model: random.model });
      const other = await signed(random.model)(images, { target: [0, 1, 2] });
      score.values.forEach((value, sample) => {
        const [a, b] = [attribution, other].map(({ relevance }) =>
          relevance.subarray(sample * 288, (sample + 1) * 288),
        );
        near(value, spearman(a!, b!));
      });
      assert.ok(score.similarities.absolute.ssim!.every((value) => value < 0.9));
      await assert.rejects(randomLabels(net)(evidence), MissingEvidenceError);
      release(net);
      release(random.model);
    });
    random.dispose();
    net.dispose();
  });

  test("another class is explained for every sample, the same number of places away", async () => {
    const net = convolutionalNet("softmax", 12);
    const images = normals(3)(3, 12, 12, 2);
    const attribution = await signed(net)(images, { target: [0, 1, 2] });
    const score = await randomLogit(net, { seed: 3 })({ x: images, attribution, explain: signed });
    const steps = new Set(score.others.map((other, sample) => (other - sample + 3) % 3));
    assert.equal(steps.size, 1);
    assert.ok(!steps.has(0));
    const blind: (model: Model) => Explain = (model) => (input, options) =>
      signed(model)(input, { ...options, target: [0, 1, 2] });
    const same = await randomLogit(net)({ x: images, attribution, explain: blind });
    for (const value of same.values) near(value, 1);
    const lone = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 1 })] });
    const alone = await signed(lone)(x);
    await assert.rejects(randomLogit(lone)({ x, attribution: alone, explain: signed }), ParameterError);
    net.dispose();
    lone.dispose();
  });
});
