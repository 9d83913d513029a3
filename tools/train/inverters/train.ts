import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-node";
import { LimpidError } from "../../../src/explainers/errors.js";
import { type Graph, record } from "../../../src/explainers/network/index.js";
import { chosenLayer } from "../../../src/explainers/network/layers.js";
import { type LoadedModel, loadModel } from "../../../src/kernel-helpers/index.js";
import { inverterProbe } from "../../../src/kernel-helpers/models/inverters.js";
import { DIGIT_SIZE, readMnist } from "../mnist.js";
import { saveModel } from "../save.js";
import type { Training } from "../training.js";
import { fitInverter, foldScale } from "./fit.js";
import { digitInverters, type InverterMaker, photoInverters } from "./nets.js";
import { heldOutPhotos, inverterPictures, PICTURE_SIZE, trainedPhotos } from "./pictures.js";

interface Plan {
  readonly model: LoadedModel;
  readonly makers: Readonly<Record<string, InverterMaker>>;
  /** How many inputs there are. */
  readonly count: number;
  /** A layer's values and the inputs that they are of, by index; the caller disposes of both. */
  readonly take: (layer: string, samples: Int32Array) => { values: tf.Tensor; inputs: tf.Tensor };
  readonly steps: (layer: string) => number;
  readonly batch: (layer: string) => number;
  readonly training: Training;
  /** What is written down beside the weights. */
  readonly about: (layer: string) => Record<string, string | number>;
}

/** Inverters of the layers of `mnist-cnn`, from the 60,000 training digits. */
export async function trainDigitInverters(training: Training): Promise<void> {
  const model = await loadModel("mnist-cnn");
  const digits = await readMnist("train");
  const take = (samples: Int32Array) => {
    const pixels = new Float32Array(samples.length * DIGIT_SIZE);
    samples.forEach((sample, place) => {
      for (let at = 0; at < DIGIT_SIZE; at++) {
        pixels[place * DIGIT_SIZE + at] = digits.pixels[sample * DIGIT_SIZE + at]! / 255;
      }
    });
    return tf.tensor4d(pixels, [samples.length, 28, 28, 1]);
  };
  const { epochs = 2, folder } = training;
  const batch = 50;
  await trainInverters(
    {
      ...{ model, makers: digitInverters, count: digits.count, batch: () => batch, training },
      take(layer, samples) {
        const inputs = take(samples);
        return { inputs, values: valuesOf(model, [layer], inputs)[0]! };
      },
      steps: () => Math.ceil((epochs * digits.count) / batch),
      about: () => ({ seed: training.seed, epochs, inputs: "training digits of MNIST" }),
    },
    join(folder, "inverters", "mnist-cnn"),
  );
  model.dispose();
}

/** Pictures that are made for the inverters of EfficientNet-lite0. */
const PICTURES = 800;
/** Times through them, and pictures a step: the deeper a layer, the fewer places of a picture there are to learn from. */
const LESSONS: Readonly<Record<string, { epochs: number; batch: number }>> = {
  b2_add: { epochs: 2, batch: 2 },
  b4_add: { epochs: 3, batch: 2 },
  b10_add: { epochs: 5, batch: 2 },
  b15_project_bn: { epochs: 8, batch: 4 },
  gap: { epochs: 10, batch: 8 },
};

/** Inverters of layers of EfficientNet-lite0, from crops of the bundled photographs but one, and procedural pictures. */
export async function trainPhotoInverters(training: Training): Promise<void> {
  const { folder, seed, log } = training;
  const model = await loadModel("efficientnet-lite0");
  const { mean, scale } = model.input as { mean: number; scale: number };
  const { pixels } = await inverterPictures({ count: PICTURES, seed, photos: trainedPhotos, varied: true });
  log(`${PICTURES} pictures`);
  const size = PICTURE_SIZE * PICTURE_SIZE * 3;
  const inputsOf = (samples: Int32Array) =>
    tf.tidy(() => {
      const chosen = new Int32Array(samples.length * size);
      samples.forEach((sample, place) => {
        chosen.set(pixels.subarray(sample * size, (sample + 1) * size), place * size);
      });
      const whole = tf.tensor4d(chosen, [samples.length, PICTURE_SIZE, PICTURE_SIZE, 3], "int32");
      return tf.div(tf.sub(tf.cast(whole, "float32"), mean), scale);
    });
  const kept = keptValues(model, Object.keys(photoInverters), PICTURES, inputsOf);
  log("their values at all layers");
  const epochsOf = (layer: string) => training.epochs ?? LESSONS[layer]!.epochs;
  const batch = (layer: string) => LESSONS[layer]!.batch;
  await trainInverters(
    {
      ...{ model, makers: photoInverters, count: PICTURES, batch, training },
      take(layer, samples) {
        const { shape, values } = kept.get(layer)!;
        const length = values.length / PICTURES;
        const chosen = new Float32Array(samples.length * length);
        samples.forEach((sample, place) => {
          chosen.set(values.subarray(sample * length, (sample + 1) * length), place * length);
        });
        return { inputs: inputsOf(samples), values: tf.tensor(chosen, [samples.length, ...shape]) };
      },
      steps: (layer) => Math.ceil((epochsOf(layer) * PICTURES) / batch(layer)),
      about: (layer) => ({
        ...{ seed, epochs: epochsOf(layer), pictures: PICTURES },
        inputs: `crops of ${trainedPhotos.join(", ")}, dead leaves, planted pictures; never ${heldOutPhotos.join(", ")}`,
      }),
    },
    join(folder, "inverters", "efficientnet-lite0"),
  );
  model.dispose();
}

