import { normalCdf, normalQuantile } from "./normal.js";
import { seededRandom } from "./random.js";
import { mean, quantileOfSorted } from "./summary.js";

/** Numbers between which a statistic lies. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

interface BootstrapOptions {
  /** Of a sample; default its mean. */
  readonly statistic?: (values: Float64Array) => number;
  /** How often such intervals hold the true value; default 0.95. */
  readonly level?: number;
  /** Default 2000. */
  readonly resamples?: number;
  /** `"bca"` (default) corrects the percentiles for bias and skewness. */
  readonly kind?: "bca" | "percentile";
  /** Default 0. */
  readonly seed?: number;
}

/**
 * A bootstrap interval of a statistic: percentiles of the statistic over resamples, by default bias-corrected and accelerated
 * (BCa; Efron 1987, J. Am. Stat. Assoc. 82).
 *
 * @param values `[n]`, finite
 * @returns NaN from fewer than two values: one value says nothing of its spread
 */
export function bootstrapInterval(
  values: ArrayLike<number>,
  { statistic = mean, level = 0.95, resamples = 2000, kind = "bca", seed = 0 }: BootstrapOptions = {},
): Interval {
  const given = Float64Array.from(values);
  if (given.length < 2) return { low: Number.NaN, high: Number.NaN };
  const found = resampled(given, statistic, resamples, seed).sort();
  const shares = kind === "bca" ? correctedShares(given, statistic, found, level) : [(1 - level) / 2, (1 + level) / 2];
  return { low: quantileOfSorted(found, shares[0]!), high: quantileOfSorted(found, shares[1]!) };
}

function resampled(
  given: Float64Array,
  statistic: (values: Float64Array) => number,
  resamples: number,
  seed: number,
): Float64Array {
  const { length } = given;
  const next = places(length, resamples, seed);
  const drawn = new Float64Array(length);
  return Float64Array.from({ length: resamples }, () => {
    for (let at = 0; at < length; at++) drawn[at] = given[next()]!;
    return statistic(drawn);
  });
}

/** More draws are not kept. */
const KEPT = 2 ** 22;

let last: { readonly key: string; readonly draws: Uint32Array } | undefined;

/** Which values are drawn, one call after the other. Those of the last seed and count are kept: tables have many intervals of as many values. */
function places(length: number, resamples: number, seed: number): () => number {
  const size = length * resamples;
  if (size > KEPT) {
    const random = seededRandom(seed);
    return () => random.integer(length);
  }
  const key = `${length} ${resamples} ${seed}`;
  if (last?.key !== key) {
    const random = seededRandom(seed);
    last = { key, draws: Uint32Array.from({ length: size }, () => random.integer(length)) };
  }
  const { draws } = last;
  let at = 0;
  return () => draws[at++]!;
}

/** Which percentiles hold the level, from how far the resamples lie to one side, and how skewed the statistic is. */
function correctedShares(
  given: Float64Array,
  statistic: (values: Float64Array) => number,
  sorted: Float64Array,
  level: number,
): [number, number] {
  const plain: [number, number] = [(1 - level) / 2, (1 + level) / 2];
  const estimate = statistic(given);
  let below = 0;
  // Ties count by half, as of statistics with few values.
  for (const value of sorted) below += value < estimate ? 1 : value === estimate ? 0.5 : 0;
  if (below === 0 || below === sorted.length) return plain;
  const bias = normalQuantile(below / sorted.length);
  const a = acceleration(given, statistic);
  const corrected = (share: number): number => {
    const z = bias + normalQuantile(share);
    return normalCdf(bias + z / (1 - a * z));
  };
  const shares = plain.map(corrected) as [number, number];
  return shares.every(Number.isFinite) ? shares : plain;
}

/** From the statistic without each value in turn: `Σ d³ / (6 (Σ d²)^{3/2})`. */
function acceleration(given: Float64Array, statistic: (values: Float64Array) => number): number {
  // Without a value, the mean moves in proportion to how far that value lies from it.
  if (statistic === mean) return skewness(given, -1);
  const rest = new Float64Array(given.length - 1);
  const without = Float64Array.from(given, (_, left) => {
    for (let at = 0; at < rest.length; at++) rest[at] = given[at < left ? at : at + 1]!;
    return statistic(rest);
  });
  return skewness(without, 1);
}

function skewness(values: Float64Array, sign: number): number {
  const center = mean(values);
  let [squares, cubes] = [0, 0];
  for (const value of values) {
    squares += (center - value) ** 2;
    cubes += sign * (center - value) ** 3;
  }
  return squares === 0 ? 0 : cubes / (6 * squares ** 1.5);
}
