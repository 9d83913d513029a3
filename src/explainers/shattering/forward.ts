import * as tf from "@tensorflow/tfjs-core";
import { type LineNet, VARIANCE_EPSILON } from "./net.js";

/** What a step computed on the grid; tensors are `[points, units]`, `[inputs, outputs]` or `[units]`. */
export interface RecordedStep {
  weights: tf.Tensor2D;
  bias: tf.Tensor | null;
  rectify: boolean;
  skip: boolean;
  /** The normalization before the ReLU, where it could not be folded into the weights of the step before. */
  gate: { scale: tf.Tensor; shift: tf.Tensor } | null;
  /** What enters the step, before gate and ReLU. */
  input: tf.Tensor2D;
  /** What the weights act on: the input behind gate and ReLU. */
  active: tf.Tensor2D;
  output: tf.Tensor2D;
}

/**
 * Runs all points of a grid through a net as one batch and keeps what a backward pass needs. Normalizations use the
 * statistics of the grid, are folded into the weights before them where nothing else reads those weights' output, and
 * are from then on constants: the derivative at a point does not run through the mean of all the others.
 *
 * Call it inside `tf.tidy`.
 */
export function record(net: LineNet, grid: tf.Tensor2D): RecordedStep[] {
  const steps: RecordedStep[] = [];
  let input = grid;
  for (const step of net.steps) {
    let weights = tf.tensor2d(step.weights, [step.inputs, step.outputs], "float32");
    if (step.gain !== 1) weights = tf.mul(weights, step.gain);
    const bias = step.bias ? tf.tensor1d(step.bias, "float32") : null;
    let normalized: tf.Tensor2D = input;
    let gate: RecordedStep["gate"] = null;
    if (step.normalize !== "none") {
      const mean = tf.mean(input, 0);
      normalized = tf.sub(input, mean);
      let scale: tf.Tensor | null = null;
      if (step.normalize === "batch") {
        scale = tf.rsqrt(tf.add(tf.mean(tf.square(normalized), 0), VARIANCE_EPSILON));
        normalized = tf.mul(normalized, scale);
      }
      const before = steps.at(-1);
      if (before && !before.skip && !step.skip) {
        const shifted = before.bias ? tf.sub(before.bias, mean) : tf.neg(mean);
        before.bias = scale ? tf.mul(shifted, scale) : shifted;
        if (scale) before.weights = tf.mul(before.weights, scale);
        before.output = normalized;
        input = normalized;
      } else {
        const settled = scale ?? tf.onesLike(mean);
        gate = { scale: settled, shift: tf.neg(tf.mul(mean, settled)) };
      }
    }
    const active = step.rectify ? tf.relu(normalized) : normalized;
    let output: tf.Tensor2D = tf.matMul(active, weights);
    if (bias) output = tf.add(output, bias);
    if (step.skip) output = tf.add(output, input);
    steps.push({ weights, bias, rectify: step.rectify, skip: step.skip, gate, input, active, output });
    input = output;
  }
  return steps;
}
