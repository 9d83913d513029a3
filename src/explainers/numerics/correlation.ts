import { orderedKeys, placesByKey } from "./radix.js";

/**
 * Pearson's correlation of two lists of the same length, −1 to 1; NaN where one of them is constant, or holds NaN.
 *
 * @example
 * pearson([1, 2, 3], [2, 4, 6]); // 1
 */
export function pearson(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const { length } = a;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [covariance, varianceA, varianceB] = [0, 0, 0];
  for (let i = 0; i < length; i++) {
    const [fromA, fromB] = [a[i]! - meanA, b[i]! - meanB];
    covariance += fromA * fromB;
    varianceA += fromA * fromA;
    varianceB += fromB * fromB;
  }
  // The mean of a constant list may miss it by a rounding error, which must not become a direction.
  if (isConstant(a) || isConstant(b)) return Number.NaN;
  return Math.min(Math.max(covariance / (Math.sqrt(varianceA) * Math.sqrt(varianceB)), -1), 1);
}

/**
 * Spearman's rank correlation: Pearson's of the ranks, equal values sharing the mean of theirs; NaN where a list is constant, or holds NaN.
 *
 * @example
 * spearman([1, 2, 3], [1, 10, 100]); // 1
 */
export function spearman(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return pearson(ranks(a), ranks(b));
}

/**
 * The rank of each value, from 1 for the smallest; equal values share the mean of their ranks. Where any value is NaN, all ranks are.
 *
 * @example
 * ranks([10, 30, 20, 20]); // [1, 4, 2.5, 2.5]
 */
export function ranks(values: ArrayLike<number>): Float64Array {
  const { length } = values;
  if (values instanceof Float32Array) return ranksOfSingles(values);
  const sorted = Float64Array.from(values).sort();
  const result = new Float64Array(length);
  // NaN is sorted to the end.
  if (length > 0 && Number.isNaN(sorted[length - 1]!)) return result.fill(Number.NaN);
  // The shared rank stands where equal values begin.
  const shared = new Float64Array(length);
  for (let from = 0, to = 0; from < length; from = to) {
    while (to < length && sorted[to] === sorted[from]) to++;
    shared[from] = (from + 1 + to) / 2;
  }
  for (let i = 0; i < length; i++) result[i] = shared[firstOf(sorted, values[i]!)]!;
  return result;
}

function ranksOfSingles(values: Float32Array): Float64Array {
  const { length } = values;
  const result = new Float64Array(length);
  const all = new Uint32Array(length);
  for (let i = 0; i < length; i++) {
    if (Number.isNaN(values[i]!)) return result.fill(Number.NaN);
    all[i] = i;
  }
  const keys = orderedKeys(values);
  const places = placesByKey(keys, all);
  for (let from = 0, to = 0; from < length; from = to) {
    const key = keys[places[from]!]!;
    while (to < length && keys[places[to]!] === key) to++;
    for (let i = from; i < to; i++) result[places[i]!] = (from + 1 + to) / 2;
  }
  return result;
}

/** Where `value` first stands in `sorted`, which holds it. */
function firstOf(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

function isConstant(values: ArrayLike<number>): boolean {
  for (let i = 1; i < values.length; i++) if (values[i] !== values[0]) return false;
  return true;
}
