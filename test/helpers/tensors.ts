/** Tensors in tests: random ones, how far two differ, and what work leaves behind. */
import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-node";
import { seededRandom } from "../../src/explainers/numerics/random.js";
import { close } from "./numbers.js";

/** Tensors of standard normal numbers from one seed. */
export function normals(seed: number): (...shape: number[]) => tf.Tensor {
  const random = seededRandom(seed);
  return (...shape) => tf.tensor(random.gaussians(shape.reduce((size, dimension) => size * dimension, 1)), shape);
}

/** Asserts that two tensors have one shape and differ by `tolerance` times the largest expected entry at the most. */
export function closeTensors(actual: tf.Tensor, expected: tf.Tensor, tolerance: number, what = "tensors"): void {
  assert.deepEqual(actual.shape, expected.shape, what);
  close(actual.dataSync(), expected.dataSync(), tolerance, what);
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
