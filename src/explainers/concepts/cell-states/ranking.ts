import { ParameterError } from "../../errors.js";
import { seededRandom } from "../../numerics/random.js";
import { quantile } from "../../numerics/summary.js";
import { checked, type OptionsOf, seed, whole } from "../../parameters.js";
import { follow, followed, type ProgressOptions } from "../../progress.js";
import type { CellLayer } from "./cell-layer.js";
import type { CellRule } from "./rules.js";
import { type Fit, SortedCell } from "./threshold.js";

const parameters = {
  shifts: whole(99, "How often the rule is shifted against the text, to see what the best cell reaches by chance", {
    least: 19,
    label: "Shifts",
  }),
  seed,
};

export type RankCellsOptions = OptionsOf<typeof parameters>;

/** How well one cell follows a rule. */
export interface CellScore {
  readonly layer: string;
  readonly cell: number;
  /** F1 for a binary rule, the absolute value of the correlation for a numeric one; 0 for a cell that never changes. */
  readonly score: number;
  /** For a numeric rule Pearson's correlation, with its sign; else `null`. */
  readonly correlation: number | null;
  /** For a binary rule: the cell says that it holds where its state is on this side of the threshold; else `null`. */
  readonly threshold: number | null;
  readonly side: "above" | "below" | null;
}

export interface CellRanking {
  readonly method: "cell ranking";
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly rule: string;
  readonly measure: "F1" | "correlation";
  /** All cells of all layers, the best first. */
  readonly ranking: readonly CellScore[];
  /** Where the scores were measured: where a binary rule both holds and does not in each half of the text, on the half that thresholds were not chosen on. */
  readonly measuredOn: "the second half" | "the same text";
  /** The F1 of saying that the rule always holds, where measured; `null` for a numeric rule. */
  readonly always: number | null;
  /** What the best of all cells reached for the rule shifted against the text: median and the middle 95 %. */
  readonly chance: { readonly median: number; readonly low: number; readonly high: number };
  /** Share of the shifts, the true place among them, for which some cell did as well as the best. */
  readonly pValue: number;
  readonly warnings: readonly string[];
}

/** Shifts keep at least this share of the text away from the true place. */
const AWAY = 0.05;
/** Steps in which states still come from where they started. */
const BEGINNING = 24;

/**
 * Ranks cells by how well they follow a rule. Of a binary rule each cell's threshold, and the side of it on which the rule holds, are those
 * of the best F1 on the first half of the text; the score is their F1 on the second. Of a numeric rule the score is the absolute value of
 * Pearson's correlation.
 *
 * Among many cells some follow any rule a little. So the same search is done for the rule shifted in a circle against the
 * text, which keeps its runs and rhythms but not its place: `chance` says what the best cell reaches then.
 *
 * @param layers of `cellStates`, all of as many steps as the rule
 * @param rule a rule of the text, of a phrase, or your own `{ name, kind, values }`
 * @throws ParameterError for a rule of another length or that never changes, AbortedError
 * @example
 * const { ranking, chance } = await rankCells(layers, textRule("quotes", text));
 * `cell ${ranking[0].cell}: F1 ${ranking[0].score}, by chance ${chance.median}`;
 */
export function rankCells(
  layers: readonly CellLayer[],
  rule: CellRule,
  { signal, onProgress, ...given }: RankCellsOptions & ProgressOptions = {},
): Promise<CellRanking> {
  return followed("Ranking cells", { signal, onProgress }, async (asked) => {
    const values = checked("rankCells", parameters, given);
    const rows = rule.values.length;
    check(layers, rule);
    const isBinary = rule.kind === "binary";
    const half = Math.floor(rows / 2);
    const isSplit = isBinary && varies(rule.values.subarray(0, half)) && varies(rule.values.subarray(half));
    const [fitted, tested]: Range[] = isSplit
      ? [
          [0, half],
          [half, rows],
        ]
      : [
          [0, rows],
          [0, rows],
        ];
    const random = seededRandom(values.seed);
    const least = Math.max(1, Math.ceil(AWAY * rows));
    const distinct = Math.max(1, rows - 2 * least + 1);
    const count = Math.min(values.shifts, distinct);
    const shifts =
      distinct <= values.shifts
        ? Array.from({ length: distinct }, (_, at) => least + at)
        : Array.from({ length: count }, () => least + random.integer(distinct));
    const rules = [0, ...shifts].map((shift) => shifted(rule.values, shift));
    const best = new Float64Array(shifts.length);
    const scores: CellScore[] = [];
    const progress = follow(
      layers.reduce((sum, { cells }) => sum + cells, 0),
      asked,
    );
    const centered = isBinary ? [] : rules.map(standardized);
    for (const { layer, cells, states } of layers) {
      for (let cell = 0; cell < cells; cell++) {
        const course = new Float32Array(rows);
        for (let row = 0; row < rows; row++) course[row] = states[row * cells + cell]!;
        const own = isBinary
          ? binaryScores(course, rules, fitted!, tested!)
          : numericScores(standardized(course), centered);
        own.forEach(({ score }, at) => {
          if (at > 0) best[at - 1] = Math.max(best[at - 1]!, score);
        });
        scores.push({ layer, cell, ...own[0]! });
        await progress.step(1);
      }
    }
    scores.sort((a, b) => b.score - a.score);
    const top = scores[0]!.score;
    return {
      method: "cell ranking",
      parameters: { ...values, shifts: count },
      rule: rule.name,
      measure: isBinary ? "F1" : "correlation",
      ranking: scores,
      measuredOn: isSplit ? "the second half" : "the same text",
      always: isBinary ? alwaysOn(rule.values.subarray(...tested!)) : null,
      chance: { median: quantile(best, 0.5), low: quantile(best, 0.025), high: quantile(best, 0.975) },
      pValue: (1 + best.filter((score) => score >= top).length) / (1 + best.length),
      warnings: warningsOf(rule, isSplit, count, values.shifts),
    };
  });
}

