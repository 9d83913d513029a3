import { ranks as ranksOf } from "./correlation.js";
import { normalCdf } from "./normal.js";

/** What a test of paired differences found. */
export interface PairedTest {
  /** How probable differences as large, to either side, are where nothing differs. */
  readonly p: number;
  /** The sum of the ranks of positive differences. */
  readonly positive: number;
  /** The sum of the ranks of negative differences. */
  readonly negative: number;
  /** How many differences were ranked. */
  readonly count: number;
  /** Whether `p` is exact, ties and all, or from the normal approximation. */
  readonly exact: boolean;
}

/** Up to as many differences are counted out: beyond, the normal approximation is as good. */
const EXACT = 50;

/**
 * Wilcoxon's signed-rank test, two-sided (Wilcoxon 1945): whether paired differences lie about 0. Exact for up to fifty
 * differences, over all 2ⁿ choices of their signs and with their ties.
 *
 * @param differences `[n]`, finite
 * @param zeros what differences of 0 do: they are dropped (Wilcoxon; default), or ranked and given to both sides by half
 * @returns p = 1 where no difference is left
 */
export function wilcoxonSignedRank(differences: ArrayLike<number>, zeros: "drop" | "split" = "drop"): PairedTest {
  const all = Array.from(differences);
  const used = zeros === "drop" ? all.filter((difference) => difference !== 0) : all;
  const sizes = used.map(Math.abs);
  const ranks = ranksOf(sizes);
  let [positive, negative, free] = [0, 0, 0];
  used.forEach((difference, at) => {
    positive += difference > 0 ? ranks[at]! : difference < 0 ? 0 : ranks[at]! / 2;
    negative += difference < 0 ? ranks[at]! : difference > 0 ? 0 : ranks[at]! / 2;
    if (difference !== 0) free++;
  });
  const found = { positive, negative, count: used.length };
  if (free === 0) return { ...found, p: 1, exact: true };
  const signed = ranks.filter((_, at) => used[at] !== 0);
  // A rank given to both sides by half moves neither.
  const settled = ranks.reduce((sum, rank, at) => sum + (used[at] === 0 ? rank / 2 : 0), 0);
  if (free <= EXACT) return { ...found, p: exactly(signed, Math.min(positive, negative) - settled), exact: true };
  const total = signed.reduce((sum, rank) => sum + rank, 0);
  const variance = signed.reduce((sum, rank) => sum + rank ** 2, 0) / 4;
  const z = (Math.min(positive, negative) - settled - total / 2) / Math.sqrt(variance);
  return { ...found, p: Math.min(1, 2 * normalCdf(z)), exact: false };
}

/** Twice the share of sign choices whose smaller sum is at most `least`. Ranks are whole or half numbers, so their doubles count. */
function exactly(ranks: Float64Array, least: number): number {
  const doubled = Array.from(ranks, (rank) => Math.round(2 * rank));
  const shares = new Float64Array(doubled.reduce((sum, rank) => sum + rank, 0) + 1);
  shares[0] = 1;
  let reached = 0;
  for (const rank of doubled) {
    reached += rank;
    // From the top, so that what is read is still from before this rank.
    for (let sum = reached; sum >= 0; sum--) {
      shares[sum] = (shares[sum]! + (sum >= rank ? shares[sum - rank]! : 0)) / 2;
    }
  }
  let p = 0;
  for (let sum = 0; sum <= Math.round(2 * least); sum++) p += shares[sum]!;
  return Math.min(1, 2 * p);
}

/**
 * Corrects p-values for being several, by Holm's step-down procedure (Holm 1979): the probability of any false finding stays below what
 * each is compared with.
 *
 * @returns in the order given; NaN stays NaN and does not count
 */
export function holm(p: ArrayLike<number>): Float64Array {
  const corrected = Float64Array.from(p);
  const order = Array.from(corrected.keys())
    .filter((at) => !Number.isNaN(corrected[at]!))
    .sort((a, b) => corrected[a]! - corrected[b]! || a - b);
  let largest = 0;
  order.forEach((at, place) => {
    largest = Math.max(largest, Math.min(1, (order.length - place) * corrected[at]!));
    corrected[at] = largest;
  });
  return corrected;
}
