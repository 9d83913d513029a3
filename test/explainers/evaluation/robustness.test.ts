import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import { InputShapeError, ParameterError } from "../../../src/explainers/errors.js";
import {
  AbortedError,
  type Attribution,
  continuity,
  type Explain,
  gradientTimesInput,
  localLipschitz,
  MissingEvidenceError,
  type Model,
  maxSensitivity,
  release,
  sensitivity,
} from "../../../src/explainers/index.js";
import { convolutionalNet, linearModel } from "../../helpers/nets.js";
import { leavesNoTensors, normals } from "../../helpers/tensors.js";

const signed = (model: Model): Explain => sensitivity(model, { kind: "signed" });
const products = (model: Model): Explain => gradientTimesInput(model);
const measures = { continuity, localLipschitz, maxSensitivity };

async function evidenceOf(model: Model, x: tf.Tensor, explain: (model: Model) => Explain) {
  return { x, attribution: await explain(model)(x, { target: 0 }), explain };
}

const near = (actual: number, expected: number, tolerance = 1e-4) =>
  assert.ok(
    Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected)),
    `${actual} instead of ${expected}`,
  );

const lengthOf = (values: ArrayLike<number>): number =>
  Math.sqrt(Array.from(values).reduce((sum, v) => sum + v * v, 0));

describe("of a linear model", () => {
  // Φ(x) = w is the same everywhere; of gradient × input Φ(x′) − Φ(x) = w (x′ − x).
  test("the gradient never moves, and gradient × input moves with the weights", () =>
    leavesNoTensors(async () => {
      const weights = tf.tensor1d([1, -2, 0.5, 3]);
      const model = linearModel(weights, 0.3);
      const x = normals(1)(3, 4);
      for (const measure of Object.values(measures)) {
        const { values } = await measure(model)(await evidenceOf(model, x, signed));
        for (const value of values) near(value, 0, 1e-6);
      }
      const draws = tf.tidy(() => normals(2)(5, 4).mul(0.1) as tf.Tensor);
      const moves = (await draws.array()) as number[][];
      const w = [...weights.dataSync()];
      const evidence = await evidenceOf(model, x, products);
      const own = (sample: number) => evidence.attribution.relevance.subarray(sample * 4, sample * 4 + 4);
      const moved = moves.map((move) => move.map((step, i) => step * w[i]!));
      const relative = await maxSensitivity(model, { draws })(evidence);
      const absolute = await maxSensitivity(model, { draws, scale: "absolute" })(evidence);
      const mean = await maxSensitivity(model, { draws, scale: "absolute", summary: "mean" })(evidence);
      const lipschitz = await localLipschitz(model, { draws })(evidence);
      const continuous = await continuity(model, { draws })(evidence);
      const lengths = moved.map(lengthOf);
      for (let sample = 0; sample < 3; sample++) {
        near(absolute.values[sample]!, Math.max(...lengths));
        near(mean.values[sample]!, lengths.reduce((sum, one) => sum + one, 0) / 5);
        near(relative.values[sample]!, Math.max(...lengths) / lengthOf(own(sample)));
        near(lipschitz.values[sample]!, Math.max(...moved.map((one, k) => lengthOf(one) / lengthOf(moves[k]!))));
        const flows = moved.map((one, k) => one.reduce((sum, v) => sum + Math.abs(v), 0) / lengthOf(moves[k]!));
        near(continuous.values[sample]!, Math.max(...flows));
      }
      // No steepness is beyond the largest weight.
      const { values } = await localLipschitz(model, { samples: 200, radius: 1 })(evidence);
      for (const value of values) assert.ok(value <= 3 + 1e-4 && value > 2, String(value));
      tf.dispose([weights, x, draws]);
    }));
});