rankCells.id = "rankCells";
rankCells.parameters = parameters;
rankCells.reference = "Karpathy, Johnson & Li 2015, arXiv:1506.02078; Strobelt et al. 2018 (LSTMVis), IEEE TVCG";
rankCells.question = "Which cell keeps track of this?";

type Range = readonly [from: number, to: number];
type Score = Omit<CellScore, "layer" | "cell">;

function check(layers: readonly CellLayer[], { name, kind, values }: CellRule): void {
  if (layers.length === 0) throw new ParameterError("layers", layers, "at least one layer of cellStates");
  for (const { layer, sequences, steps } of layers) {
    if (values.length === sequences * steps) continue;
    throw new ParameterError(
      "rule",
      `${values.length} values`,
      `${sequences * steps} values, one for each step of layer "${layer}"`,
    );
  }
  const odd = values.find((value) => !Number.isFinite(value) || (kind === "binary" && value !== 0 && value !== 1));
  if (odd !== undefined)
    throw new ParameterError("rule", odd, kind === "binary" ? "0 or 1 at every step" : "finite at every step");
  if (!varies(values)) {
    const value = values[0]!;
    const always = kind === "binary" ? (value === 1 ? "holds everywhere" : "holds nowhere") : `is ${value} everywhere`;
    throw new ParameterError("rule", `"${name}", which ${always}`, "one that changes in this text");
  }
}

const varies = (values: Float32Array): boolean => values.some((value) => value !== values[0]);

function shifted(values: Float32Array, by: number): Float32Array {
  const result = new Float32Array(values.length);
  result.set(values.subarray(values.length - by));
  result.set(values.subarray(0, values.length - by), by);
  return result;
}

function binaryScores(course: Float32Array, rules: readonly Float32Array[], fitted: Range, tested: Range): Score[] {
  const cell = new SortedCell(course.subarray(...fitted));
  const rest = course.subarray(...tested);
  return rules.map((rule) => {
    const fit = cell.best(rule.subarray(...fitted));
    return fit === undefined
      ? { score: 0, correlation: null, threshold: null, side: null }
      : { score: f1(rest, rule.subarray(...tested), fit), correlation: null, threshold: fit.threshold, side: fit.side };
  });
}

/** The harmonic mean of precision and recall, 2 TP / (2 TP + FP + FN). */
function f1(course: Float32Array, rule: Float32Array, { threshold, side }: Fit): number {
  const isAbove = side === "above";
  let [both, said, holds] = [0, 0, 0];
  for (let at = 0; at < course.length; at++) {
    const says = course[at]! > threshold === isAbove ? 1 : 0;
    said += says;
    holds += rule[at]!;
    both += says * rule[at]!;
  }
  return said + holds === 0 ? 0 : (2 * both) / (said + holds);
}

function alwaysOn(rule: Float32Array): number {
  const holds = rule.reduce((sum, value) => sum + value, 0);
  return (2 * holds) / (rule.length + holds);
}

/** Mean 0 and norm 1; all 0 where nothing varies. */
function standardized(values: Float32Array): Float32Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const norm = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0));
  return varies(values) ? values.map((value) => (value - mean) / norm) : new Float32Array(values.length);
}

function numericScores(course: Float32Array, rules: readonly Float32Array[]): Score[] {
  return rules.map((rule) => {
    let correlation = 0;
    for (let at = 0; at < course.length; at++) correlation += course[at]! * rule[at]!;
    return { score: Math.abs(correlation), correlation, threshold: null, side: null };
  });
}

function warningsOf({ name, kind, values }: CellRule, isSplit: boolean, shifts: number, wanted: number): string[] {
  const warnings: string[] = [];
  if (kind === "binary" && !isSplit) {
    warnings.push(
      `${name} does not both hold and fail in each half of the text: thresholds were chosen and measured on the same text, and scores are too high by what choosing gains. What the best cell reaches by chance is so, too.`,
    );
  }
  if (kind === "binary" && values.lastIndexOf(1) < BEGINNING) {
    warnings.push(
      `${name} holds only at the beginning, where all states are near those that they start from: a place further on says more.`,
    );
  }
  if (shifts < wanted) {
    warnings.push(`A text of ${values.length} steps has no more than ${shifts} shifts away from its own place.`);
  }
  return warnings;
}
