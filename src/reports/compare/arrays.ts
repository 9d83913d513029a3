/** How far two arrays of one shape are apart, by what their records hold. */
import { samplesOf, sumsOf } from "../ledger/arrays.js";
import type { ArrayRecord } from "../ledger/records.js";

export interface ArrayDistance {
  /** Relative L1 distance, Σ|a − b| / Σ|a|, over the elements that the records hold. */
  readonly relativeL1: number;
  /** Spearman's rank correlation over the same; `undefined` where all are equal among themselves. */
  readonly rankCorrelation: number | undefined;
  /** Relative L2 distance of the whole arrays; estimated from the sums of the sketches unless the records hold all elements. */
  readonly relativeL2: number;
  /** Whether the records hold all elements. */
  readonly whole: boolean;
}

export function distanceOf(was: ArrayRecord, is: ArrayRecord): ArrayDistance {
  const [a, b] = [samplesOf(was), samplesOf(is)];
  const pairs = a.map((value, index) => [value, b[index]!] as const).filter((pair) => pair.every(Number.isFinite));
  const difference = pairs.reduce((sum, [x, y]) => sum + Math.abs(x - y), 0);
  const size = pairs.reduce((sum, [x]) => sum + Math.abs(x), 0);
  const whole = was.sketch.sums === "";
  const [sa, sb] = whole ? [pairs.map(([x]) => x), pairs.map(([, y]) => y)] : [[...sumsOf(was)], [...sumsOf(is)]];
  const distance = Math.hypot(...sa.map((value, index) => value - sb[index]!));
  const norm = whole ? Math.hypot(...sa) : (was.statistics?.norm ?? 0);
  return {
    relativeL1: ratio(difference, size),
    rankCorrelation: rankCorrelation(
      pairs.map(([x]) => x),
      pairs.map(([, y]) => y),
    ),
    relativeL2: ratio(distance, norm),
    whole,
  };
}

const ratio = (difference: number, size: number): number =>
  difference === 0 ? 0 : size === 0 ? Number.POSITIVE_INFINITY : difference / size;

/** Pearson's correlation of ranks, ties sharing the mean of theirs. */
export function rankCorrelation(a: readonly number[], b: readonly number[]): number | undefined {
  const [x, y] = [ranks(a), ranks(b)];
  const middle = (a.length - 1) / 2;
  let [xy, xx, yy] = [0, 0, 0];
  x.forEach((rank, index) => {
    const [dx, dy] = [rank - middle, y[index]! - middle];
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  });
  return xx === 0 || yy === 0 ? undefined : xy / Math.sqrt(xx * yy);
}

function ranks(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).sort((i, j) => values[i]! - values[j]!);
  const found = new Array<number>(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end + 1 < order.length && values[order[end + 1]!] === values[order[start]!]) end++;
    for (let i = start; i <= end; i++) found[order[i]!] = (start + end) / 2;
    start = end + 1;
  }
  return found;
}
