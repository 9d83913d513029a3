import { csvFormatRows, csvParseRows } from "d3-dsv";
import { DataFileError } from "./errors.js";
import type { Numbers } from "./numbers.js";

/**
 * Reads rows of numbers between commas (RFC 4180; quoted cells may hold commas and line breaks); a first row with a word in it names the
 * columns. Empty lines are passed over.
 *
 * @throws DataFileError where rows differ in length or a cell is no finite number, with the row counted from 1 as it stands in the file.
 */
export function parseCsv(file: string, text: string): Numbers {
  // A byte order mark belongs to no cell.
  const rows = csvParseRows(text.replace(/^\uFEFF/, ""), (cells, index) => ({
    number: index + 1,
    cells: cells.map((cell) => cell.trim()),
  })).filter(({ cells }) => cells.length > 1 || cells[0] !== "");
  const columns = rows[0]?.cells.some(isWord) ? rows.shift()!.cells : undefined;
  const width = rows[0]?.cells.length ?? 0;
  if (width === 0) throw new DataFileError(file, "has no row of numbers");
  if (columns !== undefined && columns.length !== width) {
    throw new DataFileError(file, `names ${columns.length} columns, but has ${width}`);
  }
  const values = rows.flatMap(({ cells, number }) => {
    if (cells.length !== width) {
      throw new DataFileError(
        file,
        `has ${cells.length} columns in row ${number}, but ${width} in row ${rows[0]!.number}`,
      );
    }
    return cells.map((cell, column) => {
      if (isNumber(cell)) return Number(cell);
      const what = cell === "" ? "an empty cell" : JSON.stringify(cell);
      throw new DataFileError(file, `has ${what} in row ${number}, column ${column + 1}, which is no number`);
    });
  });
  return { shape: [rows.length, width], values: Float32Array.from(values), ...(columns && { columns }) };
}

const isNumber = (cell: string): boolean => cell !== "" && Number.isFinite(Number(cell));

/** Whether a cell can be a column's name: a value that is missing cannot. */
const isWord = (cell: string): boolean => !isNumber(cell) && !/^([+-]?(inf(inity)?|nan)|n\/?a|null)?$/i.test(cell);

/** One row, or rows × columns; the columns' names first, where they have some. */
export function csvOf({ shape, values, columns }: Numbers): string {
  const width = shape.at(-1)!;
  const rows = Array.from({ length: values.length / width }, (_, row) =>
    Array.from(values.subarray(row * width, (row + 1) * width), String),
  );
  return `${csvFormatRows(columns ? [[...columns], ...rows] : rows)}\n`;
}
