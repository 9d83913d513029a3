import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cholesky, choleskySolve, solveSymmetric } from "../../../src/explainers/numerics/linear-algebra.js";
import { seededRandom } from "../../../src/explainers/numerics/random.js";
import { largest } from "../../helpers/numbers.js";

/** B Bᵀ with B `[size, rank]` of normal numbers: positive semidefinite, singular where rank < size. */
function gram(size: number, rank: number, seed: number): Float64Array {
  const b = seededRandom(seed).gaussians(size * rank);
  return Float64Array.from({ length: size * size }, (_, place) => {
    let sum = 0;
    for (let k = 0; k < rank; k++) sum += b[Math.floor(place / size) * rank + k]! * b[(place % size) * rank + k]!;
    return sum;
  });
}

const times = (a: Float64Array, n: number, x: ArrayLike<number>, columns = 1) =>
  Float64Array.from({ length: n * columns }, (_, place) => {
    let sum = 0;
    for (let k = 0; k < n; k++) sum += a[Math.floor(place / columns) * n + k]! * x[k * columns + (place % columns)]!;
    return sum;
  });

test("L Lᵀ is the matrix, L is lower triangular, and its solutions solve", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 16 }), fc.integer({ min: 1, max: 4 }), fc.integer(), (n, columns, seed) => {
      const a = gram(n, n + 4, seed);
      const lower = cholesky(a, n)!;
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          let sum = 0;
          for (let k = 0; k < n; k++) sum += lower[i * n + k]! * lower[j * n + k]!;
          assert.ok(Math.abs(sum - a[i * n + j]!) < 1e-12 * largest(a));
          if (j > i) assert.equal(lower[i * n + j], 0);
        }
      }
      const x = Float64Array.from(seededRandom(seed + 1).gaussians(n * columns));
      const found = choleskySolve(lower, n, times(a, n, x, columns), columns);
      // The residual is small whatever the condition number.
      const residual = times(a, n, found, columns).map((value, i) => value - times(a, n, x, columns)[i]!);
      assert.ok(largest(residual) < 1e-11 * largest(a) * Math.max(1, largest(found)));
    }),
  );
});

test("a matrix that is singular to working precision has no factor", () => {
  assert.equal(cholesky(gram(5, 3, 1), 5), null);
  assert.equal(cholesky(Float64Array.of(1, 2, 2, 1), 2), null);
  assert.equal(cholesky(new Float64Array(4), 2), null);
});

test("a singular system is solved by its shortest solution", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 10 }), fc.integer({ min: 1, max: 9 }), fc.integer(), (n, rank, seed) => {
      fc.pre(rank < n);
      const a = gram(n, rank, seed);
      // A solution A y lies in A's range, where the shortest one is the only one.
      const shortest = times(a, n, Float64Array.from(seededRandom(seed + 1).gaussians(n)));
      const found = solveSymmetric(a, n, times(a, n, shortest));
      const residual = times(a, n, found).map((value, i) => value - times(a, n, shortest)[i]!);
      assert.ok(largest(residual) < 1e-9 * largest(a) * largest(shortest), `residual ${largest(residual)}`);
      const norm = (x: Float64Array) => x.reduce((sum, value) => sum + value * value, 0);
      assert.ok(norm(found) <= norm(shortest) * (1 + 1e-9), "no longer than any other solution");
    }),
  );
});
