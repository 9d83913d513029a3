import { formatCount, formatFixed, formatShort } from "../../../comms/format.js";
import { DISPLAY, type MimeBundle } from "../../../comms/host.js";
import { isRecord } from "../../../comms/states/traits.js";
import { ParameterError } from "../../../explainers/errors.js";
import { inspect } from "../../platform/inspect.js";
import { type TableCell, tableHtml, tableText } from "./html.js";

/** One row: values by column. */
export type TableRow = Readonly<Record<string, unknown>>;

export interface TableOptions {
  /** Which columns, in which order; by default all, in the order in which rows name them. */
  columns?: readonly string[];
  /** How many rows are shown; default 20. The last of them are the table's last. */
  limit?: number;
  /** Significant digits of a column's largest number; default 4. The others have as many decimals, or, where that leaves too little of them, as many digits. */
  digits?: number;
  /** A line beneath. */
  caption?: string;
}

/** A table as a cell shows it. */
export interface Table {
  readonly rows: readonly TableRow[];
  readonly columns: readonly string[];
  toString(): string;
  [DISPLAY](): MimeBundle;
}

const LIMIT = 20;
const DIGITS = 4;
/** Smaller numbers than this many decimals show are written with a power of ten. */
const MOST_DECIMALS = 6;
/** A longer text is cut. */
const LONGEST = 200;
/** As many of the last rows are shown where some are left out. */
const LAST = 3;

/**
 * Rows as a table: HTML in a notebook, columns of text elsewhere. Of many rows the first and the last are shown; keys and values are
 * text, never markup. An array of objects that ends a cell is shown so by itself.
 *
 * @throws ParameterError for rows that are no objects, and columns that no row has
 * @example table(await measures(model, photos), { columns: ["photo", "AOPC"], digits: 3 })
 */
export function table(rows: readonly TableRow[], options: TableOptions = {}): Table {
  if (!Array.isArray(rows) || !rows.every((row) => typeof row === "object" && row !== null)) {
    throw new ParameterError("rows", rows, "a list of objects, values by column");
  }
  const known = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const { columns = known, limit = LIMIT, digits = DIGITS, caption = "" } = options;
  const strange = columns.find((name) => rows.length > 0 && !known.includes(name));
  if (strange !== undefined) throw ParameterError.notOneOf("columns", strange, known);
  if (!(limit >= 1)) throw new ParameterError("limit", limit, "a number of rows, at least 1");

  const shown = shownRows(rows, Math.floor(limit));
  const written = columns.map((name) =>
    numbersIn(
      rows.map((row) => row[name]),
      digits,
    ),
  );
  const cells = shown.map((row) =>
    columns.map(
      (name, at): TableCell => (row === null ? { text: "…", isNumber: false } : cellOf(row[name], written[at]!)),
    ),
  );
  const count = `${formatCount(rows.length)} rows`;
  const said = [caption, rows.length === 0 ? "no rows" : shown.includes(null) ? count : ""]
    .filter((part) => part !== "")
    .join(" · ");
  const text = () => tableText(columns, cells, said);
  return {
    rows,
    columns,
    toString: text,
    [DISPLAY]: () => ({ "text/plain": text(), "text/html": tableHtml(columns, cells, said) }),
  };
}

/** The first and the last; null where some are left out between. */
function shownRows(rows: readonly TableRow[], limit: number): (TableRow | null)[] {
  if (rows.length <= limit) return [...rows];
  const last = Math.min(LAST, Math.floor(limit / 2));
  return [...rows.slice(0, limit - last), null, ...(last > 0 ? rows.slice(-last) : [])];
}

/** How the numbers of a column are written. */
function numbersIn(values: readonly unknown[], digits: number): (value: number) => string {
  const short = (value: number) =>
    Number.isInteger(value) && Math.abs(value) < 1e9
      ? String(value).replace("-", "\u2212")
      : formatShort(value, digits);
  const numbers = values.filter((value): value is number => typeof value === "number");
  if (numbers.every(Number.isInteger) || !numbers.every(Number.isFinite)) return short;
  const sizes = numbers.filter((value) => value !== 0).map(Math.abs);
  const decimalsOf = (values: readonly number[]) =>
    digits - 1 - Math.floor(Math.log10(Math.max(...values.map(Math.abs))));
  // A whole number among others, as 1 among shares, takes no digit from them.
  const decimals = Math.min(decimalsOf(numbers.filter((value) => !Number.isInteger(value))), 1 + decimalsOf(sizes));
  const isLost = (size: number) => size < 5 * 10 ** -decimals;
  return decimals < 1 || decimals > MOST_DECIMALS || sizes.some(isLost)
    ? short
    : (value) => formatFixed(value, decimals);
}

function cellOf(value: unknown, written: (value: number) => string): TableCell {
  if (typeof value === "number") return { text: written(value), isNumber: true };
  if (typeof value === "bigint") return { text: String(value), isNumber: true };
  const text = value === undefined || value === null ? "" : typeof value === "string" ? value : brief(value);
  const line = text.replaceAll(/\s+/g, " ");
  return { text: line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line, isNumber: false };
}

const brief = (value: unknown): string =>
  inspect(value, { depth: 1, maxArrayLength: 6, maxStringLength: 60, breakLength: Number.POSITIVE_INFINITY });

/** More keys than these are no columns. */
const MOST = 30;

/** Shows arrays of plain objects as tables. */
export function formatRows(value: unknown): MimeBundle | undefined {
  if (!Array.isArray(value) || value.length === 0 || !value.every(isRecord)) return undefined;
  const keys = new Set(value.flatMap((row) => Object.keys(row)));
  const isFlat = value.every((row) =>
    Object.values(row).every((item) => typeof item !== "object" || item === null || isShort(item)),
  );
  return keys.size > 0 && keys.size <= MOST && isFlat ? table(value)[DISPLAY]() : undefined;
}

/** A list of a few numbers or words, or a date. */
const isShort = (item: object): boolean =>
  item instanceof Date || (Array.isArray(item) && item.length <= 6 && item.every((one) => typeof one !== "object"));
