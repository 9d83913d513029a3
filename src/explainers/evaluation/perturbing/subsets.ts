import * as tf from "@tensorflow/tfjs-core";
import { pearson } from "../../numerics/correlation.js";
import { seededRandom } from "../../numerics/random.js";
import { follow, type ProgressOptions } from "../../progress.js";
import type { Features } from "./features.js";
import { scoreRemovals } from "./removals.js";
import type { Replacement } from "./replacement.js";
import type { Scoring } from "./scoring.js";

/** How features are removed at random. */
export interface SubsetPlan {
  readonly features: Features;
  /** How many features are removed at once: each size has its own draws. */
  readonly sizes: readonly number[];
  /** How many subsets of a size. */
  readonly draws: number;
  readonly replacement: Replacement;
  readonly seed: number;
  readonly memoryBudget: number;
}

/**
 * The correlation, over random subsets of one size, between the relevance that a subset holds and the fall of the output when it is
 * removed: `[batch][sizes]`, NaN where one of them is the same for every subset. All samples lose the same subsets.
 */
export async function subsetCorrelations(
  scoring: Scoring,
  { features, sizes, draws, replacement, seed, memoryBudget }: SubsetPlan,
  run: ProgressOptions,
): Promise<Float64Array[]> {
  const { count, relevance, shape } = features;
  const batch = relevance.length;
  const drawn = sizes.length * draws;
  const sums = relevance.map(() => new Float64Array(drawn));
  /** Drawn when its turn comes, and again by its own seed where the turn comes again. */
  const maskOf = (draw: number): Float32Array => {
    const mask = new Float32Array(count);
    const size = sizes[Math.floor(draw / draws)]!;
    for (const feature of someOf(count, size, seed + Math.imul(draw + 1, 0x9e3779b9))) mask[feature] = 1;
    relevance.forEach((values, sample) => {
      let sum = 0;
      for (let feature = 0; feature < count; feature++) sum += mask[feature]! * values[feature]!;
      sums[sample]![draw] = sum;
    });
    return mask;
  };
  // First the samples as they are, then all samples at each subset.
  const total = (1 + drawn) * batch;
  const scores = await scoreRemovals(
    scoring,
    {
      count: total,
      sampleOf: (row) => row % batch,
      removed(start, rows) {
        const first = Math.floor(start / batch);
        const last = Math.floor((start + rows - 1) / batch);
        const masks = Array.from({ length: last - first + 1 }, (_, i) =>
          tf.tensor(first + i === 0 ? new Float32Array(count) : maskOf(first + i - 1), [...shape]),
        );
        const of = Int32Array.from({ length: rows }, (_, row) => Math.floor((start + row) / batch) - first);
        return tf.gather(tf.stack(masks), of);
      },
    },
    replacement,
    memoryBudget,
    follow(total, run),
  );
  return sums.map((held, sample) => {
    const falls = Float64Array.from(
      { length: drawn },
      (_, draw) => scores[sample]! - scores[(draw + 1) * batch + sample]!,
    );
    return Float64Array.from(sizes, (_, size) => {
      const [from, to] = [size * draws, (size + 1) * draws];
      return pearson(held.subarray(from, to), falls.subarray(from, to));
    });
  });
}

/** `size` of `count` features. */
function someOf(count: number, size: number, seed: number): Int32Array {
  const random = seededRandom(seed);
  const all = Int32Array.from({ length: count }, (_, feature) => feature);
  for (let i = 0; i < size; i++) {
    const other = i + random.integer(count - i);
    [all[i], all[other]] = [all[other]!, all[i]!];
  }
  return all.subarray(0, size);
}
