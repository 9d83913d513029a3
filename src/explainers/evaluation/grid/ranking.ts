import { kendallTau, kendallW } from "../../numerics/concordance.js";
import { ranks } from "../../numerics/correlation.js";
import { seededRandom } from "../../numerics/random.js";
import { mean, median, quantile, standardDeviation } from "../../numerics/summary.js";
import type { MeasurePair, MethodRank, RankCell, Ranks } from "./evaluation.js";
import { finite, sideOf, type Values } from "./table.js";

/** How often ranks are found anew from samples drawn with replacement. */
const RESAMPLES = 1000;

/** Makes a median absolute deviation the standard deviation of normal numbers. */
const CONSISTENT = 1.4826;

/** Methods × measures, ranked by their means, with how far samples, and measures, agree on the ranks. */
export function rankMatrixOf(values: Values, { level, seed }: { level: number; seed: number }): Ranks {
  const cells = values.measures.flatMap((measure) => rankedBy(values, measure.label, sideOf(measure), level, seed));
  const byMeasure = new Map(
    values.measures.map(({ label }) => [label, cells.filter(({ measure }) => measure === label)]),
  );
  const ranking = values.measures.map(({ label }) => label).filter((label) => isRanked(byMeasure.get(label)!));
  // A method that fails by some measure cannot be agreed on.
  const everywhere = values.methods.flatMap((_, at) =>
    ranking.every((label) => byMeasure.get(label)![at]!.rank !== null) ? [at] : [],
  );
  const W = kendallW(ranking.map((label) => everywhere.map((at) => byMeasure.get(label)![at]!.rank!)));
  return {
    cells,
    methods: values.methods.map((method) => methodRank(method, cells)),
    pairs: ranking.flatMap((a, i) => ranking.slice(i + 1).map((b) => agreement(a, b, byMeasure))),
    concordance: ranking.length < 2 ? null : finite(W),
  };
}

const isRanked = (cells: readonly RankCell[]): boolean => cells.filter(({ rank }) => rank !== null).length > 1;

function rankedBy(values: Values, measure: string, side: number, level: number, seed: number): RankCell[] {
  const none = (method: string): RankCell => ({
    method,
    measure,
    rank: null,
    low: null,
    high: null,
    stability: null,
    standardized: null,
  });
  const present = (method: string) => values.of(method, measure).filter((value) => !Number.isNaN(value)).length;
  // A method that mostly fails is not ranked, so that it takes no samples from the others.
  const most = Math.max(...values.methods.map(present));
  const ranked = values.methods.filter((method) => side !== 0 && most > 0 && 2 * present(method) >= most);
  const rows = ranked.map((method) => values.of(method, measure));
  const common = Array.from({ length: values.samples }, (_, at) => at).filter((at) =>
    rows.every((row) => !Number.isNaN(row[at]!)),
  );
  if (ranked.length < 2 || common.length === 0) return values.methods.map(none);

  const scores = rows.map((row) => common.map((at) => side * row[at]!));
  const means = scores.map(mean);
  const best = ranksOf(means);
  const resampled = ranked.map(() => new Float64Array(RESAMPLES));
  const random = seededRandom(seed);
  for (let run = 0; run < RESAMPLES; run++) {
    const drawn = common.map(() => random.integer(common.length));
    const again = ranksOf(scores.map((row) => drawn.reduce((sum, at) => sum + row[at]!, 0) / drawn.length));
    resampled.forEach((list, at) => {
      list[run] = again[at]!;
    });
  }
  const middle = median(means);
  const spread = CONSISTENT * median(means.map((value) => Math.abs(value - middle)));
  return values.methods.map((method) => {
    const at = ranked.indexOf(method);
    if (at < 0) return none(method);
    const list = resampled[at]!;
    const isOne = common.length === 1;
    return {
      method,
      measure,
      rank: best[at]!,
      low: isOne ? null : quantile(list, (1 - level) / 2),
      high: isOne ? null : quantile(list, (1 + level) / 2),
      stability: isOne ? null : list.filter((rank) => rank === best[at]).length / RESAMPLES,
      standardized: spread === 0 ? null : finite((means[at]! - middle) / spread),
    };
  });
}

/** 1 for the greatest. Sums in another order may differ in the last bits: these are equal. */
const ranksOf = (scores: readonly number[]): Float64Array =>
  ranks(scores.map((score) => -Number(score.toPrecision(12))));

function methodRank(method: string, cells: readonly RankCell[]): MethodRank {
  const own = cells.filter((cell) => cell.method === method && cell.rank !== null);
  const places = own.map(({ rank }) => rank!);
  const standardized = own.flatMap((cell) => (cell.standardized === null ? [] : [cell.standardized]));
  return {
    method,
    measures: own.length,
    mean: finite(mean(places)),
    disagreement: places.length < 2 ? null : standardDeviation(places),
    standardized: finite(mean(standardized)),
  };
}

function agreement(a: string, b: string, byMeasure: ReadonlyMap<string, readonly RankCell[]>): MeasurePair {
  const [ofA, ofB] = [byMeasure.get(a)!, byMeasure.get(b)!];
  const both = ofA.flatMap(({ rank }, at) => {
    const other = ofB[at]!.rank;
    return rank === null || other === null ? [] : [[rank, other] as const];
  });
  const tau = kendallTau(
    both.map(([rank]) => rank),
    both.map(([, rank]) => rank),
  );
  return { a, b, tau: finite(tau) };
}
