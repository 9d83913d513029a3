import { cholesky, choleskySolve, type Matrix } from "../numerics/linear-algebra.js";

/**
 * How two sets of points are separated: by logistic regression, by a linear support vector machine with squared hinge loss, both
 * with an L2 penalty; or by the difference of their means, which asks for nothing to be fitted.
 */
export type SeparatorKind = "logistic" | "hinge" | "means";

/** `f(x) = Σ_i coefficients_i ⟨x_i, x⟩ + intercept`; its normal is `Σ_i coefficients_i x_i`. */
export interface Separator {
  /** One for each point it was fitted on. */
  readonly coefficients: Float64Array;
  readonly intercept: number;
}

/** Newton's method ends where no coefficient would move by more than this share of the largest one: the next move would be its square. */
const PRECISION = 1e-6;
const MOST_ROUNDS = 100;
/** Weights of points that are decided already are not less, so that the system stays solvable. */
const LEAST_WEIGHT = 1e-9;

/**
 * Separates points of which only the inner products are known, so that it costs the same in any dimension:
 * `min (1/n) Σ_i loss(y_i f(x_i)) + λ/2 ‖w‖²` with a free intercept; its normal lies in the span of the points.
 *
 * @param gram `[n, n]`, row by row: inner products of the points
 * @param signs +1 or −1 for each point; both must occur
 * @param regularization λ > 0, in units of the points' mean squared distance from their mean
 */
export function separate(kind: SeparatorKind, gram: Matrix, signs: Float64Array, regularization: number): Separator {
  if (kind === "means") return differenceOfMeans(gram, signs);
  const n = signs.length;
  const ridge = n * regularization * spreadOf(gram, n);
  return kind === "hinge" ? hinge(gram, signs, ridge) : logistic(gram, signs, ridge);
}

/** Mean squared distance from the mean; 1 where all points are one. */
function spreadOf(gram: Matrix, n: number): number {
  let trace = 0;
  let total = 0;
  for (let i = 0; i < n; i++) trace += gram[i * n + i]!;
  for (const value of gram) total += value;
  const spread = trace / n - total / n ** 2;
  return spread > 0 ? spread : 1;
}

function differenceOfMeans(gram: Matrix, signs: Float64Array): Separator {
  const n = signs.length;
  const positive = signs.reduce((count, sign) => count + (sign > 0 ? 1 : 0), 0);
  const coefficients = signs.map((sign) => (sign > 0 ? 1 / positive : -1 / (n - positive)));
  const values = product(gram, coefficients);
  let above = 0;
  let below = 0;
  for (let i = 0; i < n; i++) {
    if (signs[i]! > 0) above += values[i]! / positive;
    else below += values[i]! / (n - positive);
  }
  return { coefficients, intercept: -(above + below) / 2 };
}

/** By Newton's method, each step a weighted ridge regression, shortened where it would overshoot. */
function logistic(gram: Matrix, signs: Float64Array, ridge: number): Separator {
  const n = signs.length;
  let at: Separator = { coefficients: new Float64Array(n), intercept: 0 };
  let values: Float64Array = new Float64Array(n);
  let loss = logisticLoss(values, signs, 0);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const added = new Float64Array(n);
    const targets = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      const p = 1 / (1 + Math.exp(-values[i]!));
      const weight = Math.max(p * (1 - p), LEAST_WEIGHT);
      added[i] = ridge / weight;
      targets[i] = values[i]! + ((signs[i]! > 0 ? 1 : 0) - p) / weight;
    }
    const full = weightedRidge(gram, added, targets);
    const moved = distance(at, full);
    if (moved <= PRECISION) return full;
    let next = full;
    let there = valuesOf(gram, next);
    let nextLoss = logisticLoss(there, signs, penaltyOf(there, next, ridge));
    // A full step may leave the region where the curve is like its parabola.
    for (let share = 0.5; nextLoss > loss && share > 1e-3; share /= 2) {
      next = between(at, full, share);
      there = valuesOf(gram, next);
      nextLoss = logisticLoss(there, signs, penaltyOf(there, next, ridge));
    }
    at = next;
    values = there;
    loss = nextLoss;
  }
  return at;
}

