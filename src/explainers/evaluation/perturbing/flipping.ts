import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { sizeOf } from "../../network/shapes.js";
import { scoped } from "../../network/tensors.js";
import { whole } from "../../parameters.js";
import { follow, type ProgressOptions } from "../../progress.js";
import { type Features, perSample } from "./features.js";
import { scoreRemovals } from "./removals.js";
import type { Replacement } from "./replacement.js";
import type { Scoring } from "./scoring.js";

/**
 * What a step removes: `"flipped"` all features up to it (the picture is lost bit by bit), `"kept"` all behind it (it is built up bit
 * by bit), `"alone"` its own.
 */
export type Way = "flipped" | "kept" | "alone";

/** What was flipped when, as plain data. */
export interface Flips {
  /** Steps after the first state, in which nothing is flipped (or everything, where a picture is built up). */
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
  /** A sample as the model saw it at a step, in its shape. */
  readonly imageAt: (sample: number, step: number) => Float32Array;
}

/** The parameter that says in how many steps everything is flipped. */
export const flippingSteps = (initial: number, description: string) =>
  whole(initial, description, { least: 1, unit: "steps", span: { from: 8, to: 128, step: 8 } });

/** When how many features are flipped: `flipped[k]` after step `k`, evenly. */
export function evenSteps(count: number, steps: number): number[] {
  const taken = Math.max(1, Math.min(steps, count));
  return Array.from({ length: taken + 1 }, (_, step) => Math.round((step * count) / taken));
}

/** The same with so many features in each step, the last of which may have fewer. */
export function stepsOf(count: number, perStep: number): number[] {
  return Array.from({ length: Math.ceil(count / perStep) + 1 }, (_, step) => Math.min(step * perStep, count));
}

/** The step at which each place is flipped, `[batch][places]`. */
function stepsOfPlaces(
  { count, ids, shape }: Features,
  orders: readonly Int32Array[],
  flipped: readonly number[],
): Float32Array[] {
  return orders.map((order) => {
    const steps = new Float32Array(count).fill(flipped.length);
    for (let step = 1; step < flipped.length; step++) {
      const end = Math.min(flipped[step]!, order.length);
      for (let place = flipped[step - 1]!; place < end; place++) steps[order[place]!] = step;
    }
    return ids === undefined ? steps : Float32Array.from({ length: sizeOf(shape) }, (_, at) => steps[ids[at]!]!);
  });
}

const removals = { flipped: tf.lessEqual, kept: tf.greater, alone: tf.equal } satisfies Record<
  Way,
  (stepOf: Tensor, step: Tensor) => Tensor
>;

/** How samples are flipped. */
export interface FlippingPlan {
  readonly features: Features;
  readonly orders: readonly Int32Array[];
  readonly flipped: readonly number[];
  readonly way: Way;
  readonly replacement: Replacement;
  readonly memoryBudget: number;
}

/** The explained output of every sample at every step, `[batch][steps + 1]`, and when each place was flipped. */
export async function flip(
  scoring: Scoring,
  { features, orders, flipped, way, replacement, memoryBudget }: FlippingPlan,
  run: ProgressOptions,
): Promise<{ outputs: Float64Array[]; stepOf: Float32Array[] }> {
  const batch = orders.length;
  const length = flipped.length;
  const stepOf = stepsOfPlaces(features, orders, flipped);
  const follower = follow(batch * length, run);
  const places = tf.tidy(() => tf.stack(stepOf.map((steps) => tf.tensor(steps, [...features.shape]))));
  try {
    const scores = await scoreRemovals(
      scoring,
      {
        count: batch * length,
        sampleOf: (row) => Math.floor(row / length),
        removed(start, rows) {
          const samples = Int32Array.from({ length: rows }, (_, row) => Math.floor((start + row) / length));
          const steps = Float32Array.from({ length: rows }, (_, row) => (start + row) % length);
          const step = tf.tensor(steps, [rows, ...features.shape.map(() => 1)]);
          return tf.cast(removals[way](tf.gather(places, samples), step), "float32");
        },
      },
      replacement,
      memoryBudget,
      follower,
    );
    return { outputs: perSample(scores, batch).map((curve) => Float64Array.from(curve)), stepOf };
  } finally {
    places.dispose();
  }
}

/** Shows a sample at any step, from plain copies of its values: no tensor needs to live on. */
export function imagesOf(
  x: Tensor,
  stepOf: readonly Float32Array[],
  { shape }: Features,
  way: Way,
  replacement: Replacement,
): Flips["imageAt"] {
  const [batch, ...sample] = x.shape as [number, ...number[]];
  const values = perSample(Float32Array.from(x.dataSync()), batch);
  const replaced = replacement.later();
  return (index, step) =>
    scoped(() => {
      const places = tf.tensor(stepOf[index]!, [1, ...shape]);
      const removed = tf.cast(removals[way](places, tf.scalar(step)), "float32");
      return replaced(tf.tensor(values[index]!, [1, ...sample]), removed, index).dataSync<"float32">();
    });
}
