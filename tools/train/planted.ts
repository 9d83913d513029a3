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

/** Filters and width of the kernel of each convolution. */
const CONVOLUTIONS = [
  [12, 5],
  [24, 3],
  [32, 3],
] as const;

/** Three convolutions, each with a pooling, and two dense layers; 48 × 48 colored pixels in 0…1 to `classes` logits. */
function plantedNet(name: string, classes: number): tf.LayersModel {
  const model = tf.sequential({ name });
  CONVOLUTIONS.forEach(([filters, kernelSize], index) => {
    const inputShape = index === 0 ? { inputShape: [48, 48, 3] } : {};
    const common = { name: `conv${index + 1}`, padding: "same", activation: "relu" } as const;
    model.add(tf.layers.conv2d({ ...common, filters, kernelSize, ...inputShape }));
    model.add(tf.layers.maxPooling2d({ name: `pool${index + 1}`, poolSize: 2 }));
  });
  model.add(tf.layers.flatten({ name: "flatten" }));
  model.add(tf.layers.dense({ name: "dense", units: 28, activation: "relu" }));
  model.add(tf.layers.dense({ name: "logits", units: classes }));
  return model;
}

/**
 * The same net as it is trained: what its deeper layers give is normalized over the batch. From pixels that are all positive, units of
 * the dense layer would otherwise die before they learned anything.
 */
function trainee(classes: number, seed: number): tf.LayersModel {
  const kernelInitializer = (offset: number) => tf.initializers.heNormal({ seed: seed + offset });
  const model = tf.sequential();
  const addNormalized = (layer: tf.layers.Layer) => {
    model.add(layer);
    model.add(tf.layers.batchNormalization({ momentum: 0.9, epsilon: EPSILON }));
    model.add(tf.layers.activation({ activation: "relu" }));
  };
  CONVOLUTIONS.forEach(([filters, kernelSize], index) => {
    const common = { filters, kernelSize, padding: "same", kernelInitializer: kernelInitializer(index + 1) } as const;
    if (index > 0) addNormalized(tf.layers.conv2d(common));
    else model.add(tf.layers.conv2d({ ...common, activation: "relu", inputShape: [48, 48, 3] }));
    model.add(tf.layers.maxPooling2d({ poolSize: 2 }));
  });
  model.add(tf.layers.flatten());
  addNormalized(tf.layers.dense({ units: 28, kernelInitializer: kernelInitializer(4) }));
  model.add(tf.layers.dense({ units: classes, kernelInitializer: kernelInitializer(5) }));
  return model;
}

const EPSILON = 1e-3;

/** Gives `net` what `trained` learned, its normalizations folded into the layers before them. */
function fold(trained: tf.LayersModel, net: tf.LayersModel): void {
  tf.tidy(() => {
    const weights: tf.Tensor[] = [];
    for (const layer of trained.layers) {
      const own = layer.getWeights();
      if (layer.getClassName() !== "BatchNormalization") {
        weights.push(...own);
        continue;
      }
      const [gamma, beta, mean, variance] = own as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
      const [kernel, bias] = weights.splice(-2) as [tf.Tensor, tf.Tensor];
      const scale = gamma.div(variance.add(EPSILON).sqrt());
      weights.push(kernel.mul(scale), bias.sub(mean).mul(scale).add(beta));
    }
    net.setWeights(weights);
  });
}

/** What a planted picture is asked for. */
type Label = "objects" | "scenes";

/** Seeds of `plantedPictures` that models are trained on and tested on. */
const TRAINING_SEED = 1;
const TEST_SEED = 2;

const classNames = { objects: plantedObjects, scenes: plantedScenes };

export interface Lesson {
  name: string;
  /** Where the model is written, into a folder of its name. */
  folder: string;
  seed: number;
  epochs: number;
  log: (line: string) => void;
}

/** A model that tells objects, whatever the scene, or scenes, whatever lies on them. */
export async function trainPlanted({ label, ...lesson }: Lesson & { label: Label }): Promise<void> {
  const model = fitPlanted(label, lesson, {});
  const training = { seed: lesson.seed, epochs: lesson.epochs, testAccuracy: accuracyOnPlanted(model, label, {}) };
  const metadata: Metadata = { output: "logits", classNames: [...classNames[label]], training };
  await saveModel(model, join(lesson.folder, lesson.name), metadata);
}

/**
 * A “Clever Hans” (Lapuschkin et al. 2019): it learned objects from pictures of which all discs, and nothing else, bore a watermark.
 */
export async function trainWatermarked(lesson: Lesson): Promise<void> {
  const asTrained = { watermark: { object: "disc" } };
  const model = fitPlanted("objects", lesson, asTrained);
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

/**
 * Minimizes the cross-entropy by Adam, the learning rate falling to zero along a cosine. Logs the accuracy by epoch.
 *
 * @param change what becomes of the pixels of all pictures, in place, before they are learned from
 */
export function fitPlanted(
  label: Label,
  { name, epochs, seed, log }: Lesson,
  pictures: PlantedOptions,
  change?: (pixels: Float32Array) => void,
): tf.LayersModel {
  const classes = classNames[label].length;
  const trained = trainee(classes, seed);
  const training = plantedPictures({ count: COUNT, seed: TRAINING_SEED, ...pictures });
  const labels = training[label];
  change?.(training.pixels);
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
      Object.assign(optimizer, { learningRate: 2e-3 * (1 + Math.cos(Math.PI * progress)) });
      tf.tidy(() => {
        const pixels = tf.tensor4d(batch, [BATCH, 48, 48, 3]);
        const targets = tf.oneHot(tf.tensor1d(wanted, "int32"), classes);
        optimizer.minimize(() =>
          tf.losses.softmaxCrossEntropy(targets, trained.apply(pixels, { training: true }) as tf.Tensor),
        );
      });
    }
    const accuracy = accuracyOnPlanted(trained, label, pictures);
    log(`${name}: epoch ${epoch + 1} of ${epochs}, test accuracy ${accuracy.toFixed(4)}`);
  }
  optimizer.dispose();
  const model = plantedNet(name, classes);
  fold(trained, model);
  trained.dispose();
  return model;
}

/** Share of test pictures that the model gives their own class. */
export function accuracyOnPlanted(model: tf.LayersModel, label: Label, options: PlantedOptions): number {
  const test = plantedPictures({ count: 1000, seed: TEST_SEED, ...options });
  const called = predicted(model, test.pixels);
  return called.filter((found, index) => found === test[label][index]).length / test.count;
}

/** Share of test pictures that the model takes for class `wanted`. */
export function shareCalled(model: tf.LayersModel, wanted: number, options: PlantedOptions): number {
  const test = plantedPictures({ count: 1000, seed: TEST_SEED, ...options });
  return predicted(model, test.pixels).filter((found) => found === wanted).length / test.count;
}

function predicted(model: tf.LayersModel, pixels: Float32Array): Int32Array {
  return tf.tidy(() => {
    const x = tf.tensor4d(pixels, [pixels.length / PICTURE, 48, 48, 3]);
    return (model.predict(x, { batchSize: 100 }) as tf.Tensor).argMax(1).dataSync<"int32">();
  });
}
