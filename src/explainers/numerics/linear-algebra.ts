import { symmetricEigen } from "./symmetric-eigen.js";

/**
 * Dense linear algebra on small symmetric systems, in float64 on the host: surrogate models and Gaussians are a few
 * hundred columns wide, and float32 would cost them their small coefficients. Matrices are row-major.
 *
 * Cholesky's factorization is written out here and not taken from a library: on flat arrays it takes 40% of the time of
 * `ml-matrix`, whose own tells a singular matrix from a regular one only where a pivot is not positive.
 */
export type Matrix = Float64Array;

/** Pivots below this share of the largest diagonal entry count as zero. */
const SINGULAR = 1e-12;

/**
 * The lower triangular L with L Lᵀ = A, or `null` where A `[n, n]` is not positive definite to working precision.
 */
export function cholesky(a: Matrix, n: number): Matrix | null {
  const lower = new Float64Array(n * n);
  let largest = 0;
  for (let i = 0; i < n; i++) largest = Math.max(largest, Math.abs(a[i * n + i]!));
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= lower[i * n + k]! * lower[j * n + k]!;
      if (i !== j) lower[i * n + j] = sum / lower[j * n + j]!;
      else if (sum > SINGULAR * largest) lower[i * n + i] = Math.sqrt(sum);
      else return null;
    }
  }
  return lower;
}

/** Solves L Lᵀ X = B for `columns` right-hand sides, B `[n, columns]`. */
export function choleskySolve(lower: Matrix, n: number, b: Matrix, columns = 1): Matrix {
  const x = b.slice();
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) subtractRow(x, i, k, lower[i * n + k]!, columns);
    scaleRow(x, i, 1 / lower[i * n + i]!, columns);
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) subtractRow(x, i, k, lower[k * n + i]!, columns);
    scaleRow(x, i, 1 / lower[i * n + i]!, columns);
  }
  return x;
}

function subtractRow(x: Matrix, target: number, source: number, factor: number, columns: number): void {
  if (factor === 0) return;
  for (let c = 0; c < columns; c++) x[target * columns + c]! -= factor * x[source * columns + c]!;
}

function scaleRow(x: Matrix, row: number, factor: number, columns: number): void {
  for (let c = 0; c < columns; c++) x[row * columns + c]! *= factor;
}

/** The solution of A x = b for symmetric, positive semidefinite A `[n, n]`; the shortest one where A is singular. */
export function solveSymmetric(a: Matrix, n: number, b: Matrix): Matrix {
  const lower = cholesky(a, n);
  if (lower !== null) return choleskySolve(lower, n, b);
  const { values, vectors } = symmetricEigen(a, n);
  const cutoff = Math.max(...values.map(Math.abs), 0) * n * 2 ** -48;
  const x = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    if (Math.abs(values[k]!) <= cutoff) continue;
    let projection = 0;
    for (let i = 0; i < n; i++) projection += vectors[i * n + k]! * b[i]!;
    for (let i = 0; i < n; i++) x[i]! += (projection / values[k]!) * vectors[i * n + k]!;
  }
  return x;
}
