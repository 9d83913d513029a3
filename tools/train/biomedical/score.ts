import { bootstrapInterval } from "../../../src/explainers/numerics/bootstrap.js";
import { wilsonInterval } from "../../../src/explainers/numerics/proportions.js";

/** The place of the largest. */
export const largest = (scores: readonly number[]): number => scores.indexOf(Math.max(...scores));

/**
 * Accuracy with the interval that holds it with 95 %, beside chance: the share of the most frequent class.
 *
 * @param clusters Where samples are parts of something (windows of a series): what each is a part of. The accuracy is then the mean over these, and
 *   the interval the bootstrap's over them; else Wilson's.
 */
export function scored(predicted: readonly number[], labels: ArrayLike<number>, clusters?: readonly string[]) {
  const right = predicted.map((label, index) => Number(label === labels[index]));
  const counts = new Map<number, number>();
  for (const label of Array.from(labels)) counts.set(label, (counts.get(label) ?? 0) + 1);
  const { value, low, high, count } = clusters === undefined ? independent(right) : clustered(right, clusters);
  const round = (share: number) => Math.round(share * 1e4) / 1e4;
  return {
    testAccuracy: round(value),
    testLow: round(low),
    testHigh: round(high),
    testCount: count,
    chance: round(Math.max(...counts.values()) / predicted.length),
  };
}

const independent = (right: readonly number[]) => ({
  ...wilsonInterval(
    right.reduce((sum, one) => sum + one, 0),
    right.length,
  ),
  count: right.length,
});

function clustered(right: readonly number[], clusters: readonly string[]) {
  const shares = [...new Set(clusters)].map((name) => {
    const own = right.filter((_, index) => clusters[index] === name);
    return own.reduce((sum, one) => sum + one, 0) / own.length;
  });
  const value = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  return { value, ...bootstrapInterval(shares, { level: 0.95, seed: 1 }), count: shares.length };
}

/** In a line of a log. */
export const inWords = (
  name: string,
  { testAccuracy, testLow, testHigh, testCount, chance }: ReturnType<typeof scored>,
): string =>
  `${name}: ${testAccuracy.toFixed(3)} (95 %: ${testLow.toFixed(3)} to ${testHigh.toFixed(3)}; ${testCount}; chance ${chance.toFixed(3)})`;
