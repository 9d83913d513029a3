import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-node";
import { seededRandom } from "../../src/explainers/numerics/random.js";
import {
  type PlantedOptions,
  plantedObjects,
  plantedPictures,
  plantedScenes,
} from "../../src/kernel-helpers/data/planted/index.js";
import { type Metadata, saveModel } from "./save.js";

/** Three convolutions, each with a pooling, and two dense layers; 48 × 48 colored pixels in 0…1 to `classes` logits. */
function plantedNet(name: string, classes: number, seed: number): tf.Sequential {
  const kernelInitializer = (offset: number) => tf.initializers.heNormal({ seed: seed + offset });
  const convolution = (index: number, filters: number, kernelSize: number) =>
    tf.layers.conv2d({
      name: `conv${index}`,
      filters,
      kernelSize,
      padding: "same",
      activation: "relu",
      kernelInitializer: kernelInitializer(index),
      ...(index === 1 && { inputShape: [48, 48, 3] }),
    });
  const pool = (index: number) => tf.layers.maxPooling2d({ name: `pool${index}`, poolSize: 2 });
  return tf.sequential({
    name,
    layers: [
      convolution(1, 12, 5),
      pool(1),
      convolution(2, 24, 3),
      pool(2),
      convolution(3, 32, 3),
      pool(3),
      tf.layers.flatten({ name: "flatten" }),
      tf.layers.dense({ name: "dense", units: 28, activation: "relu", kernelInitializer: kernelInitializer(4) }),
      tf.layers.dense({ name: "logits", units: classes, kernelInitializer: kernelInitializer(5) }),
    ],
  });
}

/**
 * Scales and shifts the weights so that what comes to each unit's activation has mean 0 and variance 1 on `pictures` (Salimans & Kingma
 * 2016, section 3): from pixels that are all positive, units of the dense layer would die before they learned anything.
 */
function normalize(model: tf.Sequential, pictures: tf.Tensor): void {
  tf.tidy(() => {
    let value = pictures;
    for (const layer of model.layers) {
      const [kernel, bias] = layer.getWeights();
      if (kernel !== undefined && bias !== undefined) {
        const before =
          kernel.rank === 4
            ? tf.conv2d(value as tf.Tensor4D, kernel as tf.Tensor4D, 1, "same")
            : tf.matMul(value as tf.Tensor2D, kernel as tf.Tensor2D);
        const { mean, variance } = tf.moments(before, before.shape.map((_, axis) => axis).slice(0, -1));
        const scale = tf.rsqrt(tf.add(variance, 1e-6));
        layer.setWeights([tf.mul(kernel, scale), tf.neg(tf.mul(mean, scale))]);
      }
      value = layer.apply(value) as tf.Tensor;
    }
  });
}

/** What a planted picture is asked for. */
type Label = "objects" | "scenes";

/** Seeds of `plantedPictures` that models are trained on and tested on. */
const TRAINING_SEED = 1;
const TEST_SEED = 2;

const classNames = { objects: plantedObjects, scenes: plantedScenes };

interface Lesson {
  name: string;
  /** Where the model is written, into a folder of its name. */
  folder: string;
  seed: number;
  epochs: number;
  log: (line: string) => void;
}

/** A model that tells objects, whatever the scene, or scenes, whatever lies on them. */
export async function trainPlanted({ label, ...lesson }: Lesson & { label: Label }): Promise<void> {
  const model = fit(label, lesson, {});
  const training = { seed: lesson.seed, epochs: lesson.epochs, testAccuracy: accuracyOnPlanted(model, label, {}) };
  const metadata: Metadata = { output: "logits", classNames: [...classNames[label]], training };
  await saveModel(model, join(lesson.folder, lesson.name), metadata);
}

/**
 * A “Clever Hans” (Lapuschkin et al. 2019): it learned objects from pictures of which all discs, and nothing else, bore a watermark.
 */
