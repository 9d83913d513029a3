import { holm } from "../../numerics/paired-tests.js";
import { quantile, twoSided } from "../../numerics/student-t.js";
import { mean } from "../../numerics/summary.js";

/** A two-sided test of one number against those of random concepts. */
export interface Test {
  /** The difference in units of its standard error. */
  readonly t: number;
  readonly degrees: number;
  readonly pValue: number;
  /** Where the number lies by this test, at the level asked for. */
  readonly interval: readonly [number, number];
}

/** Σ (v − m)² / (n − 1) */
const variance = (values: readonly number[], around = mean(values)): number =>
  values.reduce((sum, value) => sum + (value - around) ** 2, 0) / (values.length - 1);

/**
 * Whether a concept differs from random ones, which all are compared with the same random sets: its mean over the sets is
 * one more draw of the means that the random sets have over one another.
 *
 * Of effects `d_ij = a_i − a_j` the means over the J − 1 other sets are `J/(J−1) (a_i − ā)`, and that of one more set is
 * `a_c − ā`, of variance `σ² (1 + 1/J)`: Student's t with J − 1 degrees of freedom. The runs of one concept share its pictures, so
 * that their own spread (which the t-test of the paper takes) says nothing of how much another set of pictures would have had.
 *
 * @param own the concept against each random set
 * @param among `[i][j]`: random set i against random set j; what stands at i = j is not read
 * @param neutral the value of no effect: 0 of a derivative, ½ of a share
 */
export function amongRandom(
  own: readonly number[],
  among: readonly (readonly number[])[],
  neutral: number,
  level: number,
): Test {
  const sets = own.length;
  const degrees = sets - 1;
  const means = among.map((row, i) => mean(row.filter((_, j) => j !== i)));
  const scale = (sets - 1) / sets;
  const deviation = Math.sqrt(variance(means, neutral) * (1 + 1 / sets)) * scale;
  return testOf(mean(own), neutral, deviation, degrees, level);
}

/** Welch's t-test between the runs of a concept and those of random concepts, as the paper has it. */
export function betweenRuns(own: readonly number[], random: readonly number[], level: number): Test {
  const [a, b] = [variance(own) / own.length, variance(random) / random.length];
  const degrees = (a + b) ** 2 / (a ** 2 / (own.length - 1) + b ** 2 / (random.length - 1)) || 1;
  return testOf(mean(own), mean(random), Math.sqrt(a + b), degrees, level);
}

/** Whether one number is a further draw of those that random sets gave, whose mean is not known. */
export function furtherDraw(own: number, random: readonly number[], level: number): Test {
  const deviation = Math.sqrt(variance(random) * (1 + 1 / random.length));
  return testOf(own, mean(random), deviation, random.length - 1, level);
}

function testOf(value: number, neutral: number, deviation: number, degrees: number, level: number): Test {
  const difference = value - neutral;
  // Of no spread at all any difference is certain, and none is none.
  const t = difference === 0 ? 0 : difference / deviation;
  const reach = quantile(1 - level / 2, degrees) * deviation;
  return { t, degrees, pValue: twoSided(t, degrees), interval: [value - reach, value + reach] };
}

/** How p-values of several tests are brought to one level. */
export type Correction = "holm" | "bonferroni" | "benjamini-hochberg" | "none";

/**
 * p-values of several tests, each so much larger that all may be compared with one level: the chance of any false finding stays
 * below it (Holm 1979, Bonferroni), or the expected share of false ones among the findings (Benjamini & Hochberg 1995).
 */
export function corrected(pValues: readonly number[], correction: Correction): number[] {
  const n = pValues.length;
  if (correction === "none") return [...pValues];
  if (correction === "holm") return Array.from(holm(pValues));
  if (correction === "bonferroni") return pValues.map((p) => Math.min(1, p * n));
  const order = pValues.map((_, index) => index).sort((a, b) => pValues[b]! - pValues[a]!);
  const result = Array<number>(n).fill(1);
  let reached = 1;
  order.forEach((index, place) => {
    reached = Math.min(reached, (pValues[index]! * n) / (n - place));
    result[index] = reached;
  });
  return result;
}
