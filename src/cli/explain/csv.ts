import { DataFileError } from "./errors.js";
import type { Numbers } from "./numbers.js";

/** Rows of numbers between commas; a first row with a word in it names the columns. */
export function parseCsv(file: string, text: string): Numbers {
  const lines = text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "");
  const rows = lines.map(cellsOf);
  const isNamed = rows[0]?.some((cell) => !isNumber(cell)) ?? false;
  const columns = isNamed ? rows.shift() : undefined;
  const width = rows[0]?.length ?? 0;
  if (width === 0) throw new DataFileError(file, "has no row of numbers");
  if (columns !== undefined && columns.length !== width) {
    throw new DataFileError(file, `names ${columns.length} columns, but has ${width}`);
  }
  const values = rows.flatMap((cells, row) => {
    if (cells.length !== width) {
      throw new DataFileError(file, `has ${cells.length} columns in row ${row + 1}, but ${width} in the first one`);
    }
    return cells.map((cell, column) => {
      if (isNumber(cell)) return Number(cell);
      throw new DataFileError(
        file,
        `has ${JSON.stringify(cell)} in row ${row + 1}, column ${column + 1}, which is no number`,
      );
    });
  });
  return { shape: [rows.length, width], values: Float32Array.from(values), ...(columns && { columns }) };
}

const isNumber = (cell: string): boolean => cell !== "" && Number.isFinite(Number(cell));

/** Cells between commas; a comma within quotation marks separates nothing, and two marks are one (RFC 4180). */
function cellsOf(line: string): string[] {
  return Array.from(line.matchAll(/(?:^|,)(\s*"(?:[^"]|"")*"\s*|[^,]*)/g), ([, cell]) => {
    const text = cell!.trim();
    return text.startsWith('"') && text.endsWith('"') && text.length > 1
      ? text.slice(1, -1).replaceAll('""', '"')
      : text;
  });
}

/** One row, or rows × columns; the columns' names first, where they have some. */
export function csvOf({ shape, values, columns }: Numbers): string {
  const width = shape.at(-1)!;
  const lines = Array.from({ length: values.length / width }, (_, row) =>
    values.subarray(row * width, (row + 1) * width).join(","),
  );
  const quoted = columns?.map((name) => (/[",]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name));
  return `${[...(quoted ? [quoted.join(",")] : []), ...lines].join("\n")}\n`;
}
