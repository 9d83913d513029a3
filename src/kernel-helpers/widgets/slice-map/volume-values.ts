import { ParameterError } from "../../../explainers/errors.js";
import { isRelevance, numbersOf, type Relevance } from "../../pictures/relevance-map.js";

/** One value a voxel, or a voxel of the mask, in C order: what explainers return of one volume, a tensor, or numbers. */
export type VoxelValues = Relevance | readonly number[];

const isNumbers = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "number");

/** Whether something is the values of one volume. */
export const isVoxelValues = (value: unknown): value is VoxelValues => isNumbers(value) || isRelevance(value);

/**
 * One value a voxel, NaN outside the mask.
 *
 * @param map what it is called, for the error
 * @throws ParameterError where there are more or fewer
 */
export function voxelValues(
  map: string,
  given: VoxelValues,
  shape: readonly number[],
  mask: Uint8Array | undefined,
): Float32Array {
  const numbers = isNumbers(given) || given instanceof Float32Array ? given : numbersOf(given);
  const size = shape.reduce((product, extent) => product * extent, 1);
  const masked = mask?.reduce((count, inside) => count + (inside > 0 ? 1 : 0), 0);
  if (numbers.length !== size && numbers.length !== masked) {
    const inMask = masked === undefined ? "" : ` or ${masked}, one a voxel of the mask`;
    const wanted = `${size}, one a voxel of ${shape.join(" × ")} (z, y, x)${inMask}`;
    throw new ParameterError(`number of values of "${map}"`, numbers.length, wanted);
  }
  const isWhole = numbers.length === size;
  const values = new Float32Array(size);
  for (let at = 0, from = 0; at < size; at++) {
    const inside = mask === undefined || mask[at]! > 0;
    values[at] = inside ? numbers[isWhole ? at : from]! : Number.NaN;
    if (inside) from += 1;
  }
  return values;
}

/** What lies beneath the maps: the mean over time, from black at its 1st percentile to white at its 99th. */
export function groundOf(values: Float32Array, size: number): Uint8Array {
  const mean = new Float32Array(size);
  const times = values.length / size;
  for (let start = 0; start < values.length; start += size) {
    for (let at = 0; at < size; at++) mean[at]! += values[start + at]! / times;
  }
  const sorted = mean.filter(Number.isFinite).sort();
  const [black, white] = [0.01, 0.99].map((share) => sorted[Math.round(share * (sorted.length - 1))] ?? 0);
  // Uint8ClampedArray rounds, and keeps what lies beyond at the ends; NaN becomes black.
  const clamped = Uint8ClampedArray.from(mean, (value) => (255 * (value - black!)) / (white! - black! || 1));
  return new Uint8Array(clamped.buffer);
}
