import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { ParameterError } from "../errors.js";

/** Eigenvalues in falling order, and orthonormal eigenvectors as the columns of a row-major `[size, size]` matrix. */
export interface Eigen {
  readonly values: Float64Array;
  readonly vectors: Float64Array;
}

/**
 * Eigenvalues and eigenvectors of a symmetric matrix: A v = λ v, by Householder's reduction and implicit QL (`ml-matrix`,
 * after EISPACK's tred2 and tql2), in float64. For a repeated eigenvalue the vectors are some orthonormal basis of its space.
 *
 * @param matrix `[size, size]`, row-major, left unchanged; only symmetric ones are meant, which is not checked.
 * @param size At least 1.
 * @throws ParameterError where an entry is NaN or infinite.
 * @example
 * const { values, vectors } = symmetricEigen(Float64Array.of(2, 1, 1, 2), 2); // values 3, 1
 */
export function symmetricEigen(matrix: ArrayLike<number>, size: number): Eigen {
  const rows = new Matrix(size, size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      const entry = matrix[i * size + j]!;
      if (!Number.isFinite(entry)) throw new ParameterError(`matrix[${i}, ${j}]`, entry, "finite");
      rows.set(i, j, entry);
    }
  }
  const found = new EigenvalueDecomposition(rows, { assumeSymmetric: true });
  // The library counts from the smallest.
  const values = Float64Array.from(found.realEigenvalues).reverse();
  const columns = found.eigenvectorMatrix;
  const vectors = new Float64Array(size * size);
  for (let i = 0; i < size; i++) for (let k = 0; k < size; k++) vectors[i * size + k] = columns.get(i, size - 1 - k);
  return { values, vectors };
}
