import { ParameterError } from "../errors.js";
import { normalQuantile } from "./normal.js";

/** A number with the ends of its interval. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/**
 * A share, such as an accuracy, with Wilson's score interval (Wilson 1927, J. Am. Stat. Assoc. 22).
 *
 * @param level how often such intervals hold the true share; default 0.95
 * @throws ParameterError for hits that are not from 0 to count, or a count below 1
 * @example wilsonInterval(94, 100) // { value: 0.94, low: 0.875, high: 0.972 }
 */
export function wilsonInterval(hits: number, count: number, level = 0.95): Estimate {
  if (!(count >= 1)) throw new ParameterError("count", count, "at least 1");
  if (!(hits >= 0 && hits <= count)) throw new ParameterError("hits", hits, `from 0 to ${count}`);
  const z = quantileOf(level);
  const p = hits / count;
  const center = (p + z ** 2 / (2 * count)) / (1 + z ** 2 / count);
  const half = (z / (1 + z ** 2 / count)) * Math.sqrt((p * (1 - p)) / count + z ** 2 / (4 * count ** 2));
  // At no hit, and at nothing but hits, the bound is the end itself, which rounding would miss.
  return { value: p, low: p === 0 ? 0 : center - half, high: p === 1 ? 1 : center + half };
}

/**
 * How much more often something holds after than before, of the same things in pairs, with the interval of Agresti & Min (2005, Stat. Med. 24): whether
 * one model is better than another on the same pictures.
 *
 * @param before of each pair, 1 (or true) where it held, else 0
 * @param level how often such intervals hold the true difference; default 0.95
 * @throws ParameterError for lists that are empty or differ in length
 * @example pairedDifference([1, 0, 1, 1], [1, 1, 1, 1]) // { value: 0.25, low: −0.27, high: 0.60 }
 */
export function pairedDifference(
  before: ArrayLike<number | boolean>,
  after: ArrayLike<number | boolean>,
  level = 0.95,
): Estimate {
  const n = before.length;
  if (n < 1) throw new ParameterError("before", "no entries", "at least one");
  if (after.length !== n) throw new ParameterError("after", `${after.length} entries`, `as many as before has, ${n}`);
  let [won, lost] = [0, 0];
  for (let at = 0; at < n; at++) {
    const [was, is] = [Boolean(before[at]), Boolean(after[at])];
    if (is && !was) won++;
    if (was && !is) lost++;
  }
  // A half more in each cell of the table of pairs.
  const [p, q, m] = [(won + 0.5) / (n + 2), (lost + 0.5) / (n + 2), n + 2];
  const half = quantileOf(level) * Math.sqrt(Math.max(0, (p + q - (p - q) ** 2) / m));
  return { value: (won - lost) / n, low: Math.max(-1, p - q - half), high: Math.min(1, p - q + half) };
}

function quantileOf(level: number): number {
  if (!(level > 0 && level < 1)) throw new ParameterError("level", level, "between 0 and 1");
  return normalQuantile((1 + level) / 2);
}