describe("of a network", () => {
  test("translations are those of the picture with its border repeated", async () => {
    const net = convolutionalNet("softmax");
    const x = normals(3)(2, 8, 8, 2);
    const evidence = await evidenceOf(net, x, products);
    const { values } = await continuity(net, { neighbors: "translations", shift: 2 })(evidence);
    const pixels = (await x.array()) as number[][][][];
    const worst = [0, 0];
    const clamp = (i: number) => Math.min(Math.max(i, 0), 7);
    for (let down = -2; down <= 2; down++) {
      for (let across = -2; across <= 2; across++) {
        if (down === 0 && across === 0) continue;
        const moved = tf.tensor4d(
          pixels.map((image) => image.map((row, i) => row.map((_, j) => image[clamp(i - down)]![clamp(j - across)]!))),
        );
        const { relevance } = await products(net)(moved, { target: 0 });
        for (const sample of [0, 1]) {
          const own = evidence.attribution.relevance.subarray(sample * 128, (sample + 1) * 128);
          const there = relevance.subarray(sample * 128, (sample + 1) * 128);
          const change = own.reduce((sum, value, i) => sum + Math.abs(value - there[i]!), 0);
          const [a, b] = [tf.slice(x, sample, 1), tf.slice(moved, sample, 1)];
          worst[sample] = Math.max(worst[sample]!, change / tf.norm(tf.sub(a, b)).dataSync()[0]!);
        }
      }
    }
    near(values[0]!, worst[0]!);
    near(values[1]!, worst[1]!);
    net.dispose();
  });

  test("batches of any size and other samples beside it change no number, the seed does", async () => {
    const net = convolutionalNet("linear");
    const x = normals(4)(3, 8, 8, 2);
    const evidence = await evidenceOf(net, x, signed);
    const second = tf.slice(x, 1, 1);
    const alone = await evidenceOf(net, second, signed);
    for (const measure of Object.values(measures)) {
      const all = await measure(net, { radius: 0.1 })(evidence);
      const small = await measure(net, { radius: 0.1, memoryBudget: 60_000 })(evidence);
      all.values.forEach((value, sample) => {
        near(small.values[sample]!, value);
      });
      near((await measure(net, { radius: 0.1 })(alone)).values[0]!, all.values[1]!);
      const reseeded = await measure(net, { radius: 0.1, samples: 3 })(evidence, { seed: 7 });
      const stated = await measure(net, { radius: 0.1, samples: 3, seed: 7 })(evidence);
      assert.deepEqual([...reseeded.values], [...stated.values]);
    }
    const seeds = await Promise.all([1, 2].map((seed) => maxSensitivity(net, { seed, radius: 0.1 })(evidence)));
    assert.notDeepEqual([...seeds[0]!.values], [...seeds[1]!.values]);
    tf.dispose([x, second]);
    net.dispose();
  });

  test("every neighbor is explained once, in few calls, for the class that was explained", async () => {
    const net = convolutionalNet("linear");
    const x = normals(5)(3, 8, 8, 2);
    const attribution = await signed(net)(x, { target: [2, 0, 1] });
    const rows: number[] = [];
    const explain =
      (model: Model): Explain =>
      async (input, options): Promise<Attribution> => {
        rows.push((input as tf.Tensor).shape[0]!);
        const places = rows.slice(0, -1).reduce((sum, count) => sum + count, 0);
        const classes = Array.from({ length: rows.at(-1)! }, (_, row) => [2, 0, 1][(places + row) % 3]);
        assert.deepEqual(options?.target, classes);
        return signed(model)(input, options);
      };
    await maxSensitivity(net, { samples: 20 })({ x, attribution, explain });
    assert.deepEqual(rows, [60]);
    x.dispose();
    net.dispose();
  });

  test("the radius is a share of the input's range where that is known", async () => {
    const model = linearModel(tf.ones([4]));
    const x = normals(6)(1, 4);
    const evidence = await evidenceOf(model, x, products);
    const known = await maxSensitivity(model, {}, { low: [0, 0], high: [255, 255] })(evidence);
    near(known.parameters["radius"] as number, 5.1);
    assert.equal((await maxSensitivity(model)(evidence)).parameters["radius"], 0.02);
    assert.equal((await maxSensitivity(model, { radius: 0.5 })(evidence)).parameters["radius"], 0.5);
  });
});

describe("what has no number", () => {
  test("is named", async () => {
    const net = convolutionalNet("linear");
    const x = normals(7)(2, 8, 8, 2);
    const zeros = (): Explain => async (input, options) => {
      const found = await signed(net)(input, options);
      const relevance = new Float32Array(found.relevance.length);
      return { ...found, relevance, inputs: [{ relevance, shape: found.shape }] };
    };
    const zero = await maxSensitivity(net)(await evidenceOf(net, x, zeros));
    assert.ok(zero.values.every(Number.isNaN));
    assert.deepEqual(
      zero.warnings.map(({ kind, sample }) => [kind, sample]),
      [
        ["undefined", 0],
        ["undefined", 1],
      ],
    );
    const flat = tf.ones([1, 8, 8, 2]);
    const same = await continuity(net, { neighbors: "translations" })(await evidenceOf(net, flat, signed));
    assert.ok(Number.isNaN(same.values[0]));
    assert.match(same.warnings[0]!.message, /the same everywhere/);
    net.dispose();
  });

  test("is refused", async () => {
    const model = linearModel(tf.ones([4]));
    const x = normals(8)(2, 4);
    const evidence = await evidenceOf(model, x, products);
    await assert.rejects(maxSensitivity(model)({ x, attribution: evidence.attribution }), MissingEvidenceError);
    await assert.rejects(continuity(model, { neighbors: "translations" })(evidence), /a table cannot be moved/);
    await assert.rejects(maxSensitivity(model, { draws: tf.zeros([3, 5]) })(evidence), ParameterError);
    const words = tf.ones([2, 4], "int32");
    await assert.rejects(maxSensitivity(model)({ ...evidence, x: words }), /words/);
    await assert.rejects(maxSensitivity(model)({ ...evidence, x: [x, x] }), InputShapeError);
    assert.throws(() => maxSensitivity(model, { radius: 0 }), ParameterError);
  });

  test("an abort ends it, leaving nothing", async () => {
    const net = convolutionalNet("linear");
    const x = normals(9)(2, 8, 8, 2);
    const evidence = await evidenceOf(net, x, signed);
    release(net);
    await leavesNoTensors(async () => {
      for (const measure of Object.values(measures)) {
        const controller = new AbortController();
        const run = { signal: controller.signal, onProgress: () => controller.abort() };
        await assert.rejects(measure(net, { memoryBudget: 60_000, radius: 0.1 })(evidence, run), AbortedError);
        release(net);
      }
    });
    net.dispose();
  });
});
