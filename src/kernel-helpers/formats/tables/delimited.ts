import { dsvFormat } from "d3-dsv";
import { DataFileError } from "../errors.js";

/** A column of a table. */
export type TableColumn =
  | { readonly name: string; readonly kind: "number" /** Missing ones are NaN. */; readonly values: Float64Array }
  | { readonly name: string; readonly kind: "text"; readonly values: readonly string[] };

/** What stands for a value that is missing. */
const MISSING = /^(|na|n\/a|nan|null|\?)$/i;

/**
 * Reads a table whose first row names the columns, between commas or tabs (RFC 4180): a column in which all that is there is a number
 * is one of numbers, every other one of text.
 *
 * @throws DataFileError where rows differ in length or names occur twice
 */
export function parseDelimited(file: string, text: string, delimiter: "," | "\t" | ";" = ","): TableColumn[] {
  const rows = dsvFormat(delimiter).parseRows(text.replace(/^\uFEFF/, ""));
  const names = rows[0];
  if (names === undefined || rows.length < 2)
    throw new DataFileError(file, "has no row after the names of its columns");
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new DataFileError(file, `has two columns named ${JSON.stringify(twice)}`);
  const body = rows.slice(1).filter((row) => row.length > 1 || row[0] !== "" || names.length === 1);
  const odd = rows.findIndex(
    (row, index) => index > 0 && row.length !== names.length && !(row.length === 1 && row[0] === ""),
  );
  if (odd > 0)
    throw new DataFileError(
      file,
      `has ${rows[odd]!.length} cells in row ${odd + 1}, but names ${names.length} columns`,
    );
  return names.map((name, column) => {
    const cells = body.map((row) => row[column]!);
    const there = cells.filter((cell) => !MISSING.test(cell.trim()));
    return there.length > 0 && there.every((cell) => Number.isFinite(Number(cell)))
      ? {
          name,
          kind: "number",
          values: Float64Array.from(cells, (cell) => (MISSING.test(cell.trim()) ? Number.NaN : Number(cell))),
        }
      : { name, kind: "text", values: cells };
  });
}
