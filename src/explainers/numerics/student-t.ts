import jstat from "jstat";

/** The probability that Student's t with `degrees` of freedom is further from 0 than `t`, on either side. */
export function twoSided(t: number, degrees: number): number {
  if (Number.isNaN(t)) return Number.NaN;
  if (t === 0) return 1;
  if (!Number.isFinite(t)) return 0;
  // By the lower tail, which keeps its precision where 1 − p would have none.
  return Math.min(1, 2 * jstat.studentt.cdf(-Math.abs(t), degrees));
}

/** The t that Student's t with `degrees` of freedom does not exceed with this probability. */
export const quantile = (probability: number, degrees: number): number => jstat.studentt.inv(probability, degrees);
