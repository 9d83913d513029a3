import { csvFormatRows } from "d3-dsv";
import { ParameterError } from "../../explainers/errors.js";
import { type Evaluation, evaluationFromJson, evaluationToJson } from "../../explainers/index.js";
import { arrowOf, type Column, parquetOf } from "../formats/columns.js";
import { DataFileError } from "../formats/errors.js";
import { checkPlace, type WriteOptions, type WrittenFile, writeWhole } from "../formats/written.js";
import { readText } from "../platform/files.js";
import { extname } from "../platform/paths.js";
import { evaluationPng, evaluationSvg } from "./figure.js";

/** What an evaluation can be written as. */
const kinds: Readonly<Record<string, (evaluation: Evaluation) => string | Promise<Uint8Array>>> = {
  ".json": evaluationToJson,
  ".csv": csvOf,
  ".parquet": (evaluation) => parquetOf(columnsOf(evaluation)),
  ".arrow": (evaluation) => arrowOf(columnsOf(evaluation)),
  ".svg": evaluationSvg,
  ".png": evaluationPng,
};

/**
 * Writes an evaluation, as the name ends: `.json` holds all of it, and `loadEvaluation` reads it; `.csv`, `.parquet` and `.arrow` hold the
 * table: method, measure, sample, the sample's name, value, reason; `.svg` and `.png` a figure of means and intervals. A file of that name is
 * replaced unless `overwrite` is false.
 *
 * @throws DataFileError where the name ends otherwise, the folder does not exist, or the file is there and must stay
 * @example await saveEvaluation("scores.parquet", evaluation)
 */
export async function saveEvaluation(
  file: string,
  evaluation: Evaluation,
  options: WriteOptions = {},
): Promise<WrittenFile> {
  const kind = checkEvaluationFile(file);
  const replaced = await checkPlace(file, kind, options);
  return writeWhole(file, await kinds[kind]!(evaluation), replaced);
}

/**
 * How a file's name ends, where an evaluation can be written so.
 *
 * @throws DataFileError
 */
export function checkEvaluationFile(file: string): string {
  const kind = extname(String(file)).toLowerCase();
  if (Object.hasOwn(kinds, kind)) return kind;
  throw new DataFileError(
    String(file),
    `does not end in one of ${Object.keys(kinds).join(", ")}, which an evaluation is written as`,
  );
}

/**
 * Reads an evaluation that was saved as `.json`, whole or in part: for `evaluate(…, { resume })`, or to look at.
 *
 * @throws DataFileError where there is no such file or it is something else
 * @example const evaluation = await evaluate(model, data, methods, measures, { resume: await loadEvaluation("part.json") });
 */
export async function loadEvaluation(file: string): Promise<Evaluation> {
  const text = await readText(file).catch((cause: Error) => {
    throw new DataFileError(file, `cannot be read: ${cause.message}`, { cause });
  });
  try {
    return evaluationFromJson(text, file);
  } catch (error) {
    if (error instanceof ParameterError) throw new DataFileError(file, `is no evaluation: ${error.message}`);
    throw error;
  }
}

/** The tidy table, column by column. */
function columnsOf({ rows, samples }: Evaluation): Column[] {
  return [
    { name: "method", type: "text", values: rows.map(({ method }) => method) },
    { name: "measure", type: "text", values: rows.map(({ measure }) => measure) },
    { name: "sample", type: "whole", values: rows.map(({ sample }) => sample) },
    { name: "name", type: "text", values: rows.map(({ sample }) => samples[sample]!.name) },
    { name: "value", type: "number", values: rows.map(({ value }) => value) },
    { name: "reason", type: "text", values: rows.map(({ reason }) => reason) },
  ];
}

/** In full precision (RFC 4180); nothing where there is nothing. */
function csvOf(evaluation: Evaluation): string {
  const columns = columnsOf(evaluation);
  const lines = evaluation.rows.map((_, row) => columns.map(({ values }) => String(values[row] ?? "")));
  return `${csvFormatRows([columns.map(({ name }) => name), ...lines])}\n`;
}
