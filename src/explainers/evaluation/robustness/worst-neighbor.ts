import type { Model } from "../../network/index.js";
import { choice } from "../../parameters.js";
import type { ProgressOptions } from "../../progress.js";
import type { Evidence } from "../evidence.js";
import type { ScoreWarning } from "../measure.js";
import { perSample } from "../perturbing/features.js";
import { explainNeighbors, type Neighbor, type Neighbors } from "./neighbors.js";

/** What becomes of the numbers of a sample's neighbors. */
export const summaryOfNeighbors = choice(
  ["max", "mean"],
  "max",
  "Whether the value is that of the worst neighbor, as published, or the mean over all",
  { minor: true },
);

/** What explanations are divided by before they are compared. */
export const explanationScale = choice(
  ["none", "max"],
  "none",
  "Whether explanations are compared as they are, or each divided by its largest absolute value (Quantus)",
  { minor: true },
);

export interface Ratio {
  readonly name: string;
  readonly neighbors: Neighbors;
  readonly normalization: "none" | "max";
  readonly summary: "max" | "mean";
  readonly memoryBudget: number;
  /** What one neighbor counts; `undefined` where it counts nothing. */
  readonly of: (own: Float32Array, neighbor: Neighbor) => number | undefined;
  /** Called with every batch of neighbors that was explained, inside no scope. */
  readonly inspect?: Parameters<typeof explainNeighbors>[6];
  /** Why a sample may have no neighbor that counts. */
  readonly none: string;
}

/** The largest number (the mean) over the neighbors of each sample. */
export async function overNeighbors(
  model: Model,
  evidence: Evidence,
  run: ProgressOptions,
  { name, neighbors, normalization, summary, memoryBudget, of, inspect, none }: Ratio,
): Promise<{ values: Float64Array; warnings: ScoreWarning[] }> {
  const { attribution } = evidence;
  const batch = attribution.shape[0]!;
  const scaled = (map: Float32Array): Float32Array => (normalization === "max" ? byLargest(map) : map);
  const own = perSample(attribution.relevance, batch).map(scaled);
  const sums = new Float64Array(batch);
  const most = new Float64Array(batch).fill(-Infinity);
  const counts = new Int32Array(batch);
  await explainNeighbors(
    name,
    model,
    evidence,
    { ...run, memoryBudget },
    neighbors,
    (neighbor) => {
      const { sample } = neighbor;
      const value = of(own[sample]!, { ...neighbor, relevance: scaled(neighbor.relevance) });
      if (value === undefined) return;
      sums[sample]! += value;
      most[sample] = Math.max(most[sample]!, value);
      counts[sample]!++;
    },
    inspect,
  );
  const values = Float64Array.from(counts, (count, sample) =>
    count === 0 ? Number.NaN : summary === "max" ? most[sample]! : sums[sample]! / count,
  );
  const warnings = [...values].flatMap((value, sample): ScoreWarning[] =>
    Number.isNaN(value) ? [{ kind: "undefined", message: none, sample }] : [],
  );
  return { values, warnings };
}

function byLargest(map: Float32Array): Float32Array {
  let most = 0;
  for (const value of map) most = Math.max(most, Math.abs(value));
  return most === 0 ? map : map.map((value) => value / most);
}

/** ‖a − b‖₂. */
export function euclidean(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return Math.sqrt(sum);
}

/** ‖a − b‖₁. */
export function manhattan(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i]! - b[i]!);
  return sum;
}

/** ‖a‖₂. */
export function length(a: Float32Array): number {
  let sum = 0;
  for (const value of a) sum += value * value;
  return Math.sqrt(sum);
}
