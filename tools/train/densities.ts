import * as tf from "@tensorflow/tfjs-node";
import { fitGaussian, fitRbm } from "../../src/explainers/synthesis/index.js";
import { readMnist } from "./mnist.js";

/** Weights by name, as `saveWeights` takes them. */
export type NamedTensors = Record<string, tf.Tensor>;

async function trainingPixels(): Promise<tf.Tensor2D> {
  const { count, pixels } = await readMnist("train");
  return tf.tidy(() =>
    tf
      .tensor2d(pixels, [count, 28 * 28], "int32")
      .toFloat()
      .div(255),
  );
}

/** The normal density of MNIST digits, 0…1: mean, 64 principal axes, their variances, and the variance elsewhere. */
export async function fitDigitGaussian(seed: number, log: (line: string) => void): Promise<NamedTensors> {
  const pixels = await trainingPixels();
  const { parameters } = fitGaussian(pixels, { rank: 64, seed });
  pixels.dispose();
  const { mean, axes, variances, noise } = parameters;
  const largest = (await variances.data<"float32">())[0]!;
  log(`mnist-gaussian: variances ${largest.toFixed(2)} along the first axis, ${noise.toExponential(1)} off all axes`);
  return { mean, axes, variances, noise: tf.scalar(noise) };
}

/** A restricted Boltzmann machine with 100 hidden units on MNIST digits, 0…1. */
export async function fitDigitRbm(seed: number, log: (line: string) => void): Promise<NamedTensors> {
  const pixels = await trainingPixels();
  const { parameters } = fitRbm(pixels, {
    hidden: 100,
    epochs: 10,
    seed,
    onEpoch: (epoch, error) => log(`mnist-rbm: epoch ${epoch} of 10, reconstruction error ${error.toFixed(4)}`),
  });
  pixels.dispose();
  const { weights, visibleBias, hiddenBias } = parameters;
  return { weights, visibleBias, hiddenBias };
}
