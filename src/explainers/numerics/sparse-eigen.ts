import { seededRandom } from "./random.js";
import { type Eigen, symmetricEigen } from "./symmetric-eigen.js";

/** A symmetric matrix by its entries that are not 0, row by row. */
export interface SparseMatrix {
  readonly size: number;
  /** Where each row begins in the others, and the end: `[size + 1]`. */
  readonly starts: Int32Array;
  readonly columns: Int32Array;
  readonly values: Float64Array;
}

/** Widest subspace that is searched, in multiples of the vectors wanted. */
const WIDEST = 40;

/**
 * The largest eigenvalues of a symmetric sparse matrix with their vectors, by Lanczos' method on blocks (Golub & Underwood 1977) with
 * full reorthogonalization: a block finds an eigenvalue as often as it is there, which a single vector cannot.
 *
 * @param count how many, at most `size`
 * @param tolerance ends where every vector's residual `‖Av − λv‖` is below
 * @returns vectors as columns, `[size, count]`
 */
export function largestEigen(
  matrix: SparseMatrix,
  count: number,
  { seed = 0, tolerance = 1e-8 }: { readonly seed?: number; readonly tolerance?: number } = {},
): Eigen {
  const { size } = matrix;
  const random = seededRandom(seed);
  const basis: Float64Array[] = [];
  const images: Float64Array[] = [];
  let block: Float64Array[] = Array.from({ length: Math.min(count + 2, size) }, () =>
    Float64Array.from({ length: size }, () => random.gaussian()),
  );
  for (let round = 1; ; round++) {
    const before = basis.length;
    for (const vector of block) {
      const added = orthonormal(vector, basis);
      if (added === undefined) continue;
      basis.push(added);
      images.push(product(matrix, added));
    }
    const added = basis.length - before;
    const isWidest = basis.length >= size || round >= WIDEST;
    if (basis.length >= count && (isWidest || round % 4 === 0)) {
      const found = ritz(basis, images, count, size);
      if (isWidest || worstResidual(found, images) <= tolerance) return found;
    }
    // Where the block reached all that it can, the rest comes from elsewhere.
    block = added > 0 ? images.slice(-added) : [Float64Array.from({ length: size }, () => random.gaussian())];
  }
}

/** The part of a vector that is orthogonal to the others, of length 1; `undefined` where there is none. */
function orthonormal(vector: Float64Array, basis: readonly Float64Array[]): Float64Array | undefined {
  const rest = vector.slice();
  const before = Math.sqrt(dot(rest, rest));
  // Twice is enough (Kahan and Parlett).
  for (let pass = 0; pass < 2; pass++) {
    for (const other of basis) {
      const along = dot(rest, other);
      for (let i = 0; i < rest.length; i++) rest[i]! -= along * other[i]!;
    }
  }
  const length = Math.sqrt(dot(rest, rest));
  return length > 1e-10 * before ? rest.map((value) => value / length) : undefined;
}

interface Ritz extends Eigen {
  /** Of each vector, its shares of the basis. */
  readonly shares: readonly Float64Array[];
}

/** The best that the subspace holds. */
function ritz(basis: readonly Float64Array[], images: readonly Float64Array[], count: number, size: number): Ritz {
  const m = basis.length;
  const projected = new Float64Array(m * m);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j <= i; j++) {
      const value = dot(basis[i]!, images[j]!);
      projected[i * m + j] = value;
      projected[j * m + i] = value;
    }
  }
  const { values, vectors } = symmetricEigen(projected, m);
  const shares = Array.from({ length: count }, (_, k) => Float64Array.from(basis, (_, i) => vectors[i * m + k]!));
  const result = new Float64Array(size * count);
  shares.forEach((own, k) => {
    own.forEach((share, i) => {
      const vector = basis[i]!;
      for (let row = 0; row < size; row++) result[row * count + k]! += share * vector[row]!;
    });
  });
  return { values: values.slice(0, count), vectors: result, shares };
}

/** The largest `‖Av − λv‖`. */
function worstResidual({ values, vectors, shares }: Ritz, images: readonly Float64Array[]): number {
  const size = images[0]!.length;
  const count = values.length;
  let worst = 0;
  shares.forEach((own, k) => {
    const residual = new Float64Array(size);
    own.forEach((share, i) => {
      const image = images[i]!;
      for (let row = 0; row < size; row++) residual[row]! += share * image[row]!;
    });
    for (let row = 0; row < size; row++) residual[row]! -= values[k]! * vectors[row * count + k]!;
    worst = Math.max(worst, Math.sqrt(dot(residual, residual)));
  });
  return worst;
}

function product({ size, starts, columns, values }: SparseMatrix, vector: Float64Array): Float64Array {
  const result = new Float64Array(size);
  for (let row = 0; row < size; row++) {
    let sum = 0;
    for (let at = starts[row]!; at < starts[row + 1]!; at++) sum += values[at]! * vector[columns[at]!]!;
    result[row] = sum;
  }
  return result;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
