import { ParameterError } from "../errors.js";
import { seededRandom } from "../numerics/random.js";

/**
 * The autocorrelation of evenly spaced values at the lags 0 … `maxLag`:
 * `Σ (y_t − ȳ)(y_{t+k} − ȳ) / Σ (y_t − ȳ)²`, which is 1 at lag 0. A constant has none: NaN at every lag.
 *
 * @param values `[points]`
 * @throws ParameterError for a lag that leaves no pair of values.
 * @example
 * autocorrelation(noise("white", 256, 1), 4)[1]; // near 0
 */
export function autocorrelation(values: ArrayLike<number>, maxLag = 15): Float64Array {
  return vectorAutocorrelation(
    Array.from(values, (value) => [value]),
    maxLag,
  );
}

/**
 * The same for maps of equal size: `Σ ⟨y_t − ȳ, y_{t+k} − ȳ⟩ / Σ ‖y_t − ȳ‖²`, with the mean map `ȳ`.
 *
 * @param maps one for each of the evenly spaced points.
 */
export function vectorAutocorrelation(maps: readonly ArrayLike<number>[], maxLag = 15): Float64Array {
  const points = maps.length;
  if (!Number.isInteger(maxLag) || maxLag < 0 || maxLag >= points) {
    throw new ParameterError("maxLag", maxLag, `a whole number from 0 to ${points - 1} for ${points} values`);
  }
  const size = maps[0]!.length;
  const mean = new Float64Array(size);
  for (const map of maps) for (let i = 0; i < size; i++) mean[i]! += map[i]! / points;
  const centered = maps.map((map) => mean.map((middle, i) => map[i]! - middle));
  const largest = (map: Float64Array) => map.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const swing = centered.reduce((most, map) => Math.max(most, largest(map)), 0);
  // What rounding leaves of a constant is no signal.
  if (!(swing > 1e-6 * largest(mean))) return new Float64Array(maxLag + 1).fill(Number.NaN);
  const products = Float64Array.from({ length: maxLag + 1 }, (_, lag) => {
    let sum = 0;
    for (let t = lag; t < points; t++) {
      const [later, earlier] = [centered[t]!, centered[t - lag]!];
      for (let i = 0; i < size; i++) sum += later[i]! * earlier[i]!;
    }
    return sum;
  });
  return products.map((product) => product / products[0]!);
}

/** The references that a gradient's autocorrelation is held against. */
export const noises = ["white", "brown"] as const;
export type Noise = (typeof noises)[number];

/** White noise (independent normal numbers), or brown noise (their running sum), `[points]`. */
export function noise(kind: Noise, points: number, seed: number): Float32Array {
  const values = seededRandom(seed).gaussians(points);
  if (kind === "brown") for (let t = 1; t < points; t++) values[t]! += values[t - 1]!;
  return values;
}

/** The mean of several autocorrelations, lag by lag, over those that exist. */
export function meanAutocorrelation(curves: Float64Array[]): Float64Array {
  const existing = curves.filter((curve) => !Number.isNaN(curve[0]));
  const lags = curves[0]?.length ?? 0;
  return Float64Array.from(
    { length: lags },
    (_, lag) => existing.reduce((sum, curve) => sum + curve[lag]!, 0) / existing.length,
  );
}
