import type { Disagreement } from "../../../comms/states/rank-matrix.js";
import { sideOf } from "../../../explainers/evaluation/grid/table.js";
import type { Evaluation } from "../../../explainers/evaluation/index.js";
import { kendallTau } from "../../../explainers/numerics/concordance.js";
import { ranks } from "../../../explainers/numerics/correlation.js";

/**
 * The samples on which two measures put the methods in the most different orders: by Kendall's τ of the methods' values on that
 * sample, and where that is the same by how far apart their ranks are. Samples on which fewer than two methods have both values, or
 * where a measure holds all equal, are left out.
 *
 * @param pair labels of two measures that have a better side
 */
export function disagreements(evaluation: Evaluation, pair: readonly [string, string], most: number): Disagreement[] {
  const { methods, measures, samples, rows } = evaluation;
  const sides = pair.map((label) => sideOf(measures.find((measure) => measure.label === label) ?? { better: "none" }));
  const values = new Map<string, number>();
  for (const { method, measure, sample, value, reason } of rows) {
    if (value !== null && reason === null) values.set(JSON.stringify([method, measure, sample]), value);
  }
  const found = samples.flatMap(({ name }, sample): (Disagreement & { apart: number })[] => {
    const both = methods.flatMap(({ label }) => {
      const [a, b] = pair.map((measure) => values.get(JSON.stringify([label, measure, sample])));
      return a === undefined || b === undefined ? [] : [{ label, a: a * sides[0]!, b: b * sides[1]! }];
    });
    const [ofA, ofB] = [both.map(({ a }) => a), both.map(({ b }) => b)];
    const tau = kendallTau(ofA, ofB);
    if (both.length < 2 || Number.isNaN(tau)) return [];
    const [ranksA, ranksB] = [ranks(ofA), ranks(ofB)];
    const apart = both.reduce((sum, _, at) => sum + Math.abs(ranksA[at]! - ranksB[at]!), 0);
    const best = (key: "a" | "b") => both.toSorted((x, y) => y[key] - x[key]).map(({ label }) => label);
    return [{ sample, name, tau, orders: [best("a"), best("b")], apart }];
  });
  return found
    .sort((x, y) => x.tau - y.tau || y.apart - x.apart || x.sample - y.sample)
    .slice(0, most)
    .map(({ apart: _, ...one }) => one);
}
