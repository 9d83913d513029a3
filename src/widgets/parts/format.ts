const MINUS = "\u2212";
const THIN_SPACE = "\u202f";

/** A number for reading: `digits` significant digits, a true minus sign, powers of ten where zeros would pile up. */
export function formatNumber(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "not a number" : value > 0 ? "∞" : `${MINUS}∞`;
  if (value === 0) return "0";
  const size = Math.abs(value);
  const text =
    size < 1e-3 || size >= 1e6
      ? value
          .toExponential(digits - 1)
          .replace(/\.?0*e/, "e")
          .replace("e+", "e")
      : size >= 10 ** digits
        ? Math.round(value).toString()
        : value.toPrecision(digits);
  return text.replaceAll("-", MINUS);
}

/** The same with its sign always shown. */
export function formatSigned(value: number, digits = 3): string {
  return value > 0 ? `+${formatNumber(value, digits)}` : formatNumber(value, digits);
}

/** A number on a scale that ends at `limit`: all its numbers have the same decimals, or the same power of ten. */
export function formatTick(value: number, limit: number, signed: boolean): string {
  if (value === 0) return "0";
  const exponent = Math.floor(Math.log10(limit));
  const text =
    exponent < -3 || exponent > 5
      ? `${(value / 10 ** exponent).toFixed(1)}e${exponent}`
      : value.toFixed(Math.max(0, 1 - exponent));
  return `${signed && value > 0 ? "+" : ""}${text.replaceAll("-", MINUS)}`;
}

/** A number with a fixed count of decimals, for labels beside a slider. */
export function formatFixed(value: number, decimals: number): string {
  return value.toFixed(decimals).replace("-", MINUS);
}

/** A share between 0 and 1 as percent: whole from 1 % on, one decimal below. */
export function formatPercent(share: number): string {
  const percent = 100 * share;
  if (percent > 0 && percent < 0.05) return `<${THIN_SPACE}0.1${THIN_SPACE}%`;
  return `${percent < 0.95 ? percent.toFixed(1) : Math.round(percent)}${THIN_SPACE}%`;
}

/** A shape as `14×14×112`. */
export function formatShape(shape: number[]): string {
  return shape.join("×");
}
