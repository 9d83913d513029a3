import { type Matrix, solveSymmetric } from "./linear-algebra.js";

/**
 * What a weighted linear regression with intercept needs to know of its data: weighted means, and the weighted sums of
 * squares and products about them. Every fit below works on these, so that trying many feature sets reads the data once.
 */
export interface Moments {
  readonly columns: number;
  /** Σᵢ wᵢ. */
  readonly weight: number;
  /** Weighted mean of each column. */
  readonly means: Float64Array;
  readonly targetMean: number;
  /** Σᵢ wᵢ (xᵢ − x̄)(xᵢ − x̄)ᵀ, `[columns, columns]`. */
  readonly gram: Matrix;
  /** Σᵢ wᵢ (xᵢ − x̄)(yᵢ − ȳ), `[columns]`. */
  readonly covariance: Float64Array;
  /** Σᵢ wᵢ (yᵢ − ȳ)². */
  readonly variance: number;
}

/** A fitted y ≈ intercept + Σⱼ coefficientsⱼ xⱼ. */
export interface LinearFit {
  /** One for each column; 0 for columns that were left out. */
  readonly coefficients: Float64Array;
  readonly intercept: number;
  /** Weighted R²: 1 where the fit is perfect, 0 where it is no better than the mean. */
  readonly score: number;
}

/** Reduces rows `design` `[rows, columns]` with `targets` `[rows]` and `weights` `[rows]` (≥ 0) to moments. */
export function moments(
  design: ArrayLike<number>,
  columns: number,
  targets: ArrayLike<number>,
  weights: ArrayLike<number>,
): Moments {
  const rows = targets.length;
  const means = new Float64Array(columns);
  let weight = 0;
  let targetMean = 0;
  for (let i = 0; i < rows; i++) {
    const w = weights[i]!;
    weight += w;
    targetMean += w * targets[i]!;
    for (let j = 0; j < columns; j++) means[j]! += w * design[i * columns + j]!;
  }
  targetMean /= weight;
  for (let j = 0; j < columns; j++) means[j]! /= weight;

  const gram = new Float64Array(columns * columns);
  const covariance = new Float64Array(columns);
  let variance = 0;
  const centered = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    const w = weights[i]!;
    if (w === 0) continue;
    const y = targets[i]! - targetMean;
    variance += w * y * y;
    for (let j = 0; j < columns; j++) centered[j] = design[i * columns + j]! - means[j]!;
    for (let j = 0; j < columns; j++) {
      const wx = w * centered[j]!;
      covariance[j]! += wx * y;
      for (let k = 0; k <= j; k++) gram[j * columns + k]! += wx * centered[k]!;
    }
  }
  for (let j = 0; j < columns; j++) for (let k = 0; k < j; k++) gram[k * columns + j] = gram[j * columns + k]!;
  return { columns, weight, means, targetMean, gram, covariance, variance };
}

/** Ridge regression on the columns `chosen` (default all): argmin Σ wᵢ (yᵢ − ŷᵢ)² + alpha ‖β‖²; alpha 0 is least squares. */
export function ridge(data: Moments, alpha: number, chosen?: readonly number[]): LinearFit {
  const columns = chosen ?? Array.from({ length: data.columns }, (_, j) => j);
  const n = columns.length;
  const a = new Float64Array(n * n);
  columns.forEach((p, i) => {
    columns.forEach((q, j) => {
      a[i * n + j] = data.gram[p * data.columns + q]! + (i === j ? alpha : 0);
    });
  });
  const solution = solveSymmetric(
    a,
    n,
    Float64Array.from(columns, (column) => data.covariance[column]!),
  );
  const coefficients = new Float64Array(data.columns);
  columns.forEach((column, i) => {
    coefficients[column] = solution[i]!;
  });
  return withIntercept(data, coefficients);
}

/**
 * The lasso on the columns `chosen` (default all): argmin 1/(2 Σwᵢ) Σ wᵢ (yᵢ − ŷᵢ)² + alpha ‖β‖₁, by coordinate descent
 * until no coefficient moves by more than 1e-10 of the largest (scikit-learn's objective).
 */
export function lasso(data: Moments, alpha: number, chosen?: readonly number[]): LinearFit {
  const { columns, gram, covariance } = data;
  const order = chosen ?? Array.from({ length: columns }, (_, j) => j);
  const threshold = alpha * data.weight;
  const beta = new Float64Array(columns);
  const residual = covariance.slice(); // covariance − gram · beta
  for (let sweep = 0; sweep < 10_000; sweep++) {
    let moved = 0;
    let largest = 0;
    for (const j of order) {
      const norm = gram[j * columns + j]!;
      if (norm === 0) continue;
      const correlation = residual[j]! + norm * beta[j]!;
      const next = (Math.sign(correlation) * Math.max(Math.abs(correlation) - threshold, 0)) / norm;
      const step = next - beta[j]!;
      beta[j] = next;
      if (step !== 0) for (let k = 0; k < columns; k++) residual[k]! -= gram[j * columns + k]! * step;
      moved = Math.max(moved, Math.abs(step));
      largest = Math.max(largest, Math.abs(next));
    }
    if (moved <= 1e-10 * largest) break;
  }
  return withIntercept(data, beta);
}

function withIntercept(data: Moments, coefficients: Float64Array): LinearFit {
  const { columns, gram, covariance, means, variance } = data;
  let intercept = data.targetMean;
  let residual = variance;
  for (let j = 0; j < columns; j++) {
    const beta = coefficients[j]!;
    if (beta === 0) continue;
    intercept -= beta * means[j]!;
    let fitted = 0;
    for (let k = 0; k < columns; k++) fitted += gram[j * columns + k]! * coefficients[k]!;
    residual += beta * (fitted - 2 * covariance[j]!);
  }
  // A target that never varies is explained perfectly by its mean.
  return { coefficients, intercept, score: variance === 0 ? 1 : 1 - residual / variance };
}
