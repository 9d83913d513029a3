import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import * as tf from "@tensorflow/tfjs-node";
import sharp from "sharp";
import { generator, type PrototypeOptions, prototype } from "../../../src/explainers/synthesis/index.js";
import { loadDensity, loadDigits, loadModel } from "../../../src/kernel-helpers/index.js";
import { accuracyOn } from "../../../tools/train/classifier.js";
import { readMnist } from "../../../tools/train/mnist.js";
import { long } from "../../every.js";

const SIZE = 784;

/** Prototypes of the ten classes: the least probability, and the mean distance to the nearest of `digits`. */
async function digitPrototypes(model: object, digits: tf.Tensor2D, options: Partial<PrototypeOptions>) {
  const pictures: Float32Array[] = [];
  let least = 1;
  let distance = 0;
  for (let target = 0; target < 10; target++) {
    const { picture, probability } = await prototype(model, { target, steps: 120, seed: 1, ...options });
    pictures.push(picture);
    least = Math.min(least, probability![0]!);
    distance += tf.tidy(() => {
      const squares = tf.sum(tf.squaredDifference(digits, tf.tensor2d(picture, [1, SIZE])), 1);
      return Math.sqrt(tf.min(squares).dataSync<"float32">()[0]!) / 10;
    });
  }
  return { pictures, least, distance };
}

/** For a person to look at: a row of ten digits for each way to find them. */
async function keepPictures(name: string, rows: Float32Array[][]): Promise<void> {
  const [width, height] = [10 * 30, rows.length * 30];
  const sheet = new Uint8Array(width * height).fill(128);
  rows.forEach((row, top) => {
    row.forEach((picture, left) => {
      for (let at = 0; at < SIZE; at++) {
        sheet[(top * 30 + Math.floor(at / 28)) * width + left * 30 + (at % 28)] = 255 * picture[at]!;
      }
    });
  });
  const folder = join(import.meta.dirname, "../../../../test-output");
  await mkdir(folder, { recursive: true });
  await sharp(sheet, { raw: { width, height, channels: 1 } })
    .resize(3 * width, 3 * height, { kernel: "nearest" })
    .png()
    .toFile(join(folder, `${name}.png`));
}

test("the CNN recognizes at least 99 % of MNIST's test digits, the MLP 98 %", async () => {
  const digits = await readMnist("test");
  assert.equal(digits.count, 10_000);
  for (const [name, least] of [
    ["mnist-cnn", 0.99],
    ["mnist-mlp", 0.98],
  ] as const) {
    const { net, output, input, dispose } = await loadModel(name);
    assert.equal(output, "logits");
    assert.deepEqual([input.low, input.high], [0, 1]);
    const accuracy = accuracyOn(net as unknown as Parameters<typeof accuracyOn>[0], digits);
    assert.ok(accuracy >= least, `${name}: ${accuracy}`);
    dispose();
  }
});

test("the sample holds a hundred real test digits of each class", async () => {
  const { pixels, labels, count } = await loadDigits();
  const all = await readMnist("test");
  assert.equal(count, 1000);
  for (const place of [0, 7, 123, 999]) {
    assert.equal(labels[place], place % 10);
    // The n-th of its class in the sample is the n-th of its class in the test set.
    const wanted = Math.floor(place / 10);
    const original = [...all.labels.keys()].filter((index) => all.labels[index] === place % 10)[wanted]!;
    assert.deepEqual(
      Buffer.from(pixels.subarray(place * SIZE, (place + 1) * SIZE)),
      Buffer.from(all.pixels.subarray(original * SIZE, (original + 1) * SIZE)),
    );
  }
});

test(
  "prototypes of all ten digits reach p > .99, and what knows digits brings them closer to real ones",
  long,
  async () => {
    const [model, decoder, rbm, gaussian, sample] = await Promise.all([
      loadModel("mnist-cnn"),
      loadModel("mnist-decoder"),
      loadDensity("mnist-rbm"),
      loadDensity("mnist-gaussian"),
      loadDigits(),
    ]);
    const digits = tf.tidy(() =>
      tf.tensor2d(sample.pixels, [sample.count, SIZE], "int32").toFloat().div(255),
    ) as tf.Tensor2D;
    const codeSize = decoder.input.shape[0]!;
    const plain = await digitPrototypes(model, digits, {});
    const withGaussian = await digitPrototypes(model, digits, {
      maximize: "logit",
      densities: [{ density: gaussian, strength: 0.03 }],
    });
    const withRbm = await digitPrototypes(model, digits, {
      maximize: "logit",
      densities: [{ density: rbm, strength: 0.1 }],
    });
    const decoded = await digitPrototypes(model, digits, {
      maximize: "logit",
      code: 0.3,
      parametrization: generator(decoder.net, { codeSize }),
    });
    await keepPictures(
      "prototypes-mnist",
      [plain, withGaussian, withRbm, decoded].map(({ pictures }) => pictures),
    );
    for (const [name, { least }] of Object.entries({ plain, withGaussian, withRbm, decoded })) {
      assert.ok(least > 0.99, `${name}: p ${least}`);
    }
    const distances = [plain, withGaussian, withRbm, decoded].map(({ distance }) => distance);
    assert.ok(distances[1]! < distances[0]! && distances[2]! < distances[0]!, distances.join(", "));
    assert.ok(distances[3]! < Math.min(...distances.slice(0, 3)), distances.join(", "));
    for (const owner of [model, decoder, rbm, gaussian]) owner.dispose();
    digits.dispose();
  },
);

test("two hundred steps through the decoder leave as many tensors as there were", async () => {
  const [model, decoder, rbm] = await Promise.all([
    loadModel("mnist-cnn"),
    loadModel("mnist-decoder"),
    loadDensity("mnist-rbm"),
  ]);
  const run = (steps: number) =>
    prototype(model, {
      target: 3,
      steps,
      starts: 2,
      jitter: 1,
      densities: [{ density: rbm, strength: 0.01 }],
      parametrization: generator(decoder.net as LayersModel, { codeSize: decoder.input.shape[0]! }),
    });
  await run(1);
  const before = tf.memory().numTensors;
  await run(200);
  assert.equal(tf.memory().numTensors, before);
  for (const owner of [model, decoder, rbm]) owner.dispose();
});
