import type { Tensor } from "@tensorflow/tfjs-core";
import { randomizedModel } from "../../../src/explainers/index.js";
import {
  type LoadedModel,
  loadDigits,
  loadImage,
  loadModel,
  plantedPictures,
  tensorflow,
} from "../../../src/kernel-helpers/index.js";

/** A network with pictures that it recognizes. */
export interface Subject {
  readonly id: string;
  readonly title: string;
  /** What the pictures are, in a sentence. */
  readonly pictures: string;
  readonly model: LoadedModel;
  /** `[samples, height, width, channel]`. */
  readonly x: Tensor;
  readonly names: readonly string[];
  /** Side of a region, and how many are replaced. */
  readonly patch: number;
  readonly regions: number;
  /** Which layers are randomized, from the output on; by default all. */
  readonly layers?: readonly string[];
}

/** The three subjects, by name, each with `samples` pictures at the most. */
export const subjects: Readonly<Record<string, (samples: number) => Promise<Subject>>> = {
  async mnist(samples) {
    const tf = await tensorflow();
    const model = await loadModel("mnist-cnn");
    const { pixels, labels, count } = await loadDigits({ count: samples });
    return {
      id: "mnist",
      title: "MNIST, the built-in CNN",
      pictures: `${count} test digits, as many of each class`,
      model,
      x: tf.tensor4d(
        Float32Array.from(pixels, (ink) => ink / 255),
        [count, 28, 28, 1],
      ),
      names: Array.from(labels, (label, index) => `${label} (${Math.floor(index / 10) + 1})`),
      patch: 4,
      regions: 30,
    };
  },
  async planted(samples) {
    const tf = await tensorflow();
    const model = await loadModel("planted-objects");
    const { pixels, count, objects, scenes } = plantedPictures({ count: samples, seed: 2 });
    return {
      id: "planted",
      title: "Planted pictures, the built-in classifier of objects",
      pictures: `${count} planted pictures of a seed that the network was not trained on`,
      model,
      x: tf.tensor4d(pixels, [count, 48, 48, 3]),
      names: Array.from(objects, (object, index) => `${index}: object ${object} on scene ${scenes[index]}`),
      patch: 6,
      regions: 30,
    };
  },
  async photos(samples) {
    const tf = await tensorflow();
    const model = await loadModel("efficientnet-lite0");
    const parts = photoParts.slice(0, samples);
    const images = await Promise.all(parts.map(({ file, region }) => loadImage(file, model.input, { region })));
    const x = tf.concat(images.map(({ tensor }) => tensor));
    for (const image of images) image.dispose();
    return {
      id: "photos",
      title: "EfficientNet-lite0 on photographs",
      pictures: `${parts.length} squares out of the four bundled photographs: they are not independent of each other, so intervals are too narrow`,
      model,
      x,
      names: parts.map(({ file }, index) => `${file} ${index}`),
      patch: 16,
      regions: 30,
      layers: spreadLayers(model),
    };
  },
};

/** Eight layers from the first to the last: of a deep network, all of them would take hours. */
export function spreadLayers({ net }: LoadedModel): string[] {
  const random = randomizedModel(net, {});
  const { layers } = random;
  random.dispose();
  return Array.from({ length: 8 }, (_, place) => layers[Math.round((place * (layers.length - 1)) / 7)]!);
}

/** Squares of the photographs, by shares of their width and height; their sides are equal in pixels. */
const photoParts = [
  { file: "chelsea.png", region: { left: 0.1, top: 0, width: 0.665, height: 1 } },
  { file: "coffee.png", region: { left: 0.17, top: 0, width: 0.666, height: 1 } },
  { file: "rocket.jpg", region: { left: 0.17, top: 0, width: 0.667, height: 1 } },
  { file: "astronaut.png", region: { left: 0, top: 0, width: 1, height: 1 } },
  { file: "chelsea.png", region: { left: 0.2, top: 0.05, width: 0.5, height: 0.75 } },
  { file: "coffee.png", region: { left: 0.25, top: 0.15, width: 0.5, height: 0.75 } },
  { file: "rocket.jpg", region: { left: 0.3, top: 0.2, width: 0.5, height: 0.75 } },
  { file: "astronaut.png", region: { left: 0.1, top: 0, width: 0.6, height: 0.6 } },
];
