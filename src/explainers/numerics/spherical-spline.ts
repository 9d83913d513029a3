import { Matrix, solve } from "ml-matrix";
import { ParameterError } from "../errors.js";

/** How stiff a spline is, and how much it smooths. */
export interface SplineOptions {
  /** Order of the spline; larger is smoother. A whole number from 2 to 6; default 4. */
  order?: number;
  /** What is added to the diagonal: with 0 the spline goes through the values, larger ones smooth. Default 1e-5. */
  smoothing?: number;
  /** Legendre polynomials that are summed. Default 50. */
  terms?: number;
}

/**
 * Interpolates over a sphere: the weights by which values at electrodes sum to those at points, `[points, electrodes]`.
 *
 * The value at r is c₀ + Σᵢ cᵢ g(cos ∠(r, rᵢ)), g(x) = 1/4π Σₙ (2n + 1) / (n(n + 1))ᵐ Pₙ(x), with Σᵢ cᵢ = 0 and the values at electrodes met (Perrin et al. 1989, equations 1 to
 * 3). It is linear in the values, so a map of others costs one product with these weights.
 *
 * @param electrodes Unit vectors `[electrodes, 3]`, at least two, no two of them alike
 * @param points Unit vectors `[points, 3]`
 * @throws ParameterError
 * @see Perrin, Pernier, Bertrand & Echallier 1989, doi:10.1016/0013-4694(89)90180-6, with its correction of 1990
 * @example
 * const weights = sphericalSpline(electrodes, points);
 * const at = (point: number) => values.reduce((sum, value, e) => sum + weights[point * values.length + e]! * value, 0);
 */
export function sphericalSpline(
  electrodes: Float64Array,
  points: Float64Array,
  { order = 4, smoothing = 1e-5, terms = 50 }: SplineOptions = {},
): Float64Array {
  const [count, wanted] = [electrodes.length / 3, points.length / 3];
  if (!Number.isInteger(count) || count < 2) {
    throw new ParameterError("electrodes", `${electrodes.length} numbers`, "[electrodes, 3], two or more");
  }
  if (!Number.isInteger(wanted)) throw new ParameterError("points", `${points.length} numbers`, "[points, 3]");
  if (!Number.isInteger(order) || order < 2 || order > 6) {
    throw new ParameterError("order", order, "a whole number from 2 to 6");
  }
  if (!(smoothing >= 0)) throw new ParameterError("smoothing", smoothing, "0 or more");
  if (!Number.isInteger(terms) || terms < 1) throw new ParameterError("terms", terms, "a whole number from 1 on");
  const factors = legendreFactors(order, terms);
  const cosine = (a: Float64Array, i: number, b: Float64Array, j: number) => {
    const dot = a[3 * i]! * b[3 * j]! + a[3 * i + 1]! * b[3 * j + 1]! + a[3 * i + 2]! * b[3 * j + 2]!;
    return Math.min(Math.max(dot, -1), 1);
  };
  // [[G + λ, 1], [1ᵀ, 0]] [c; c₀] = [values; 0], solved for all unit vectors of values at once.
  const system = Matrix.zeros(count + 1, count + 1);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) {
      const near = cosine(electrodes, i, electrodes, j);
      if (i !== j && near > 1 - 1e-12) {
        throw new ParameterError(
          "electrodes",
          `electrodes ${i + 1} and ${j + 1} at one place`,
          "all at different places",
        );
      }
      system.set(i, j, legendreSum(factors, near) + (i === j ? smoothing : 0));
    }
    system.set(i, count, 1);
    system.set(count, i, 1);
  }
  const units = Matrix.zeros(count + 1, count);
  for (let i = 0; i < count; i++) units.set(i, i, 1);
  const coefficients = solve(system, units);
  const basis = Matrix.ones(wanted, count + 1);
  for (let point = 0; point < wanted; point++) {
    for (let i = 0; i < count; i++) basis.set(point, i, legendreSum(factors, cosine(points, point, electrodes, i)));
  }
  return Float64Array.from(basis.mmul(coefficients).to1DArray());
}

/** (2n + 1) / (4π (n(n + 1))ᵐ), from n = 1 on. */
const legendreFactors = (order: number, terms: number): Float64Array =>
  Float64Array.from({ length: terms }, (_, at) => {
    const n = at + 1;
    return (2 * n + 1) / (4 * Math.PI * (n * (n + 1)) ** order);
  });

/** Σₙ factorₙ Pₙ(x), by Bonnet's recursion (n + 1) Pₙ₊₁ = (2n + 1) x Pₙ − n Pₙ₋₁. */
function legendreSum(factors: Float64Array, x: number): number {
  let [before, now, sum] = [1, x, 0];
  for (let n = 1; n <= factors.length; n++) {
    sum += factors[n - 1]! * now;
    [before, now] = [now, ((2 * n + 1) * x * now - n * before) / (n + 1)];
  }
  return sum;
}
