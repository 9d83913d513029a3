import * as tf from "@tensorflow/tfjs-core";
import type { RecordedStep } from "./forward.js";

/** The derivative of the output by the input at every point of the recorded grid, `[points, 1]`. */
export function gradient(steps: RecordedStep[]): tf.Tensor2D {
  let flow = tf.onesLike(steps.at(-1)!.output);
  for (const { weights, rectify, skip, gate, active } of steps.toReversed()) {
    let arrived: tf.Tensor2D = tf.matMul(flow, weights, false, true);
    if (rectify) arrived = tf.mul(arrived, positiveUnits(active));
    if (gate) arrived = tf.mul(arrived, gate.scale);
    flow = skip ? tf.add(flow, arrived) : arrived;
  }
  return flow;
}

/** 1 where a unit is above zero, 0 elsewhere. TensorFlow's native `Step` takes several times as long. */
export function positiveUnits(values: tf.Tensor2D): tf.Tensor2D {
  return tf.cast(tf.greater(values, 0), "float32");
}
