import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ParameterError } from "../../../src/explainers/errors.js";
import { seededRandom } from "../../../src/explainers/numerics/random.js";
import { type Eigen, symmetricEigen } from "../../../src/explainers/numerics/symmetric-eigen.js";

/** Q diag(values) Qᵀ with a random rotation Q, made of reflections. */
function withEigenvalues(values: readonly number[], seed: number): Float64Array {
  const size = values.length;
  const random = seededRandom(seed);
  let matrix = Float64Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? values[i % size]! : 0));
  for (let reflection = 0; reflection < 3; reflection++) {
    const u = Float64Array.from({ length: size }, () => random.gaussian());
    const square = u.reduce((sum, value) => sum + value * value, 0);
    const h = (i: number, j: number) => (i === j ? 1 : 0) - (2 * u[i]! * u[j]!) / square;
    const product = (left: (i: number, j: number) => number, right: (i: number, j: number) => number) =>
      Float64Array.from({ length: size * size }, (_, place) => {
        let sum = 0;
        for (let k = 0; k < size; k++) sum += left(Math.floor(place / size), k) * right(k, place % size);
        return sum;
      });
    const inner = product(h, (i, j) => matrix[i * size + j]!);
    matrix = product((i, j) => inner[i * size + j]!, h);
  }
  // Rounding leaves the two halves a little apart.
  for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) matrix[i * size + j] = matrix[j * size + i]!;
  return matrix;
}

/** Asserts A v = λ v, VᵀV = 1 and falling eigenvalues, to 1e-12 of the largest. */
function check(matrix: Float64Array, size: number, { values, vectors }: Eigen): void {
  const scale = Math.max(...values.map(Math.abs), Number.MIN_VALUE);
  for (let k = 0; k < size; k++) {
    if (k > 0) assert.ok(values[k]! <= values[k - 1]!, `eigenvalues ${values} fall`);
    for (let i = 0; i < size; i++) {
      let image = 0;
      for (let j = 0; j < size; j++) image += matrix[i * size + j]! * vectors[j * size + k]!;
      assert.ok(Math.abs(image - values[k]! * vectors[i * size + k]!) <= 1e-12 * scale, `A v = λ v for ${values[k]}`);
    }
    for (let l = 0; l <= k; l++) {
      let inner = 0;
      for (let i = 0; i < size; i++) inner += vectors[i * size + k]! * vectors[i * size + l]!;
      assert.ok(Math.abs(inner - (k === l ? 1 : 0)) < 1e-12, "orthonormal");
    }
  }
}

test("the second difference has eigenvalues 2 − 2 cos(kπ/4)", () => {
  const matrix = Float64Array.of(2, -1, 0, -1, 2, -1, 0, -1, 2);
  const eigen = symmetricEigen(matrix, 3);
  [3, 2, 1].forEach((k, place) => {
    assert.ok(Math.abs(eigen.values[place]! - (2 - 2 * Math.cos((k * Math.PI) / 4))) < 1e-14);
  });
  check(matrix, 3, eigen);
  assert.deepEqual([...matrix], [2, -1, 0, -1, 2, -1, 0, -1, 2], "the matrix is left as it was");
});

test("random symmetric matrices are diagonalized, of any size and scale", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 24 }),
      fc.integer(),
      fc.integer({ min: -30, max: 30 }),
      (size, seed, exponent) => {
        const random = seededRandom(seed);
        const matrix = new Float64Array(size * size);
        for (let i = 0; i < size; i++) {
          for (let j = i; j < size; j++)
            matrix[i * size + j] = matrix[j * size + i] = random.gaussian() * 10 ** exponent;
        }
        const eigen = symmetricEigen(matrix, size);
        check(matrix, size, eigen);
        const trace = matrix.reduce((sum, value, i) => (i % (size + 1) === 0 ? sum + value : sum), 0);
        const sum = eigen.values.reduce((a, b) => a + b, 0);
        assert.ok(Math.abs(trace - sum) <= 1e-12 * size * 10 ** exponent * 10, "Σ λ is the trace");
      },
    ),
    { numRuns: 100 },
  );
});

test("repeated and vanishing eigenvalues have an orthonormal basis of their space", () => {
  const cases = [
    [0, 0, 0],
    [1, 1, 1, 1],
    [5, 2, 2, 2, -1],
    [3, 3, 0, 0, 0],
    [1, 1 + 1e-15, 1 - 1e-15, 0],
    [1e12, 1, 1, 1e-12],
    [-4],
  ];
  for (const [seed, values] of cases.entries()) {
    const matrix = withEigenvalues(values, seed);
    const eigen = symmetricEigen(matrix, values.length);
    check(matrix, values.length, eigen);
    const scale = Math.max(...values.map(Math.abs));
    values
      .toSorted((a, b) => b - a)
      .forEach((value, k) => {
        assert.ok(Math.abs(eigen.values[k]! - value) <= 1e-13 * scale, `${eigen.values[k]} is ${value}`);
      });
  }
});

test("a matrix with NaN or an infinity is refused by name", () => {
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(
      () => symmetricEigen(Float64Array.of(1, bad, bad, 1), 2),
      (error) => error instanceof ParameterError && /matrix\[0, 1\] must be finite/.test(error.message),
    );
  }
});
