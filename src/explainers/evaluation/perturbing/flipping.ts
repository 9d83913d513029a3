import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { scorer } from "../../methods/perturbation/engine/batches.js";
import { sizeOf } from "../../network/shapes.js";
import { follow, type ProgressOptions } from "../../progress.js";
import type { Features } from "./features.js";
import type { Replacement } from "./replacement.js";
import type { Scoring } from "./scoring.js";

/** What was flipped when, as plain data. */
export interface Flips {
  /** Steps after the untouched sample. */
  readonly steps: number;
  /** Features that a sample has. */
  readonly count: number;
  /** How many features are flipped once a step is done: `flipped[0]` is 0. */
  readonly flipped: readonly number[];
  /** Of each sample its features, in the order in which they are flipped. */
  readonly orders: readonly Int32Array[];
  /** At which step each place of `shape` is flipped, from 1; above `steps` where it never is: `[batch][places]`. */
  readonly stepOf: readonly Float32Array[];
  /** The shape of the places: a sample's, or with 1 in the place of its channels. */
  readonly shape: readonly number[];
  /** A sample as the model saw it at a step, in its shape: 0 is the untouched one. */
  readonly imageAt: (sample: number, step: number) => Float32Array;
}

/** When how many features are flipped: `flipped[k]` after step `k`. */
export function evenSteps(count: number, steps: number): number[] {
  const taken = Math.min(steps, count);
  return Array.from({ length: taken + 1 }, (_, step) => Math.round((step * count) / taken));
}

/** The same with so many features in each step, the last of which may have fewer. */
export function stepsOf(count: number, perStep: number): number[] {
  return Array.from({ length: Math.ceil(count / perStep) + 1 }, (_, step) => Math.min(step * perStep, count));
}

/** The step at which each place is flipped, `[batch][places]`. */
export function stepsOfPlaces(
  { count, ids, shape }: Features,
  orders: readonly Int32Array[],
  flipped: readonly number[],
) {
  return orders.map((order) => {
    const steps = new Float32Array(count).fill(flipped.length);
    for (let step = 1; step < flipped.length; step++) {
      for (let place = flipped[step - 1]!; place < flipped[step]!; place++) steps[order[place]!] = step;
    }
    return ids === undefined ? steps : Float32Array.from({ length: sizeOf(shape) }, (_, place) => steps[ids[place]!]!);
  });
}

/** How samples are flipped. */
export interface FlippingPlan {
  readonly features: Features;
  readonly orders: readonly Int32Array[];
  readonly flipped: readonly number[];
  readonly replacement: Replacement;
  readonly memoryBudget: number;
}

/**
 * The explained output of every sample at every step, `[batch][steps + 1]`, the first one untouched. All steps of all samples go
 * through the model together, as many as the memory budget lets.
 */
export async function flip(
  { x, score }: Scoring,
  { features, orders, flipped, replacement, memoryBudget }: FlippingPlan,
  run: ProgressOptions,
): Promise<{ outputs: Float64Array[]; stepOf: Float32Array[] }> {
  const batch = x.shape[0]!;
  const length = flipped.length;
  const stepOf = stepsOfPlaces(features, orders, flipped);
  const count = batch * length;
  const follower = follow(count, run);
  const places = tf.tidy(() => tf.stack(stepOf.map((steps) => tf.tensor(steps, [...features.shape] as number[]))));
  const values = tf.cast(x, "float32");
  try {
    const scores = await scorer(
      memoryBudget,
      follower,
    )({
      count,
      make: (start, rows) => {
        const samples = samplesFrom(start, rows, length, count);
        const steps = Float32Array.from({ length: rows }, (_, row) => (start + row) % length);
        const removed = tf.lessEqual(
          tf.gather(places, samples),
          tf.reshape(tf.tensor1d(steps), [rows, ...features.shape.map(() => 1)]),
        );
        return replacement.apply(tf.gather(values, samples), tf.cast(removed, "float32"), samples);
      },
      score: (copies, start) => score(copies, samplesFrom(start, copies.shape[0]!, length, count)),
    });
    const outputs = orders.map((_, sample) =>
      Float64Array.from(scores.subarray(sample * length, (sample + 1) * length)),
    );
    return { outputs, stepOf };
  } finally {
    tf.dispose([places, values]);
  }
}

/** The sample of each row, where every sample has `length` in a row and the last row may be repeated. */
const samplesFrom = (start: number, rows: number, length: number, count: number): Int32Array =>
  Int32Array.from({ length: rows }, (_, row) => Math.floor(Math.min(start + row, count - 1) / length));

/** Shows a sample at any step, from plain copies of its values: it needs no tensor to live on. */
export function imagesOf(x: Tensor, stepOf: readonly Float32Array[], features: Features, replacement: Replacement) {
  const sample = x.shape.slice(1);
  const size = sizeOf(sample);
  const values = Float32Array.from(x.dataSync());
  const others = replacement.later();
  return (index: number, step: number): Float32Array =>
    tf.tidy(() => {
      const rows = tf.tensor(values.subarray(index * size, (index + 1) * size), [1, ...sample]);
      const removed = tf.lessEqual(tf.tensor(stepOf[index]!, [1, ...features.shape]), step);
      return others(rows, tf.cast(removed, "float32"), index).dataSync<"float32">();
    });
}
