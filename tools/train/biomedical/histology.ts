import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-node";
import { seededRandom } from "../../../src/explainers/numerics/random.js";
import { getData, loadPictureSet, type NucleiPatches, nucleiPatches } from "../../../src/kernel-helpers/index.js";
import { saveModel } from "../save.js";
import type { Training } from "../training.js";
import { inWords, largest, scored } from "./score.js";

const SIZE = 32;
const BATCH = 32;

/** Three convolutions, the first two followed by pooling, and a dense layer, which sees where things are: 32 × 32 pixels to two logits. */
function patchNet(name: string, seed: number): tf.Sequential {
  const conv = (layer: string, filters: number, kernelSize: number, offset: number, more = {}) =>
    tf.layers.conv2d({
      ...{ name: layer, filters, kernelSize, activation: "relu" as const },
      kernelInitializer: tf.initializers.heNormal({ seed: seed + offset }),
      ...more,
    });
  return tf.sequential({
    name,
    layers: [
      conv("conv1", 6, 5, 1, { inputShape: [SIZE, SIZE, 1] }),
      tf.layers.maxPooling2d({ name: "pool1", poolSize: 2 }),
      conv("conv2", 8, 3, 2),
      tf.layers.maxPooling2d({ name: "pool2", poolSize: 2 }),
      conv("conv3", 8, 3, 3),
      tf.layers.flatten({ name: "flatten" }),
      tf.layers.dense({ name: "logits", units: 2, kernelInitializer: tf.initializers.heNormal({ seed: seed + 4 }) }),
    ],
  });
}

/** Adam with a cosine; each patch is turned and mirrored at random, as tissue has no upper end. */
function fit(model: tf.Sequential, { values, labels }: NucleiPatches, epochs: number, seed: number): void {
  const random = seededRandom(seed);
  const optimizer = tf.train.adam(0);
  const patch = SIZE * SIZE;
  const steps = epochs * Math.ceil(labels.length / BATCH);
  for (let epoch = 0, step = 0; epoch < epochs; epoch++) {
    const order = random.permutation(labels.length);
    for (let from = 0; from < order.length; from += BATCH, step++) {
      const rows = order.subarray(from, from + BATCH);
      Object.assign(optimizer, { learningRate: 1.5e-3 * (1 + Math.cos((Math.PI * step) / steps)) });
      const block = new Float32Array(rows.length * patch);
      rows.forEach((row, place) => {
        const [down, across, turned] = [random.integer(2), random.integer(2), random.integer(2)];
        for (let y = 0; y < SIZE; y++) {
          for (let x = 0; x < SIZE; x++) {
            const [a, b] = [down === 1 ? SIZE - 1 - y : y, across === 1 ? SIZE - 1 - x : x];
            const at = turned === 1 ? b * SIZE + a : a * SIZE + b;
            block[place * patch + y * SIZE + x] = values[row * patch + at]!;
          }
        }
      });
      tf.tidy(() => {
        const x = tf.tensor4d(block, [rows.length, SIZE, SIZE, 1]);
        const own = tf.tensor1d(
          Int32Array.from(rows, (row) => labels[row]!),
          "int32",
        );
        optimizer.minimize(() => tf.losses.softmaxCrossEntropy(tf.oneHot(own, 2), model.apply(x) as tf.Tensor));
      });
    }
  }
  optimizer.dispose();
}

/** The mean brightness of the 5 × 5 pixels in a patch's middle. */
function brightness({ values, labels }: NucleiPatches): number[] {
  const middle = SIZE / 2;
  return labels.map((_, patch) => {
    let sum = 0;
    for (let y = middle - 2; y <= middle + 2; y++) {
      for (let x = middle - 2; x <= middle + 2; x++) sum += values[(patch * SIZE + y) * SIZE + x]!;
    }
    return sum / 25;
  });
}

/** The brightness that tells most patches right. */
function bestThreshold(patches: NucleiPatches): number {
  const shades = brightness(patches);
  const right = (threshold: number) =>
    shades.filter((shade, at) => Number(shade > threshold) === patches.labels[at]).length;
  return shades.reduce((best, shade) => (right(shade) > right(best) ? shade : best), 0);
}

/** Trains on patches of the left two thirds; `background` says which places without a nucleus in their middle are among them. */
async function trainPatches(
  name: string,
  background: "anywhere" | "empty",
  { folder, seed, epochs = 8, log }: Training,
): Promise<void> {
  await getData("pictures-nuclei", { say: log });
  const set = await loadPictureSet("pictures-nuclei");
  const train = nucleiPatches(set, { part: "train", background, count: 800, seed });
  const test = nucleiPatches(set, { part: "test", seed });
  const model = patchNet(name, seed);
  fit(model, train, epochs, seed);
  const logits = tf.tidy(() => (model.predict(tf.tensor4d(test.values, [...test.shape])) as tf.Tensor2D).arraySync());
  const net = scored(logits.map(largest), test.labels);
  const threshold = bestThreshold(train);
  const baseline = scored(
    brightness(test).map((shade) => Number(shade > threshold)),
    test.labels,
  );
  log(inWords(`${name}, net of ${model.countParams()} weights`, net));
  log(inWords(`${name}, brightness in the middle above ${threshold.toFixed(3)}`, baseline));
  const training = {
    seed,
    epochs,
    background,
    ...net,
    baseline: "brightness in the middle",
    baselineAccuracy: baseline.testAccuracy,
  };
  await saveModel(model, join(folder, name), { output: "logits", classNames: [...test.classNames], training });
}

/** Trainings of models of micrographs, by name: one with backgrounds from anywhere, one with the bias of who took only clear examples. */
export const histologyTrainings: Readonly<Record<string, (training: Training) => Promise<void>>> = {
  "histology-nuclei": (training) => trainPatches("histology-nuclei", "anywhere", training),
  "histology-clear-cases": (training) => trainPatches("histology-clear-cases", "empty", training),
};
