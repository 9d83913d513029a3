import { format } from "d3-format";

const MINUS = "\u2212";
const THIN_SPACE = "\u202f";

/** A number for reading: `digits` significant digits, a true minus sign, powers of ten where zeros would pile up. */
export function formatNumber(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "not a number" : value > 0 ? "∞" : `${MINUS}∞`;
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e6) return withPower(value, `.${digits - 1}~e`);
  return format(size >= 10 ** digits ? ".0f" : `.${digits}r`)(value);
}

/** The same without zeros at its end, for settings that a person chose: `0.25`, `1e−6`. */
export function formatShort(value: number, digits = 3): string {
  const text = formatNumber(value, digits);
  return text.includes(".") && !text.includes("e") ? text.replace(/\.?0+$/, "") : text;
}

/** The same with its sign always shown. */
export function formatSigned(value: number, digits = 3): string {
  return value > 0 ? `+${formatNumber(value, digits)}` : formatNumber(value, digits);
}

/** A number on a scale that ends at `limit`: all its numbers have the same decimals, or the same power of ten. */
export function formatTick(value: number, limit: number, signed: boolean): string {
  if (value === 0) return "0";
  const sign = signed ? "+" : "";
  const exponent = Math.floor(Math.log10(limit));
  if (exponent >= -3 && exponent <= 5) return format(`${sign}.${Math.max(0, 1 - exponent)}f`)(value);
  return `${format(`${sign}.1f`)(value / 10 ** exponent)}e${exponent < 0 ? MINUS : ""}${Math.abs(exponent)}`;
}

/** A number with a fixed count of decimals, as in a column of a table; never a negative zero. */
export function formatFixed(value: number, decimals: number): string {
  return format(`.${decimals}f`)(value);
}

/** A number of a table: four decimals where they fit, else a power of ten. */
export function formatCell(value: number): string {
  const size = Math.abs(value);
  if (value === 0) return "0";
  return size >= 1e-3 && size < 1e5 ? formatFixed(value, 4) : withPower(value, ".2e");
}

/** A count with commas between thousands. */
export const formatCount: (value: number) => string = format(",");

/** A share between 0 and 1 as percent: whole from 1 % on, one decimal below. */
export function formatPercent(share: number): string {
  const percent = 100 * share;
  if (percent > 0 && percent < 0.05) return `<${THIN_SPACE}0.1${THIN_SPACE}%`;
  return `${format(percent < 0.95 ? ".1f" : ".0f")(percent)}${THIN_SPACE}%`;
}

/** How long work goes on that is done by that share after so many seconds: `about 12 s left`; empty while nobody can tell. */
export function formatRemaining(seconds: number, share: number): string {
  if (seconds < 1 || share < 0.01 || share >= 1) return "";
  const left = (seconds * (1 - share)) / share;
  if (left < 90) return `about ${Math.max(1, Math.round(left))}${THIN_SPACE}s left`;
  return left < 5400
    ? `about ${Math.round(left / 60)}${THIN_SPACE}min left`
    : `about ${Math.round(left / 3600)}${THIN_SPACE}h left`;
}

/** A shape as `14×14×112`. */
export function formatShape(shape: number[]): string {
  return shape.join("×");
}

/** By d3-format's `e`, whose powers of ten have signs as programs write them. */
function withPower(value: number, specifier: string): string {
  return format(specifier)(value).replace("e+", "e").replace("e-", `e${MINUS}`);
}

/** A label with a capital where it begins with a word; symbols stay. */
export const sentenceCase = (label: string): string => label.replace(/^[a-z]/, (letter) => letter.toUpperCase());

/** A size in bytes: "688 B", "2.3 MB". */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const power = Math.min(3, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return `${value < 9.95 ? value.toFixed(1) : value.toFixed(0)} ${["", "kB", "MB", "GB"][power]}`;
}
