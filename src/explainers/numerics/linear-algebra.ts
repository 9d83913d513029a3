/**
 * Dense linear algebra on small symmetric systems, in float64 on the host: surrogate models and Gaussians are a few
 * hundred columns wide, and float32 would cost them their small coefficients. Matrices are row-major.
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
  const { values, vectors } = eigenSymmetric(a, n);
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

/** Eigenvalues and orthonormal eigenvectors (columns) of a symmetric A `[n, n]`, by Jacobi's cyclic rotations. */
function eigenSymmetric(a: Matrix, n: number): { values: Float64Array; vectors: Matrix } {
  const m = a.slice();
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) vectors[i * n + i] = 1;
  const total = m.reduce((sum, value) => sum + value * value, 0);
  for (let sweep = 0; sweep < 60; sweep++) {
    let outside = 0;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) outside += m[p * n + q]! ** 2;
    if (outside <= total * 1e-30) break;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) rotate(m, vectors, n, p, q);
    }
  }
  return { values: Float64Array.from({ length: n }, (_, i) => m[i * n + i]!), vectors };
}

/** One Jacobi rotation that makes entry (p, q) zero. */
function rotate(m: Matrix, vectors: Matrix, n: number, p: number, q: number): void {
  const entry = m[p * n + q]!;
  if (entry === 0) return;
  const theta = (m[q * n + q]! - m[p * n + p]!) / (2 * entry);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let k = 0; k < n; k++) {
    const kp = m[k * n + p]!;
    const kq = m[k * n + q]!;
    m[k * n + p] = c * kp - s * kq;
    m[k * n + q] = s * kp + c * kq;
  }
  for (let k = 0; k < n; k++) {
    const pk = m[p * n + k]!;
    const qk = m[q * n + k]!;
    m[p * n + k] = c * pk - s * qk;
    m[q * n + k] = s * pk + c * qk;
    const vp = vectors[k * n + p]!;
    const vq = vectors[k * n + q]!;
    vectors[k * n + p] = c * vp - s * vq;
    vectors[k * n + q] = s * vp + c * vq;
  }
}
