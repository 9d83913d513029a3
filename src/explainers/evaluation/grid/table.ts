import type { EvaluatedMeasure, EvaluationRow } from "./evaluation.js";

/** The values of a grid by method, measure and sample. */
export interface Values {
  readonly methods: readonly string[];
  readonly measures: readonly EvaluatedMeasure[];
  readonly samples: number;
  /** Of a method by a measure, one for each sample; NaN where there is none that counts. */
  of(method: string, measure: string): Float64Array;
  /** How many of its rows were reached. */
  reached(method: string, measure: string): number;
}

/** Looks rows up; those with a reason count as missing. */
export function valuesOf(
  rows: readonly EvaluationRow[],
  methods: readonly string[],
  measures: readonly EvaluatedMeasure[],
  samples: number,
): Values {
  const found = new Map<string, { values: Float64Array; reached: number }>();
  const at = (method: string, measure: string) => {
    const key = JSON.stringify([method, measure]);
    const known = found.get(key) ?? { values: new Float64Array(samples).fill(Number.NaN), reached: 0 };
    found.set(key, known);
    return known;
  };
  for (const { method, measure, sample, value, reason } of rows) {
    const cell = at(method, measure);
    cell.reached++;
    if (value !== null && reason === null) cell.values[sample] = value;
  }
  return {
    methods,
    measures,
    samples,
    of: (method, measure) => at(method, measure).values,
    reached: (method, measure) => at(method, measure).reached,
  };
}

/** A number that JSON has, which knows no −0, or null. */
export const finite = (value: number): number | null => (Number.isFinite(value) ? value + 0 : null);

/** A measure's direction: what a value is multiplied by so that more is better; 0 where neither side is. */
export const sideOf = ({ better }: Pick<EvaluatedMeasure, "better">): number =>
  better === "higher" ? 1 : better === "lower" ? -1 : 0;
