import { formatNumber, formatPercent } from "../../../comms/format.js";
import {
  MEAN_RANK,
  type RankedCell,
  type RankedMethod,
  type RankingMeasure,
  type RankMatrixState,
} from "../../../comms/states/rank-matrix.js";
import type {
  Comparison,
  EvaluatedMethod,
  Evaluation,
  EvaluationRow,
  MeanRow,
  RankCell,
} from "../../../explainers/evaluation/index.js";
import { findMethod } from "../../../explainers/methods.js";

/** What a matrix shows of an evaluation. */
export type MatrixContent = Pick<
  RankMatrixState,
  "title" | "subtitle" | "methods" | "measures" | "cells" | "verdict" | "level"
>;

export function matrixContent(evaluation: Evaluation): MatrixContent {
  const { methods, measures, samples, model, verdict, level, complete } = evaluation;
  const count = `${samples.length} sample${samples.length === 1 ? "" : "s"}`;
  return {
    title: !complete ? "Which method is best?" : verdict.winner === null ? "No winner" : `*${verdict.winner}* wins`,
    subtitle: [`${methods.length} methods by ${measures.length} measures on ${count}`, model]
      .filter((part) => part !== "")
      .join(" · "),
    methods: methods.map((method) => methodOf(method, evaluation)),
    measures: measures.map(
      ({ label, name, question, reference, better, unit }): RankingMeasure => ({
        label,
        hint: [name === label ? "" : `${name}.`, question, unit === "" ? "" : `In ${unit}.`, reference]
          .filter((part) => part !== "")
          .join(" "),
        better,
        verdict: verdict.measures.find(({ measure }) => measure === label)?.text ?? "",
      }),
    ),
    cells: cellsOf(evaluation),
    verdict: complete ? verdict.text : `So far: ${verdict.text}`,
    level,
  };
}

function methodOf({ label, id, name, parameters }: EvaluatedMethod, { ranks }: Evaluation): RankedMethod {
  const found = ranks.methods.find(({ method }) => method === label);
  const question = id === null || id === "random" ? "" : ` ${findMethod(id).question}`;
  const stated = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== null);
  const settings = stated.map(([key, value]) => `${key} ${typeof value === "object" ? "given" : String(value)}`);
  return {
    label,
    hint: `${name}.${question}${settings.length === 0 ? "" : `\n${settings.join(", ")}`}`,
    mean: found?.mean ?? null,
    disagreement: found?.disagreement ?? null,
  };
}

const keyOf = (method: string, measure: string) => JSON.stringify([method, measure]);

function byCell<T extends { method: string; measure: string }>(rows: readonly T[]): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const row of rows) {
    const key = keyOf(row.method, row.measure);
    const known = found.get(key);
    if (known === undefined) found.set(key, [row]);
    else known.push(row);
  }
  return found;
}

function cellsOf({ methods, measures, rows, means, ranks, comparisons, samples, level }: Evaluation): RankedCell[] {
  const [ofRows, ofMeans, ofRanks] = [byCell(rows), byCell(means), byCell(ranks.cells)];
  const share = `${Math.round(100 * level)}\u202f%`;
  return methods.flatMap(({ label: method }) =>
    measures.map(({ label: measure, better, unit }): RankedCell => {
      const key = keyOf(method, measure);
      const mean = ofMeans.get(key)?.[0];
      const rank = ofRanks.get(key)?.[0];
      const reached = ofRows.get(key) ?? [];
      const numbers = mean?.mean == null ? "" : meanInWords(mean, share, unit);
      const isRanked = rank?.rank != null;
      const phase = reached.length === 0 ? "waiting" : isRanked ? "ranked" : mean?.mean == null ? "failed" : "unranked";
      const place = isRanked
        ? rankInWords(rank)
        : better === "none"
          ? "this measure has no better side"
          : "not ranked: too few samples have a value of every method";
      return {
        phase,
        rank: rank?.rank ?? null,
        stability: rank?.stability ?? null,
        mean: mean?.mean ?? null,
        missing: mean?.missing ?? 0,
        words:
          phase === "waiting"
            ? "not computed yet"
            : phase === "failed"
              ? `no value on ${mean?.missing ?? reached.length} of ${samples.length} samples`
              : `${numbers} · ${place}`,
        comparisons: comparisonsOf(method, measure, comparisons),
        reasons: reasonsOf(reached, samples),
      };
    }),
  );
}

function meanInWords({ mean, low, high, count, missing }: MeanRow, share: string, unit: string): string {
  const interval = low === null ? "" : ` (${share}: ${formatNumber(low)} to ${formatNumber(high!)})`;
  const of = missing === 0 ? `${count} samples` : `${count} of ${count + missing} samples`;
  return `mean ${formatNumber(mean!)}${unit === "" ? "" : `\u202f${unit}`}${interval}, ${of}`;
}

function rankInWords({ rank, low, high, stability }: RankCell): string {
  const range = low === null || (low === rank && high === rank) ? "" : ` (${formatRank(low)} to ${formatRank(high!)})`;
  const kept = stability === null ? "" : `, kept in ${formatPercent(stability)} of resamples`;
  return `rank ${formatRank(rank!)}${range}${kept}`;
}

/** Equal means share a rank, which is then a half. */
const formatRank = (rank: number): string => String(Math.round(10 * rank) / 10);

function comparisonsOf(method: string, measure: string, comparisons: readonly Comparison[]): string[] {
  const own = comparisons.filter((one) => one.measure === measure && (one.a === method || one.b === method));
  return own.map(({ a, b, corrected, better, difference, count }) => {
    const other = a === method ? b : a;
    if (corrected === null || difference === null) return `not compared with ${other}: ${count} common samples`;
    const p = corrected < 0.001 ? "p < 0.001" : `p = ${formatNumber(corrected, 2)}`;
    if (better === method) return `better than ${other} (${p})`;
    return better === other ? `worse than ${other} (${p})` : `not told apart from ${other} (${p})`;
  });
}

/** Each reason once, with the samples that it is of. */
function reasonsOf(rows: readonly EvaluationRow[], samples: Evaluation["samples"]): string[] {
  const found = new Map<string, string[]>();
  for (const { reason, sample } of rows) {
    if (reason === null) continue;
    const names = found.get(reason) ?? [];
    names.push(samples[sample]?.name ?? String(sample));
    found.set(reason, names);
  }
  return [...found].map(([reason, names]) => {
    const few = names.length > 4 ? `${names.slice(0, 3).join(", ")} and ${names.length - 3} more` : names.join(", ");
    return names.length === samples.length ? `all samples: ${reason}` : `${few}: ${reason}`;
  });
}

/** The rows in their order: as given, by mean rank, or by the rank of one measure, those without a rank last. */
export function rowOrder({ methods, measures, cells }: MatrixContent, sort: string): number[] {
  const given = methods.map((_, index) => index);
  const column = measures.findIndex(({ label }) => label === sort);
  if (sort !== MEAN_RANK && column < 0) return given;
  const ranks = given.map((row) =>
    sort === MEAN_RANK ? methods[row]!.mean : cells[row * measures.length + column]!.rank,
  );
  const value = (row: number) => ranks[row] ?? Number.POSITIVE_INFINITY;
  return given.sort((a, b) => (value(a) === value(b) ? a - b : value(a) - value(b)));
}
