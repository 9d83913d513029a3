import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-node";
import { record } from "../../../../src/explainers/index.js";
import { seededRandom } from "../../../../src/explainers/numerics/random.js";

/** Tensors of standard normal numbers from one seed. */
export function normals(seed: number): (...shape: number[]) => tf.Tensor {
  const random = seededRandom(seed);
  return (...shape) => tf.tensor(random.gaussians(shape.reduce((size, dimension) => size * dimension, 1)), shape);
}

/** A convolutional net with batch norm on `[height, width, 2]`, ending in logits or a softmax. */
export function convolutionalNet(activation: "linear" | "softmax" = "linear", size = 8): tf.LayersModel {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ inputShape: [size, size, 2], filters: 4, kernelSize: 3, padding: "same" }),
      tf.layers.batchNormalization(),
      tf.layers.activation({ activation: "relu" }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 3, activation }),
    ],
  });
  const random = normals(11);
  model.setWeights(
    model.getWeights().map((weights) =>
      tf.tidy(() => {
        const drawn = random(...weights.shape).mul(0.4);
        return weights.rank === 1 ? drawn.abs().add(0.2) : drawn;
      }),
    ),
  );
  // Its graph is kept until it is released, from the first look on.
  tf.tidy(() => record(model, tf.zeros([1, size, size, 2])).dispose());
  return model;
}

/** Σ w_i x_i + bias as a model with two outputs, the second one 0. */
export function linearModel(weights: tf.Tensor, bias = 0): (x: tf.Tensor) => tf.Tensor {
  return (x) => {
    const rows = x.shape[0]!;
    const z = tf.matMul(x.reshape([rows, -1]), weights.reshape([-1, 1])).add(bias);
    return tf.concat([z, tf.zerosLike(z)], 1);
  };
}

export function close(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number, what = ""): void {
  assert.equal(actual.length, expected.length, what);
  const scale = Math.max(1e-12, ...Array.from(expected, Math.abs));
  for (let i = 0; i < expected.length; i++) {
    const gap = Math.abs(actual[i]! - expected[i]!);
    assert.ok(gap <= tolerance * scale, `${what} entry ${i}: ${actual[i]} instead of ${expected[i]}`);
  }
}

/** Runs `work` and asserts that it leaves as many tensors as it found, also where it throws. */
export async function leavesNoTensors<T>(work: () => Promise<T>): Promise<T> {
  const before = tf.memory().numTensors;
  try {
    return await work();
  } finally {
    assert.equal(tf.memory().numTensors, before, "tensors were left behind");
  }
}

/** The most bytes that TensorFlow.js held at once while `work` ran, beyond those before. */
export async function peakBytes(work: () => Promise<unknown>): Promise<number> {
  const engine = tf.engine() as unknown as { runKernel: (...given: unknown[]) => unknown };
  const original = engine.runKernel;
  const before = tf.memory().numBytes;
  let peak = 0;
  engine.runKernel = (...given) => {
    const result = original.apply(engine, given);
    peak = Math.max(peak, tf.memory().numBytes - before);
    return result;
  };
  try {
    await work();
  } finally {
    engine.runKernel = original;
  }
  return peak;
}
