import { Matrix, QrDecomposition } from "ml-matrix";
import { seededRandom } from "../../numerics/random.js";

/** A random orthogonal matrix `[size, size]`, row by row, drawn evenly from all (Mezzadri 2007): the same for the same seed. */
export function randomRotation(size: number, seed: number): Float32Array {
  const random = seededRandom(seed);
  const gaussians = new Matrix(size, size);
  for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) gaussians.set(i, j, random.gaussian());
  const found = new QrDecomposition(gaussians);
  const { orthogonalMatrix, upperTriangularMatrix } = found;
  const rotation = new Float32Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      rotation[i * size + j] = orthogonalMatrix.get(i, j) * Math.sign(upperTriangularMatrix.get(j, j));
    }
  }
  return rotation;
}
