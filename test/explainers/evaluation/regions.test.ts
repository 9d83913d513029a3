import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import {
  deletion,
  insertion,
  pixelFlipping,
  regionPerturbation,
  road,
  selectivity,
} from "../../../src/explainers/index.js";
import { saying } from "../../helpers/attributions.js";
import { convolutionalNet, linearModel } from "../../helpers/nets.js";
import { near, sum } from "../../helpers/numbers.js";
import { leavesNoTensors, normals } from "../../helpers/tensors.js";

const weights = normals(3)(7, 8, 2);
const x = normals(4)(2, 7, 8, 2);
const model = linearModel(weights, 1);
const contributions = tf.tidy(() => x.mul(weights));
const attribution = saying(contributions);
const total = (sample: number) => sum(contributions.slice(sample, 1).dataSync()) + 1;

/** Sums over a grid of patches of 3 × 4, rows cut to 2, 3 and 2. */
function patchSums(sample: number): number[] {
  return [
    [0, 2],
    [2, 3],
    [5, 2],
  ].flatMap(([from, rows]) =>
    [0, 4].map((column) => sum(contributions.slice([sample, from!, column, 0], [1, rows!, 4, 2]).dataSync())),
  );
}

/** 1/(L+1) Σ of what is lost after 0, 1 … L of the losses. */
function area(losses: number[]): number {
  let lost = 0;
  return sum(losses.map((loss) => (lost += loss))) / (losses.length + 1);
}

test("region perturbation of a linear model is the sorted sum of its patches, cut evenly at the ends", async () => {
  const options = { patch: [3, 4], replacement: 0 } as const;
  const { values, curves, flips } = await regionPerturbation(model, options)({ x, attribution });
  const first = await regionPerturbation(model, { ...options, regions: 2 })({ x, attribution });
  const least = await regionPerturbation(model, { ...options, order: "lerf" })({ x, attribution });
  for (const sample of [0, 1]) {
    const sums = patchSums(sample);
    const sorted = sums.toSorted((a, b) => b - a);
    near(values[sample]!, area(sorted), 1e-3);
    near(first.values[sample]!, area(sorted.slice(0, 2)), 1e-3);
    near(least.values[sample]!, area(sorted.toReversed()), 1e-3);
    near(curves[sample]!.y.at(-1)!, 1, 1e-3);
    assert.deepEqual(
      Array.from(flips.orders[sample]!),
      [...sums.keys()].sort((a, b) => sums[b]! - sums[a]!),
    );
  }
});

test("selectivity and deletion are areas under the same curves, insertion over its mirror", async () => {
  const asLogit = { output: "logit", replacement: 0 } as const;
  const select = await selectivity(model, { patch: [3, 4], replacement: 0 })({ x, attribution });
  const deleted = await deletion(model, { ...asLogit, steps: 56 })({ x, attribution });
  const inserted = await insertion(model, { ...asLogit, steps: 56 })({ x, attribution });
  for (const sample of [0, 1]) {
    const trapezoids = (losses: number[]) => {
      let [before, under] = [total(sample), 0];
      for (const loss of losses) {
        under += (before + before - loss) / 2 / losses.length;
        before -= loss;
      }
      return under;
    };
    near(select.values[sample]!, trapezoids(patchSums(sample).toSorted((a, b) => b - a)), 1e-3);
    const pairs = contributions.slice(sample, 1).reshape([56, 2]).sum(1).dataSync<"float32">();
    const falls = Array.from(pairs).toSorted((a, b) => b - a);
    near(deleted.values[sample]!, trapezoids(falls), 1e-3);
    // Built up from nothing: f = bias + what is there.
    near(inserted.values[sample]!, total(sample) + 1 - trapezoids(falls), 1e-3);
    near(inserted.curves[sample]!.y[0]!, 1, 1e-3);
    near(inserted.curves[sample]!.y.at(-1)!, total(sample), 1e-3);
  }
});

test("the probability is the softmax of a model of logits, and the decision whether its output leads", async () => {
  const net = convolutionalNet();
  const pictures = normals(5)(3, 8, 8, 2);
  const asked = saying(normals(6)(3, 8, 8, 2), [0, 1, 2]);
  const curves = async (output: "logit" | "probability" | "decision") =>
    (await pixelFlipping(net, { steps: 5, replacement: 0, output })({ x: pictures, attribution: asked })).curves;
  const { flips } = await pixelFlipping(net, { steps: 5, replacement: 0 })({ x: pictures, attribution: asked });
  const [probability, decision] = [await curves("probability"), await curves("decision")];
  for (const sample of [0, 1, 2]) {
    for (const step of [0, 2, 5]) {
      const outputs = net.predict(tf.tensor(flips.imageAt(sample, step), [1, 8, 8, 2])) as tf.Tensor;
      near(probability[sample]!.y[step]!, tf.softmax(outputs).dataSync()[sample]!, 1e-5);
      assert.equal(decision[sample]!.y[step]!, Number(outputs.argMax(-1).dataSync()[0] === sample));
    }
  }
  const target = tf.ones([3, 3]);
  await assert.rejects(
    pixelFlipping(net, { output: "decision" })({ x: pictures, attribution: asked, target }),
    /target is no class/,
  );
});

test("ROAD of a picture that is smooth where it is flipped loses nothing", async () => {
  const ramp = tf.tidy(() => tf.range(0, 12).reshape([1, 1, 12, 1]).tile([1, 12, 1, 1]).div(12));
  const all = linearModel(normals(7)(12, 12, 1));
  const said = saying(normals(8)(1, 12, 12, 1));
  const falls = async (replacement: "noisy-linear" | "zero") =>
    (await road(all, { replacement, output: "logit", steps: 4 })({ x: ramp, attribution: said })).curves[0]!.y;
  const [guessed, zero] = [await falls("noisy-linear"), await falls("zero")];
  assert.equal(guessed.length, 4);
  assert.ok(Math.abs(guessed[1]! - guessed[0]!) < 0.2 * Math.abs(zero[1]! - zero[0]!));
});

test("patches of other axes are refused by name, and nothing is left behind", async () => {
  await leavesNoTensors(async () => {
    await assert.rejects(regionPerturbation(model, { patch: [2, 2, 2, 2] })({ x, attribution }), {
      name: "ParameterError",
      message: /^patch must be one number, or one for each of 2 axes/,
    });
    for (const measure of [regionPerturbation, selectivity, deletion, insertion, road]) {
      await measure(model)({ x, attribution });
    }
  });
});
