import { solveSymmetric } from "./linear-algebra.js";
import type { Moments } from "./regression.js";

/**
 * The knots of the lasso path, from the empty model to least squares: the coefficients `[columns]` wherever a column
 * enters or leaves as the penalty falls (least angle regression with the lasso's modification, Efron et al. 2004).
 */
export function lassoPath(data: Moments): Float64Array[] {
  const { columns, gram, covariance } = data;
  const beta = new Float64Array(columns);
  const knots = [beta.slice()];
  const correlations = covariance.slice(); // of each column with the residual
  const active: number[] = [];
  const usable = (j: number) => gram[j * columns + j]! > 0;
  let left: number | null = null; // the column that has just left must not come back at once

  for (let step = 0; step < 8 * columns + 16; step++) {
    let penalty = 0;
    for (let j = 0; j < columns; j++) penalty = Math.max(penalty, Math.abs(correlations[j]!));
    if (penalty <= 1e-12 * Math.sqrt(data.variance) * scale(data) || penalty === 0) break;
    if (left === null) {
      const next = entering(correlations, active, usable);
      if (next === null) break;
      active.push(next);
    }
    // Along `direction` the correlations of all active columns shrink in equal measure.
    const signs = active.map((j) => Math.sign(correlations[j]!));
    const direction = solveSymmetric(subGram(data, active), active.length, Float64Array.from(signs));
    const slopes = new Float64Array(columns);
    for (let j = 0; j < columns; j++) {
      active.forEach((column, i) => {
        slopes[j]! += gram[j * columns + column]! * direction[i]!;
      });
    }
    let length = penalty; // least squares on the active columns
    for (let j = 0; j < columns; j++) {
      if (active.includes(j) || !usable(j)) continue;
      const c = correlations[j]!;
      for (const candidate of [(penalty - c) / (1 - slopes[j]!), (penalty + c) / (1 + slopes[j]!)]) {
        // A column that has just left starts at its bound and moves inwards: its step of length 0 is none.
        if (candidate > 1e-10 * penalty && candidate < length) length = candidate;
      }
    }
    let leaving = -1;
    active.forEach((column, i) => {
      const crossing = -beta[column]! / direction[i]!;
      if (crossing > 1e-10 * penalty && crossing < length) {
        length = crossing;
        leaving = i;
      }
    });
    active.forEach((column, i) => {
      beta[column]! += length * direction[i]!;
    });
    for (let j = 0; j < columns; j++) correlations[j]! -= length * slopes[j]!;
    left = null;
    if (leaving >= 0) {
      left = active[leaving]!;
      beta[left] = 0;
      active.splice(leaving, 1);
    }
    knots.push(beta.slice());
  }
  return knots;
}

function scale(data: Moments): number {
  let largest = 0;
  for (let j = 0; j < data.columns; j++) largest = Math.max(largest, data.gram[j * data.columns + j]!);
  return Math.sqrt(largest);
}

function entering(
  correlations: Float64Array,
  active: readonly number[],
  usable: (j: number) => boolean,
): number | null {
  let best: number | null = null;
  for (let j = 0; j < correlations.length; j++) {
    if (active.includes(j) || !usable(j)) continue;
    if (best === null || Math.abs(correlations[j]!) > Math.abs(correlations[best]!)) best = j;
  }
  return best;
}

function subGram(data: Moments, columns: readonly number[]): Float64Array {
  const n = columns.length;
  const result = new Float64Array(n * n);
  columns.forEach((p, i) => {
    columns.forEach((q, j) => {
      result[i * n + j] = data.gram[p * data.columns + q]!;
    });
  });
  return result;
}
