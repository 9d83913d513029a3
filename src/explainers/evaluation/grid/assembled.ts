import type { EvaluatedMeasure, Evaluation, EvaluationRow, TrialRow } from "./evaluation.js";
import { FORMAT } from "./evaluation.js";
import { comparisonsOf, meansOf } from "./means.js";
import { rankMatrixOf } from "./ranking.js";
import { valuesOf } from "./table.js";
import { trustOf } from "./trust.js";
import { verdictOf } from "./verdict.js";

/** What an evaluation was measured to be; the rest follows from it. */
export type Measured = Omit<Evaluation, "format" | "means" | "comparisons" | "ranks" | "verdict" | "trust">;

/** Of a part intervals are only a first impression. */
const FEW_RESAMPLES = 200;

/** Draws all conclusions from the rows; of a part only the means and ranks, which takes no time. */
export function assembled(measured: Measured): Evaluation {
  const { methods, measures, samples, level, seed, trials } = measured;
  const labels = methods.map(({ label }) => label);
  const rows = ordered(measured.rows, labels, measures);
  const count = labels.length * measures.length * samples.length;
  const values = valuesOf(rows, labels, measures, samples.length);
  const settings = { level, seed };
  const means = meansOf(values, measured.complete ? settings : { ...settings, resamples: FEW_RESAMPLES });
  const comparisons = measured.complete ? comparisonsOf(values, settings) : [];
  const ranks = rankMatrixOf(values, settings);
  return {
    format: FORMAT,
    model: measured.model,
    seed,
    batch: measured.batch,
    data: measured.data,
    complete: measured.complete,
    level,
    methods,
    measures,
    samples,
    rows,
    means,
    comparisons,
    ranks,
    verdict: measured.complete
      ? verdictOf({ methods: labels, measures, means, comparisons, ranks, level })
      : {
          winner: null,
          text: `Stopped: ${rows.length} of ${count} cells are there, and no verdict yet.`,
          measures: [],
        },
    trust: trials.length === 0 ? [] : trustOf(rows, trials, labels, measures, samples.length),
    trials: ordered(trials, labels, measures),
  };
}

/** By test and trial, method, measure and sample, whatever order they were found in. */
function ordered<Row extends EvaluationRow | TrialRow>(
  rows: readonly Row[],
  methods: readonly string[],
  measures: readonly EvaluatedMeasure[],
): Row[] {
  const places = new Map<string, number>();
  for (const [at, label] of methods.entries()) places.set(`method ${label}`, at);
  for (const [at, { label }] of measures.entries()) places.set(`measure ${label}`, at);
  const keyOf = (row: Row): number[] => [
    "test" in row ? 2 * row.trial + Number(row.test === "adversary") : 0,
    places.get(`method ${row.method}`)!,
    places.get(`measure ${row.measure}`)!,
    row.sample,
  ];
  return rows
    .map((row) => ({ row, key: keyOf(row) }))
    .sort((a, b) => {
      const at = a.key.findIndex((part, index) => part !== b.key[index]);
      return at < 0 ? 0 : a.key[at]! - b.key[at]!;
    })
    .map(({ row }) => row);
}
