import type { GridRow, GridScore } from "../../../comms/states/method-grid.js";
import { ParameterError } from "../../../explainers/errors.js";
import type { EvaluatedMethod, Evaluation } from "../../../explainers/evaluation/index.js";
import { plainValues } from "../../../explainers/knowing.js";
import type { ComparedColumn } from "./compared.js";

type Column = Pick<ComparedColumn, "label"> & Partial<Pick<ComparedColumn, "method" | "parameters">>;

/**
 * The values of an evaluation by row and column. Columns are found by label, else by method and parameters; rows by the samples' names,
 * or in their order where samples or rows have none and are as many. A value that does not mean what it seems to is left out, with
 * the reason.
 *
 * @throws ParameterError where none of the columns was evaluated, or it is not clear which sample a row is
 */
export function gridScores(
  evaluation: Evaluation,
  columns: readonly Column[],
  rows: readonly Pick<GridRow, "label">[],
): GridScore[] {
  const labels = columns.map((column) => labelIn(evaluation, column));
  if (labels.every((label) => label === undefined)) {
    const known = evaluation.methods.map(({ label }) => label).join(", ");
    throw new ParameterError(
      "scores",
      columns.map(({ label }) => label),
      `an evaluation of a method that is compared; it has ${known}`,
    );
  }
  const samples = samplesOf(evaluation, rows);
  const found = new Map(
    evaluation.rows.map((row) => [JSON.stringify([row.method, row.measure, row.sample]), row] as const),
  );
  return evaluation.measures.map(({ label: measure, better, question, unit }) => {
    const cells = samples.map((sample) => labels.map((label) => found.get(JSON.stringify([label, measure, sample]))));
    return {
      label: measure,
      better,
      hint: [question, unit === "" ? "" : `In ${unit}.`].filter((part) => part !== "").join(" "),
      values: cells.map((row) => row.map((cell) => (cell === undefined || cell.reason !== null ? null : cell.value))),
      reasons: cells.map((row) =>
        row.map((cell, column) =>
          cell !== undefined ? cell.reason : labels[column] === undefined ? "not evaluated" : "not reached",
        ),
      ),
    };
  });
}

/** What a column is called in an evaluation; undefined where it is not in it. */
function labelIn({ methods, seed }: Evaluation, { label, method, parameters }: Column): string | undefined {
  if (methods.some((one) => one.label === label)) return label;
  if (method === undefined) return undefined;
  const { seed: _, ...defaults } = Object.fromEntries(
    Object.entries(method.parameters).map(([name, { default: initial }]) => [name, initial]),
  );
  const own = { ...defaults, ...("seed" in method.parameters && { seed }), ...parameters };
  const isSame = (one: EvaluatedMethod) => one.id === method.id && written(one.parameters) === written(own);
  return methods.find(isSame)?.label;
}

const written = (parameters: Readonly<Record<string, unknown>>) =>
  JSON.stringify(Object.entries(plainValues(parameters)).sort(([a], [b]) => (a < b ? -1 : 1)));

/** The sample that each row is. */
export function samplesOf({ samples }: Evaluation, rows: readonly Pick<GridRow, "label">[]): number[] {
  const isUnnamed = (name: string) => name === "" || /^\d+$/.test(name);
  const isInOrder =
    samples.length === rows.length &&
    rows.every(({ label }, at) => isUnnamed(label) || isUnnamed(samples[at]!.name) || samples[at]!.name === label);
  if (isInOrder) return rows.map((_, at) => at);
  return rows.map(({ label }) => {
    const [at, other] = samples.flatMap(({ name }, index) => (name === label ? [index] : []));
    if (at !== undefined && other === undefined) return at;
    throw new ParameterError(
      "scores",
      label,
      `the name of one sample, where an evaluation has ${samples.length} samples and the grid ${rows.length} rows`,
    );
  });
}