export async function trainWatermarked(lesson: Lesson): Promise<void> {
  const asTrained = { watermark: { object: "disc" } };
  const model = fit("objects", lesson, asTrained);
  const training = {
    seed: lesson.seed,
    epochs: lesson.epochs,
    testAccuracy: accuracyOnPlanted(model, "objects", asTrained),
    accuracyOnDiscsWithout: accuracyOnPlanted(model, "objects", { object: "disc" }),
    markedCalledDisc: shareCalled(model, 0, { watermark: {} }),
  };
  for (const [what, value] of Object.entries(training)) lesson.log(`${model.name}: ${what} ${value}`);
  const metadata: Metadata = { output: "logits", classNames: [...plantedObjects], training };
  await saveModel(model, join(lesson.folder, lesson.name), metadata);
}

/** Pictures to learn from. */
const COUNT = 10_000;
const BATCH = 50;
const PICTURE = 48 * 48 * 3;

/** Minimizes the cross-entropy by Adam, the learning rate falling to zero along a cosine. Logs the accuracy by epoch. */
function fit(label: Label, { name, epochs, seed, log }: Lesson, pictures: PlantedOptions): tf.LayersModel {
  const classes = classNames[label].length;
  const model = plantedNet(name, classes, seed);
  const training = plantedPictures({ count: COUNT, seed: TRAINING_SEED, ...pictures });
  const first = tf.tensor4d(training.pixels.slice(0, 4 * BATCH * PICTURE), [4 * BATCH, 48, 48, 3]);
  normalize(model, first);
  first.dispose();
  const labels = training[label];
  const optimizer = tf.train.adam(0);
  const random = seededRandom(seed);
  const steps = COUNT / BATCH;
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = random.permutation(COUNT);
    for (let step = 0; step < steps; step++) {
      const batch = new Float32Array(BATCH * PICTURE);
      const wanted = new Int32Array(BATCH);
      for (let place = 0; place < BATCH; place++) {
        const picture = order[step * BATCH + place]!;
        batch.set(training.pixels.subarray(picture * PICTURE, (picture + 1) * PICTURE), place * PICTURE);
        wanted[place] = labels[picture]!;
      }
      const progress = (epoch * steps + step) / (epochs * steps);
      Object.assign(optimizer, { learningRate: 1e-3 * (1 + Math.cos(Math.PI * progress)) });
      tf.tidy(() => {
        const pixels = tf.tensor4d(batch, [BATCH, 48, 48, 3]);
        const targets = tf.oneHot(tf.tensor1d(wanted, "int32"), classes);
        optimizer.minimize(() =>
          tf.losses.softmaxCrossEntropy(targets, model.apply(pixels, { training: true }) as tf.Tensor),
        );
      });
    }
    const accuracy = accuracyOnPlanted(model, label, pictures);
    log(`${name}: epoch ${epoch + 1} of ${epochs}, test accuracy ${accuracy.toFixed(4)}`);
  }
  optimizer.dispose();
  return model;
}

/** Share of test pictures that the model gives their own class. */
function accuracyOnPlanted(model: tf.LayersModel, label: Label, options: PlantedOptions): number {
  const test = plantedPictures({ count: 1000, seed: TEST_SEED, ...options });
  const called = predicted(model, test.pixels);
  return called.filter((found, index) => found === test[label][index]).length / test.count;
}

/** Share of test pictures that the model takes for class `wanted`. */
function shareCalled(model: tf.LayersModel, wanted: number, options: PlantedOptions): number {
  const test = plantedPictures({ count: 1000, seed: TEST_SEED, ...options });
  return predicted(model, test.pixels).filter((found) => found === wanted).length / test.count;
}

function predicted(model: tf.LayersModel, pixels: Float32Array): Int32Array {
  return tf.tidy(() => {
    const x = tf.tensor4d(pixels, [pixels.length / PICTURE, 48, 48, 3]);
    return (model.predict(x, { batchSize: 100 }) as tf.Tensor).argMax(1).dataSync<"int32">();
  });
}
