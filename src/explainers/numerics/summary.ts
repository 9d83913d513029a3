/** The arithmetic mean; NaN of nothing. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += values[at]!;
  return sum / values.length;
}

/** The value that a share of the values lies below, between two of them in proportion (NumPy's `linear`); NaN of nothing. */
export function quantile(values: ArrayLike<number>, share: number): number {
  return quantileOfSorted(Float64Array.from(values).sort(), share);
}

/** The same of values in order. */
export function quantileOfSorted(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) return Number.NaN;
  const place = Math.min(Math.max(share, 0), 1) * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  // So that equal neighbors give exactly their value.
  return sorted[below]! + (sorted[above]! - sorted[below]!) * (place - below);
}

/** The middle value; the mean of the two middle ones of an even number. */
export const median = (values: ArrayLike<number>): number => quantile(values, 0.5);

/** The standard deviation of a sample, `√(Σ(x − x̄)² / (n − 1))`; 0 of one value. */
export function standardDeviation(values: ArrayLike<number>): number {
  const center = mean(values);
  let squares = 0;
  for (let at = 0; at < values.length; at++) squares += (values[at]! - center) ** 2;
  return values.length === 1 ? 0 : Math.sqrt(squares / (values.length - 1));
}
