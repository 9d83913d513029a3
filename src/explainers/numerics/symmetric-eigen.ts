/** Eigenvalues in falling order, and the eigenvectors as columns of a row-major `size × size` matrix. */
export interface Eigen {
  values: Float64Array;
  vectors: Float64Array;
}

/** Eigen decomposition of a small symmetric matrix (row-major, left unchanged) by Jacobi's cyclic rotations. */
export function symmetricEigen(matrix: Float64Array, size: number): Eigen {
  const a = Float64Array.from(matrix);
  const v = new Float64Array(size * size);
  for (let i = 0; i < size; i++) v[i * size + i] = 1;
  const scale = a.reduce((sum, value) => sum + value * value, 0);

  for (let sweep = 0; sweep < 60; sweep++) {
    let offDiagonal = 0;
    for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) offDiagonal += a[p * size + q]! ** 2;
    if (offDiagonal <= 1e-26 * scale) break;
    for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) rotate(a, v, size, p, q);
  }

  const order = Array.from({ length: size }, (_, index) => index).sort((i, j) => a[j * size + j]! - a[i * size + i]!);
  return {
    values: Float64Array.from(order, (index) => a[index * size + index]!),
    vectors: Float64Array.from(v, (_, place) => v[Math.floor(place / size) * size + order[place % size]!]!),
  };
}

/** Turns the plane of axes `p` and `q` so that their entry vanishes. */
function rotate(a: Float64Array, v: Float64Array, size: number, p: number, q: number): void {
  const entry = a[p * size + q]!;
  if (entry === 0) return;
  const theta = (a[q * size + q]! - a[p * size + p]!) / (2 * entry);
  const tangent = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const cosine = 1 / Math.sqrt(tangent * tangent + 1);
  const sine = tangent * cosine;
  for (let k = 0; k < size; k++) {
    const kp = a[k * size + p]!;
    const kq = a[k * size + q]!;
    a[k * size + p] = cosine * kp - sine * kq;
    a[k * size + q] = sine * kp + cosine * kq;
  }
  for (let k = 0; k < size; k++) {
    const pk = a[p * size + k]!;
    const qk = a[q * size + k]!;
    a[p * size + k] = cosine * pk - sine * qk;
    a[q * size + k] = sine * pk + cosine * qk;
    const kp = v[k * size + p]!;
    const kq = v[k * size + q]!;
    v[k * size + p] = cosine * kp - sine * kq;
    v[k * size + q] = sine * kp + cosine * kq;
  }
}