/** All values of some layers for all inputs, by one pass. */
function keptValues(
  model: LoadedModel,
  layers: readonly string[],
  count: number,
  inputsOf: (samples: Int32Array) => tf.Tensor,
): Map<string, { shape: number[]; values: Float32Array }> {
  const kept = new Map<string, { shape: number[]; values: Float32Array }>();
  const batch = 8;
  for (let start = 0; start < count; start += batch) {
    const samples = Int32Array.from({ length: Math.min(batch, count - start) }, (_, at) => start + at);
    const inputs = inputsOf(samples);
    for (const [at, found] of valuesOf(model, layers, inputs).entries()) {
      const [, ...shape] = found.shape;
      const length = found.size / samples.length;
      const { values } = kept.get(layers[at]!) ?? { values: new Float32Array(count * length) };
      kept.set(layers[at]!, { shape, values });
      values.set(found.dataSync(), start * length);
      found.dispose();
    }
    inputs.dispose();
  }
  return kept;
}

/** Trains one inverter after the other and writes each as soon as it is there. */
async function trainInverters(plan: Plan, folder: string): Promise<void> {
  const { model, makers, count, batch, training } = plan;
  const { layers = Object.keys(makers) } = training;
  const unknown = layers.find((layer) => makers[layer] === undefined);
  if (unknown !== undefined) {
    throw new LimpidError(
      `There is no net for "${unknown}" of ${model.name}; there are ${Object.keys(makers).join(", ")}`,
    );
  }
  for (const [index, [layer, make]] of Object.entries(makers).entries()) {
    if (!layers.includes(layer)) continue;
    const { shape, factors } = usualSizes(plan, layer);
    const net = make(shape, training.seed + 100 * index);
    const take = (samples: Int32Array) => {
      const { values, inputs } = plan.take(layer, samples);
      const scaled = tf.mul(values, factors);
      values.dispose();
      return { values: scaled, inputs };
    };
    const steps = plan.steps(layer);
    const seed = training.seed + index;
    const error = await fitInverter({ net, count, take, steps, batch: batch(layer), seed, log: training.log });
    foldScale(net, factors);
    const inverts = { model: model.name, layer, probe: [...inverterProbe(model, layer)] };
    const about = { ...plan.about(layer), error: Math.sqrt(error) };
    await saveModel(net, join(folder, layer), { inverts, training: about }, "float16");
    net.dispose();
    factors.dispose();
  }
}

/** Samples that tell how large a layer's values usually are. */
const SAMPLES = 64;

/** The shape of a layer's values, without batch, and what brings each channel to a root mean square of 1. */
function usualSizes({ take, count }: Plan, layer: string) {
  const { values, inputs } = take(
    layer,
    Int32Array.from({ length: SAMPLES }, (_, at) => Math.floor((at * count) / SAMPLES)),
  );
  const shape = values.shape.slice(1);
  const factors = tf.tidy(() => {
    const squares = tf.mean(tf.reshape(tf.square(values), [-1, shape.at(-1)!]), 0);
    // A channel that is always near 0 stays so.
    return tf.rsqrt(tf.maximum(squares, tf.mul(tf.mean(squares), 1e-3))) as tf.Tensor1D;
  });
  tf.dispose([values, inputs]);
  return { shape, factors };
}

/** Values of layers, in their order; the caller disposes of them. */
function valuesOf(model: LoadedModel, layers: readonly string[], x: tf.Tensor): tf.Tensor[] {
  const find = (graph: Graph) => layers.map((layer) => chosenLayer(graph, layer).id);
  const pass = record(model, x, { keep: (graph) => new Set(find(graph)) });
  const values = find(pass.graph).map((id) => tf.keep(tf.clone(pass.value(id))));
  pass.dispose();
  return values;
}
