import { div, matMul, mean, sub, type Tensor, tensor2d } from "@tensorflow/tfjs-core";
import { ModelError, ParameterError } from "../../../errors.js";
import { sizeOf } from "../../../network/shapes.js";
import { scoped } from "../../../network/tensors.js";
import { cholesky, choleskySolve, type Matrix } from "../../../numerics/linear-algebra.js";
import { seededRandom } from "../../../numerics/random.js";
import { boxEntries } from "./boxes.js";
import { type Extent, windowAxes } from "./windows.js";

/** A normal distribution of patches, the same at every place: p(patch) = N(mean, covariance). Plain data. */
export interface PatchGaussian {
  /** Shape of a patch, e.g. `[12, 12, 3]`. */
  readonly shape: readonly number[];
  /** `[entries]` */
  readonly mean: Float64Array;
  /** `[entries, entries]` */
  readonly covariance: Float64Array;
  /** The smallest and the largest value seen. */
  readonly range: readonly [number, number];
}

export interface PatchGaussianOptions {
  /** Size of a patch, default 12; at least the window of `predictionDifference`. */
  readonly patch?: Extent;
  /** How many patches to draw where there are more, default 20 000. */
  readonly patches?: number;
  /** Added to the diagonal, as a share of the mean variance, ≥ 0, default 1e-4: patches of smooth images are nearly singular. */
  readonly regularization?: number;
  readonly seed?: number;
}

/**
 * Fits a Gaussian to the patches of training inputs `[rows, …sample]` (Zintgraf et al. 2016, section 3.1: what surrounds a
 * pixel says more about it than its place).
 *
 * @throws ParameterError where a patch is larger than a sample, or fewer than two patches fit.
 * @example
 * const gaussian = fitPatchGaussian(trainingImages, { patch: 12 });
 */
export function fitPatchGaussian(inputs: Tensor, options: PatchGaussianOptions = {}): PatchGaussian {
  const { patch = 12, patches = 20_000, regularization = 1e-4, seed = 0 } = options;
  if (!(regularization >= 0)) throw new ParameterError("regularization", regularization, "at least 0");
  const shape = inputs.shape.slice(1);
  const sizes = windowAxes(shape, patch).map(({ size }) => size);
  const entries = sizeOf(sizes);
  const places = shape.map((length, axis) => length - sizes[axis]! + 1);
  const total = sizeOf(places) * inputs.shape[0]!;
  const count = Math.min(total, patches);
  if (count < 2) throw new ParameterError("inputs", `${count} patches`, "enough for two patches or more");
  const values = inputs.dataSync();
  const random = seededRandom(seed);
  const rows = new Float32Array(count * entries);
  const corner = boxEntries(
    shape,
    shape.map(() => 0),
    sizes,
  );
  for (let row = 0; row < count; row++) {
    let place = total <= patches ? row : random.integer(total);
    const starts = places.map(() => 0);
    for (let axis = places.length - 1; axis >= 0; axis--) {
      starts[axis] = place % places[axis]!;
      place = Math.floor(place / places[axis]!);
    }
    const offset = place * sizeOf(shape) + starts.reduce((index, start, axis) => index * shape[axis]! + start, 0);
    for (let i = 0; i < entries; i++) rows[row * entries + i] = values[offset + corner[i]!]!;
  }
  const { average, covariance } = scoped(() => {
    const data = tensor2d(rows, [count, entries]);
    const center = mean(data, 0);
    const centered = sub(data, center);
    return {
      average: Float64Array.from(center.dataSync()),
      covariance: Float64Array.from(div(matMul(centered, centered, true), count - 1).dataSync()),
    };
  });
  let variance = 0;
  for (let i = 0; i < entries; i++) variance += covariance[i * entries + i]! / entries;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of rows) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (variance <= (ROUNDING * Math.max(Math.abs(low), Math.abs(high))) ** 2) covariance.fill(0);
  else for (let i = 0; i < entries; i++) covariance[i * entries + i]! += regularization * variance;
  return { shape: sizes, mean: average, covariance, range: [low, high] };
}

/** Patches that vary by no more than this share of their values are all alike. */
const ROUNDING = 1e-6;

/** The distribution of some entries of a patch where the others are known. */
export interface Conditional {
  /** Their mean given the known values: mean_u + gain · (known − mean_k), `[unknown]`. */
  mean(known: Float64Array): Float64Array;
  /** L with L Lᵀ = their covariance, `[unknown, unknown]`. */
  readonly factor: Matrix;
}

/**
 * Conditions a Gaussian: N(μ_u + Σ_uk Σ_kk⁻¹ (x_k − μ_k), Σ_uu − Σ_uk Σ_kk⁻¹ Σ_ku). Of patches that are all alike, as those of a
 * picture of one color, nothing else is expected: their mean, whatever surrounds it.
 *
 * @throws ModelError where a covariance is singular; fit with a larger `regularization`.
 */
export function conditionOn(
  gaussian: PatchGaussian,
  unknown: readonly number[],
  known: readonly number[],
): Conditional {
  const { mean: average, covariance } = gaussian;
  const size = average.length;
  if (covariance.every((entry) => entry === 0)) {
    const expected = Float64Array.from(unknown, (entry) => average[entry]!);
    return { factor: new Float64Array(unknown.length ** 2), mean: () => expected };
  }
  const block = (p: readonly number[], q: readonly number[]) =>
    Float64Array.from(
      { length: p.length * q.length },
      (_, i) => covariance[p[Math.floor(i / q.length)]! * size + q[i % q.length]!]!,
    );
  const u = unknown.length;
  const k = known.length;
  const remaining = block(unknown, unknown);
  let gain = new Float64Array(0); // transposed, [known, unknown]
  if (k > 0) {
    const lower = factored(block(known, known), k);
    const cross = block(known, unknown);
    gain = new Float64Array(choleskySolve(lower, k, cross, u));
    for (let c = 0; c < k; c++) {
      for (let i = 0; i < u; i++) {
        const share = cross[c * u + i]!;
        for (let j = 0; j < u; j++) remaining[i * u + j]! -= share * gain[c * u + j]!;
      }
    }
  }
  return {
    factor: factored(remaining, u),
    mean(values) {
      const result = Float64Array.from(unknown, (entry) => average[entry]!);
      for (let c = 0; c < k; c++) {
        const surprise = values[c]! - average[known[c]!]!;
        for (let i = 0; i < u; i++) result[i]! += gain[c * u + i]! * surprise;
      }
      return result;
    },
  };
}

function factored(matrix: Matrix, n: number): Matrix {
  const lower = cholesky(matrix, n);
  if (lower === null)
    throw new ModelError("The covariance of the patches is singular: fit it with a larger regularization.");
  return lower;
}
