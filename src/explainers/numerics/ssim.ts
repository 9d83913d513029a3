import { ParameterError } from "../errors.js";

/** How two fields are compared by their windows. */
export interface SsimOptions {
  /**
   * What of a window counts: every entry of `size` per axis alike, with sample variances (as scikit-image by default); or a Gaussian of 1.5 entries,
   * 11 wide, with population variances (Wang 2004). Default `"uniform"`.
   */
  readonly window?: "uniform" | "gaussian";
  /** The width of a uniform window, odd, in entries per axis; default 7. */
  readonly size?: number;
  /** The range of values L; default: from the least to the greatest entry of both. */
  readonly range?: number;
}

/** Wang 2004: C₁ = (K₁L)², C₂ = (K₂L)². */
const [K1, K2] = [0.01, 0.03];

/**
 * The mean structural similarity of two fields of values, −1 to 1, 1 for equal ones (Wang, Bovik, Sheikh, Simoncelli, IEEE TIP 2004, eq. 13):
 * `(2μₐμᵦ + C₁)(2σₐᵦ + C₂) / ((μₐ² + μᵦ² + C₁)(σₐ² + σᵦ² + C₂))` averaged over all windows that lie inside.
 *
 * @param shape of both, one size per axis: `[height, width]`, or `[length]`
 * @throws ParameterError where a window is even or larger than an axis, or lengths differ
 * @example
 * structuralSimilarity(map, other, [28, 28]);
 */
export function structuralSimilarity(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  shape: readonly number[],
  { window = "uniform", size = 7, range = rangeOf(a, b) }: SsimOptions = {},
): number {
  const entries = shape.reduce((product, length) => product * length, 1);
  if (a.length !== entries || b.length !== entries) {
    throw new ParameterError("shape", shape, `that of both fields, which have ${a.length} and ${b.length} entries`);
  }
  const weights = window === "gaussian" ? gaussian(1.5, 5) : uniform(size);
  if (shape.some((length) => length < weights.length)) {
    throw new ParameterError("shape", shape, `at least ${weights.length} wide on every axis, as wide as a window`);
  }
  const count = weights.length ** shape.length;
  const unbiased = window === "uniform" ? count / (count - 1) : 1;
  const [c1, c2] = [(K1 * range) ** 2, (K2 * range) ** 2];
  const [fieldA, fieldB] = [Float64Array.from(a), Float64Array.from(b)];
  const over = (field: Float64Array) => windowed(field, shape, weights);
  const [meanA, meanB] = [over(fieldA), over(fieldB)];
  const [squareA, squareB] = [over(product(fieldA, fieldA)), over(product(fieldB, fieldB))];
  const both = over(product(fieldA, fieldB));
  let sum = 0;
  for (let i = 0; i < both.length; i++) {
    const [mA, mB] = [meanA[i]!, meanB[i]!];
    const varianceA = unbiased * (squareA[i]! - mA * mA);
    const varianceB = unbiased * (squareB[i]! - mB * mB);
    const covariance = unbiased * (both[i]! - mA * mB);
    sum += ((2 * mA * mB + c1) * (2 * covariance + c2)) / ((mA * mA + mB * mB + c1) * (varianceA + varianceB + c2));
  }
  return sum / both.length;
}

const uniform = (size: number): Float64Array => {
  if (!(Number.isInteger(size) && size >= 3 && size % 2 === 1)) {
    throw new ParameterError("size", size, "an odd whole number of at least 3");
  }
  return new Float64Array(size).fill(1 / size);
};

function gaussian(deviation: number, radius: number): Float64Array {
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * deviation * deviation)),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

const product = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value * b[i]!);

function rangeOf(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [least, greatest] = [Infinity, -Infinity];
  for (const field of [a, b]) {
    for (let i = 0; i < field.length; i++) {
      if (field[i]! < least) least = field[i]!;
      if (field[i]! > greatest) greatest = field[i]!;
    }
  }
  return greatest - least;
}

/** The weighted mean of every window inside `field`, one axis after the other. */
function windowed(field: Float64Array, shape: readonly number[], weights: Float64Array): Float64Array {
  let values = field;
  for (let axis = 0; axis < shape.length; axis++) {
    const length = shape[axis]!;
    const kept = length - weights.length + 1;
    const inner = shape.slice(axis + 1).reduce((size, next) => size * next, 1);
    const outer = values.length / (length * inner);
    const means = new Float64Array(outer * kept * inner);
    for (let block = 0; block < outer; block++) {
      for (let at = 0; at < kept * inner; at++) {
        const from = block * length * inner + at;
        let sum = 0;
        for (let k = 0; k < weights.length; k++) sum += weights[k]! * values[from + k * inner]!;
        means[block * kept * inner + at] = sum;
      }
    }
    values = means;
  }
  return values;
}
