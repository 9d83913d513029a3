import * as tf from "@tensorflow/tfjs-node";
import { seededRandom } from "../../src/explainers/numerics/random.js";
import { batches } from "./batches.js";
import { readMnist } from "./mnist.js";

/** Numbers in a code. */
const CODE_SIZE = 16;

/** A code `[batch, 16]`, standard normal over the data, to digits `[batch, 28, 28, 1]` in 0…1. */
export function digitDecoder(seed: number): tf.Sequential {
  const kernelInitializer = (offset: number) => tf.initializers.heNormal({ seed: seed + offset });
  return tf.sequential({
    name: "mnist-decoder",
    layers: [
      tf.layers.dense({
        name: "seed",
        inputShape: [CODE_SIZE],
        units: 7 * 7 * 32,
        activation: "relu",
        kernelInitializer: kernelInitializer(1),
      }),
      tf.layers.reshape({ name: "map", targetShape: [7, 7, 32] }),
      tf.layers.upSampling2d({ name: "up1", size: [2, 2] }),
      tf.layers.conv2d({
        name: "conv1",
        filters: 32,
        kernelSize: 3,
        padding: "same",
        activation: "relu",
        kernelInitializer: kernelInitializer(2),
      }),
      tf.layers.upSampling2d({ name: "up2", size: [2, 2] }),
      tf.layers.conv2d({
        name: "conv2",
        filters: 1,
        kernelSize: 5,
        padding: "same",
        kernelInitializer: kernelInitializer(3),
      }),
      tf.layers.activation({ name: "pixels", activation: "sigmoid" }),
    ],
  });
}

/** Digits to mean and log variance of their codes, `[batch, 2 · 16]`; needed for training only. */
function digitEncoder(seed: number): tf.Sequential {
  const kernelInitializer = (offset: number) => tf.initializers.heNormal({ seed: seed + offset });
  return tf.sequential({
    layers: [
      tf.layers.flatten({ inputShape: [28, 28, 1] }),
      tf.layers.dense({ units: 400, activation: "relu", kernelInitializer: kernelInitializer(11) }),
      tf.layers.dense({ units: 200, activation: "relu", kernelInitializer: kernelInitializer(12) }),
      tf.layers.dense({ units: 2 * CODE_SIZE, kernelInitializer: tf.initializers.glorotNormal({ seed: seed + 13 }) }),
    ],
  });
}

/**
 * Trains the decoder as one half of a variational autoencoder (Kingma & Welling 2014): binary cross-entropy of the pixels plus the
 * divergence of the codes from a standard normal, in nats a digit.
 */
export async function trainDecoder(
  decoder: tf.Sequential,
  { epochs, seed }: { epochs: number; seed: number },
  log: (line: string) => void,
): Promise<{ reconstructionError: number; divergence: number }> {
  const [training, test] = await Promise.all([readMnist("train"), readMnist("test")]);
  const encoder = digitEncoder(seed);
  // The cross-entropy is taken before the sigmoid, where it neither overflows nor flattens.
  const logits = (codes: tf.Tensor) =>
    decoder.layers.slice(0, -1).reduce((value, layer) => layer.apply(value) as tf.Tensor, codes);
  const optimizer = tf.train.adam(0);
  let epoch = 0;
  const random = seededRandom(seed);

  const measure = () =>
    tf.tidy(() => {
      const pixels = tf.tensor4d(test.pixels, [test.count, 28, 28, 1], "int32").toFloat().div(255);
      const [mean, logVariance] = tf.split(encoder.predict(pixels, { batchSize: 1000 }) as tf.Tensor2D, 2, 1);
      const error = tf.mean(tf.squaredDifference(decoder.predict(mean!, { batchSize: 1000 }) as tf.Tensor, pixels));
      return { reconstructionError: error.dataSync()[0]!, divergence: divergence(mean!, logVariance!).dataSync()[0]! };
    });
  const report = (when: string) => {
    const { reconstructionError, divergence } = measure();
    log(
      `${decoder.name}: ${when}, test error ${reconstructionError.toFixed(4)}, divergence ${divergence.toFixed(1)} nats`,
    );
  };

  for (const batch of batches(training, { size: 100, epochs, seed })) {
    if (batch.epoch > epoch) {
      epoch = batch.epoch;
      report(`epoch ${epoch} of ${epochs}`);
    }
    Object.assign(optimizer, { learningRate: 1e-3 * (1 + Math.cos(Math.PI * batch.progress)) });
    tf.tidy(() => {
      const pixels = tf.tensor4d(batch.pixels, [batch.count, 28, 28, 1]);
      const noise = tf.tensor2d(random.gaussians(batch.count * CODE_SIZE), [batch.count, CODE_SIZE]);
      optimizer.minimize(() => {
        const [mean, logVariance] = tf.split(encoder.apply(pixels) as tf.Tensor2D, 2, 1);
        const codes = tf.add(mean!, tf.mul(tf.exp(tf.mul(logVariance!, 0.5)), noise));
        const crossEntropy = tf.mul(
          tf.losses.sigmoidCrossEntropy(pixels, logits(codes), undefined, undefined, tf.Reduction.MEAN),
          28 * 28,
        );
        return tf.add(crossEntropy, divergence(mean!, logVariance!)) as tf.Scalar;
      });
    });
  }
  optimizer.dispose();
  report(`after ${epochs} epochs`);
  const measured = measure();
  encoder.dispose();
  return measured;
}

/** Mean divergence of normal codes from the standard normal: `½ Σ (μ² + σ² − log σ² − 1)`. */
function divergence(mean: tf.Tensor, logVariance: tf.Tensor): tf.Tensor {
  const terms = tf.sub(tf.add(tf.square(mean), tf.exp(logVariance)), tf.add(logVariance, 1));
  return tf.mean(tf.mul(tf.sum(terms, 1), 0.5));
}