/** By Newton's method: points within the margin pull, those beyond do not (Chapelle 2007, Neural Computation 19). */
function hinge(gram: Matrix, signs: Float64Array, ridge: number): Separator {
  const n = signs.length;
  let active = Array.from({ length: n }, (_, i) => i);
  let at: Separator = { coefficients: new Float64Array(n), intercept: 0 };
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const m = active.length;
    const part = new Float64Array(m * m);
    active.forEach((i, row) => {
      active.forEach((j, column) => {
        part[row * m + column] = gram[i * n + j]!;
      });
    });
    const solved = weightedRidge(
      part,
      new Float64Array(m).fill(ridge / 2),
      Float64Array.from(active, (i) => signs[i]!),
    );
    const coefficients = new Float64Array(n);
    active.forEach((i, row) => {
      coefficients[i] = solved.coefficients[row]!;
    });
    at = { coefficients, intercept: solved.intercept };
    const values = valuesOf(gram, at);
    const next = Array.from({ length: n }, (_, i) => i).filter((i) => signs[i]! * values[i]! < 1);
    const bothLeft = next.some((i) => signs[i]! > 0) && next.some((i) => signs[i]! < 0);
    if (!bothLeft || (next.length === m && next.every((i, row) => i === active[row]))) break;
    active = next;
  }
  return at;
}

/** `(K + diag(added)) α + b·1 = targets` with `Σ α = 0`, the condition of a free intercept. */
function weightedRidge(gram: Matrix, added: Float64Array, targets: Float64Array): Separator {
  const n = targets.length;
  const system = gram.slice();
  for (let i = 0; i < n; i++) system[i * n + i]! += added[i]!;
  const sides = new Float64Array(2 * n);
  for (let i = 0; i < n; i++) {
    sides[2 * i] = targets[i]!;
    sides[2 * i + 1] = 1;
  }
  const solved = choleskySolve(factorOf(system, n), n, sides, 2);
  let top = 0;
  let bottom = 0;
  for (let i = 0; i < n; i++) {
    top += solved[2 * i]!;
    bottom += solved[2 * i + 1]!;
  }
  const intercept = top / bottom;
  const coefficients = Float64Array.from(targets, (_, i) => solved[2 * i]! - intercept * solved[2 * i + 1]!);
  return { coefficients, intercept };
}

/** Inner products in single precision may miss being positive by a rounding error: so much is added. */
function factorOf(system: Matrix, n: number): Matrix {
  let largest = 0;
  for (let i = 0; i < n; i++) largest = Math.max(largest, system[i * n + i]!);
  for (let jitter = 1e-9 * largest; ; jitter *= 10) {
    const factor = cholesky(system, n);
    if (factor !== null) return factor;
    for (let i = 0; i < n; i++) system[i * n + i]! += jitter;
  }
}

/** The separator's value at each point. */
function valuesOf(gram: Matrix, { coefficients, intercept }: Separator): Float64Array {
  return product(gram, coefficients).map((value) => value + intercept);
}

function product(gram: Matrix, vector: Float64Array): Float64Array {
  const n = vector.length;
  return vector.map((_, i) => {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += gram[i * n + j]! * vector[j]!;
    return sum;
  });
}

/** `λ/2 ‖w‖²`: the coefficients sum to 0, so that the intercept has no part in it. */
const penaltyOf = (values: Float64Array, { coefficients }: Separator, ridge: number): number =>
  (ridge / 2) * values.reduce((sum, value, i) => sum + value * coefficients[i]!, 0);

const logisticLoss = (values: Float64Array, signs: Float64Array, penalty: number): number =>
  values.reduce(
    (sum, value, i) => sum + Math.max(-signs[i]! * value, 0) + Math.log1p(Math.exp(-Math.abs(value))),
    penalty,
  );

const between = (a: Separator, b: Separator, share: number): Separator => ({
  coefficients: a.coefficients.map((value, i) => value + share * (b.coefficients[i]! - value)),
  intercept: a.intercept + share * (b.intercept - a.intercept),
});

function distance(a: Separator, b: Separator): number {
  const largest = b.coefficients.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-300);
  return b.coefficients.reduce((most, value, i) => Math.max(most, Math.abs(value - a.coefficients[i]!)), 0) / largest;
}
