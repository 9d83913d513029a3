import { ranks } from "./correlation.js";

/** How many values are equal, for each group of two or more. */
function tieSizes(values: ArrayLike<number>): number[] {
  const counts = new Map<number, number>();
  for (let at = 0; at < values.length; at++) counts.set(values[at]!, (counts.get(values[at]!) ?? 0) + 1);
  return [...counts.values()].filter((count) => count > 1);
}

/**
 * Kendall's coefficient of concordance `W = 12 S / (m² (n³ − n) − m T)` of m judges who rank n things, with the correction for ties
 * (Kendall & Babington Smith 1939; Siegel 1956): 1 where all agree, about 1/m where they judge at random.
 *
 * @param judged a row a judge: its values of the same n things, or their ranks
 * @returns NaN where it has no meaning: fewer than two things, no judge, or every judge holds all things equal
 */
export function kendallW(judged: readonly ArrayLike<number>[]): number {
  const m = judged.length;
  const n = judged[0]?.length ?? 0;
  const sums = new Float64Array(n);
  let ties = 0;
  for (const values of judged) {
    ranks(values).forEach((rank, at) => {
      sums[at]! += rank;
    });
    for (const t of tieSizes(values)) ties += t ** 3 - t;
  }
  const mean = (m * (n + 1)) / 2;
  const S = sums.reduce((total, sum) => total + (sum - mean) ** 2, 0);
  const most = m ** 2 * (n ** 3 - n) - m * ties;
  return most > 0 ? (12 * S) / most : Number.NaN;
}

/**
 * Kendall's rank correlation τ_b (Kendall 1945): pairs in the same order less pairs in opposite order, ties taken into account.
 *
 * @returns from −1 to 1; NaN where one of the lists holds all things equal
 */
export function kendallTau(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [balance, untiedA, untiedB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    for (let j = 0; j < i; j++) {
      const [x, y] = [Math.sign(a[i]! - a[j]!), Math.sign(b[i]! - b[j]!)];
      balance += x * y;
      untiedA += Math.abs(x);
      untiedB += Math.abs(y);
    }
  }
  return balance / Math.sqrt(untiedA * untiedB);
}
