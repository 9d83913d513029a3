import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { scorer } from "../../methods/perturbation/engine/batches.js";
import type { follow } from "../../progress.js";
import type { Replacement } from "./replacement.js";
import type { Scoring } from "./scoring.js";

/** Copies of small pictures in one batch: the activations of more no longer fit the processor's cache. */
const LARGEST_BATCH = 128;

/** Disturbed copies of samples. */
export interface Copies {
  readonly count: number;
  /** The sample that a copy is made of. */
  sampleOf(row: number): number;
  /** The copies from `start` on, from the samples that they are made of, `[rows, …sample]`. Runs inside `tidy`. */
  make(samples: Tensor, start: number, indices: Int32Array): Tensor;
}

/** The explained output of each copy. All go through the model together, as many as the memory budget lets. */
export async function scoreCopies(
  { x, score }: Scoring,
  { count, sampleOf, make }: Copies,
  memoryBudget: number,
  follower: ReturnType<typeof follow>,
): Promise<Float32Array> {
  const values = tf.cast(x, "float32");
  const samplesFrom = (start: number, rows: number): Int32Array =>
    // The last copy may be repeated.
    Int32Array.from({ length: rows }, (_, row) => sampleOf(Math.min(start + row, count - 1)));
  try {
    return await scorer(
      memoryBudget,
      follower,
      LARGEST_BATCH,
    )({
      count,
      make(start, rows) {
        const samples = samplesFrom(start, rows);
        return make(tf.gather(values, samples), start, samples);
      },
      score: (copies, start) => score(copies, samplesFrom(start, copies.shape[0]!)),
    });
  } finally {
    values.dispose();
  }
}

/** Copies of samples from which something is removed. */
export interface Removals extends Pick<Copies, "count" | "sampleOf"> {
  /** 1 where the copies `start` … `start + rows − 1` lose what they have, in a shape that broadcasts to them. Runs inside `tidy`. */
  removed(start: number, rows: number): Tensor;
}

/** The explained output of each copy with another value where something is removed. */
export function scoreRemovals(
  scoring: Scoring,
  { removed, ...copies }: Removals,
  replacement: Replacement,
  memoryBudget: number,
  follower: ReturnType<typeof follow>,
): Promise<Float32Array> {
  const make: Copies["make"] = (samples, start, indices) =>
    replacement.apply(samples, removed(start, indices.length), indices);
  return scoreCopies(scoring, { ...copies, make }, memoryBudget, follower);
}
