import * as tf from "@tensorflow/tfjs-node";
import { seededRandom } from "../../../src/explainers/numerics/random.js";
import type { StackedSignals } from "../../../src/kernel-helpers/index.js";

/** How a net of signals is trained. */
export interface FitOptions {
  readonly seed: number;
  readonly epochs: number;
  readonly classes: number;
  /** Size of a batch. */
  readonly batch: number;
  /** Highest learning rate; it falls to zero along a cosine. */
  readonly rate: number;
  /** Factor of the squared weights in the loss. */
  readonly decay: number;
  /** Share of the features before the last layers that are left out at each step. */
  readonly dropout: number;
}

/** `[series, channels, samples]` as `[series, samples, channels]`, which convolutions take. */
function timeFirst({ values, shape: [series, channels, samples] }: StackedSignals): Float32Array {
  const turned = new Float32Array(values.length);
  for (let one = 0; one < series; one++) {
    for (let channel = 0; channel < channels; channel++) {
      for (let time = 0; time < samples; time++) {
        turned[(one * samples + time) * channels + channel] = values[(one * channels + channel) * samples + time]!;
      }
    }
  }
  return turned;
}

/** Standard deviation of each channel. */
function deviations(values: Float32Array, channels: number): Float32Array {
  const count = values.length / channels;
  const [sums, squares] = [new Float64Array(channels), new Float64Array(channels)];
  values.forEach((value, at) => {
    sums[at % channels]! += value;
    squares[at % channels]! += value * value;
  });
  return Float32Array.from(squares, (square, channel) => Math.sqrt(square / count - (sums[channel]! / count) ** 2));
}

/**
 * Trains the net that `build` makes on signals in units of each channel's deviation, by Adam with a cosine, and keeps the mean of its weights over the
 * last third of the steps. The scale is then part of the first convolution: the net that is returned takes the signals as they are.
 */
export function fitSignals(
  build: (seed: number) => tf.Sequential,
  data: StackedSignals,
  { seed, epochs, classes, batch, rate, decay, dropout }: FitOptions,
): tf.Sequential {
  const [count, channels, samples] = data.shape;
  const values = timeFirst(data);
  const scale = deviations(values, channels);
  const model = build(seed);
  const random = seededRandom(seed);
  const optimizer = tf.train.adam(0);
  const kernels = model.trainableWeights.filter(({ name }) => /kernel/.test(name));
  const steps = epochs * Math.ceil(count / batch);
  const mean = model.getWeights().map((weight) => new Float64Array(weight.size));
  let [step, kept] = [0, 0];
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = random.permutation(count);
    for (let from = 0; from < count; from += batch, step++) {
      const rows = order.subarray(from, Math.min(count, from + batch));
      Object.assign(optimizer, { learningRate: (rate / 2) * (1 + Math.cos((Math.PI * step) / steps)) });
      tf.tidy(() => {
        const block = new Float32Array(rows.length * samples * channels);
        rows.forEach((row, place) => {
          const one = values.subarray(row * samples * channels, (row + 1) * samples * channels);
          one.forEach((value, at) => {
            block[place * one.length + at] = value / scale[at % channels]!;
          });
        });
        const x = tf.tensor3d(block, [rows.length, samples, channels]);
        const y = tf.oneHot(
          tf.tensor1d(
            Int32Array.from(rows, (row) => data.labels[row]!),
            "int32",
          ),
          classes,
        );
        optimizer.minimize(() => {
          const penalty = tf.addN(kernels.map((kernel) => tf.sum(tf.square(kernel.read())))) as tf.Scalar;
          return tf.losses
            .softmaxCrossEntropy(y, withDropout(model, x, dropout, seed * 100_003 + step))
            .add(penalty.mul(decay)) as tf.Scalar;
        });
      });
      if (step < (2 * steps) / 3) continue;
      kept++;
      model.getWeights().forEach((weight, index) => {
        weight.dataSync<"float32">().forEach((value, at) => {
          mean[index]![at]! += (value - mean[index]![at]!) / kept;
        });
      });
    }
  }
  optimizer.dispose();
  tf.tidy(() => {
    const first = model.layers.findIndex((layer) => layer.getClassName() === "Conv1D");
    const before = model.layers.slice(0, first).reduce((sum, layer) => sum + layer.weights.length, 0);
    const weights = model.getWeights().map((weight, index) => tf.tensor(Float32Array.from(mean[index]!), weight.shape));
    // [width, channels, filters]
    weights[before] = weights[before]!.div(tf.tensor(scale, [1, channels, 1]));
    model.setWeights(weights);
  });
  return model;
}

/** The net's logits, some of the flat features left out and the others made larger by as much. */
function withDropout(model: tf.Sequential, x: tf.Tensor, share: number, seed: number): tf.Tensor {
  let value = x;
  for (const layer of model.layers) {
    value = layer.apply(value) as tf.Tensor;
    if (share > 0 && /^(Flatten|GlobalAveragePooling1D)$/.test(layer.getClassName())) {
      const mask = tf
        .randomUniform(value.shape, 0, 1, "float32", seed)
        .greaterEqual(share)
        .toFloat()
        .div(1 - share);
      value = value.mul(mask);
    }
  }
  return value;
}

/** A net's logits, `[series][classes]`. */
export function logitsOf(model: tf.LayersModel, data: StackedSignals): number[][] {
  const [count, channels, samples] = data.shape;
  return tf.tidy(() =>
    (
      model.predict(tf.tensor3d(timeFirst(data), [count, samples, channels]), { batchSize: 128 }) as tf.Tensor2D
    ).arraySync(),
  );
}
