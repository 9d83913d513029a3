/** Splines over a sphere, derived a second time: as the smoothest sum of spherical harmonics, and by what they must keep. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Matrix, solve } from "ml-matrix";
import { ParameterError } from "../../../src/explainers/errors.js";
import { seededRandom } from "../../../src/explainers/numerics/random.js";
import { sphericalSpline } from "../../../src/explainers/numerics/spherical-spline.js";

/** Points all over the sphere. */
function onSphere(count: number, seed: number): Float64Array {
  const random = seededRandom(seed);
  const points = new Float64Array(3 * count);
  for (let at = 0; at < count; at++) {
    const [z, turn] = [2 * random.uniform() - 1, 2 * Math.PI * random.uniform()];
    const around = Math.sqrt(1 - z * z);
    points.set([around * Math.cos(turn), around * Math.sin(turn), z], 3 * at);
  }
  return points;
}

/** Associated Legendre function P_n^m without the sign of Condon and Shortley. */
function legendre(n: number, m: number, x: number): number {
  let value = 1;
  for (let k = 1; k <= m; k++) value *= (2 * k - 1) * Math.sqrt(1 - x * x);
  if (n === m) return value;
  let [before, now] = [value, (2 * m + 1) * x * value];
  for (let k = m + 2; k <= n; k++) [before, now] = [now, ((2 * k - 1) * x * now - (k + m - 1) * before) / (k - m)];
  return now;
}

const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));

/** Orthonormal real spherical harmonics up to degree `terms` without the constant, each divided by (n(n + 1))^(order / 2). */
function harmonics(points: Float64Array, terms: number, order: number): Matrix {
  return new Matrix(
    Array.from({ length: points.length / 3 }, (_, at) => {
      const [x, y, z] = [points[3 * at]!, points[3 * at + 1]!, points[3 * at + 2]!];
      const turn = Math.atan2(y, x);
      const row: number[] = [];
      for (let n = 1; n <= terms; n++) {
        const scale = (n * (n + 1)) ** (-order / 2);
        for (let m = 0; m <= n; m++) {
          const norm = Math.sqrt(((2 * n + 1) / (4 * Math.PI)) * (factorial(n - m) / factorial(n + m)));
          const value = scale * norm * legendre(n, m, z);
          if (m === 0) row.push(value);
          else row.push(Math.SQRT2 * value * Math.cos(m * turn), Math.SQRT2 * value * Math.sin(m * turn));
        }
      }
      return row;
    }),
  );
}

const applied = (weights: Float64Array, values: readonly number[]) =>
  Array.from({ length: weights.length / values.length }, (_, point) =>
    values.reduce((sum, value, electrode) => sum + weights[point * values.length + electrode]! * value, 0),
  );

test("the spline is the sum of spherical harmonics that bends least: found among the coefficients themselves", () => {
  const [terms, smoothing] = [9, 1e-4];
  for (const order of [2, 3, 4]) {
    const [electrodes, points] = [onSphere(14, order), onSphere(40, 10 + order)];
    const random = seededRandom(order);
    const values = Array.from({ length: 14 }, () => random.gaussian());
    const own = applied(sphericalSpline(electrodes, points, { order, smoothing, terms }), values);
    // Coefficients a and the constant that minimize |values − c₀ − Φa|² + λ|a|², which are as many as there are harmonics, not electrodes.
    const features = harmonics(electrodes, terms, order);
    const size = features.columns;
    const system = Matrix.zeros(size + 1, size + 1);
    system.setSubMatrix(features.transpose().mmul(features).add(Matrix.eye(size).mul(smoothing)), 0, 0);
    const sums = Matrix.ones(1, 14).mmul(features);
    system.setSubMatrix(sums, size, 0);
    system.setSubMatrix(sums.transpose(), 0, size);
    system.set(size, size, 14);
    const column = Matrix.columnVector(values);
    const right = Matrix.zeros(size + 1, 1);
    right.setSubMatrix(features.transpose().mmul(column), 0, 0);
    right.set(size, 0, column.sum());
    const solved = solve(system, right);
    const basis = harmonics(points, terms, order);
    const other = basis
      .mmul(solved.subMatrix(0, size - 1, 0, 0))
      .to1DArray()
      .map((value) => value + solved.get(size, 0));
    for (const [at, value] of own.entries()) {
      assert.ok(Math.abs(value - other[at]!) < 1e-7, `order ${order}: ${value} and ${other[at]}`);
    }
  }
});

test("it goes through the values, keeps constants, and turns with the head", () => {
  fc.assert(
    fc.property(fc.integer({ min: 4, max: 24 }), fc.integer({ min: 1, max: 1e6 }), (count, seed) => {
      const electrodes = onSphere(count, seed);
      const through = sphericalSpline(electrodes, electrodes, { smoothing: 0 });
      for (let i = 0; i < count; i++)
        for (let j = 0; j < count; j++)
          assert.ok(Math.abs(through[i * count + j]! - Number(i === j)) < 1e-5, `${through[i * count + j]}`);
      const points = onSphere(10, seed + 1);
      const weights = sphericalSpline(electrodes, points);
      for (const one of applied(
        weights,
        Array.from({ length: count }, () => 3),
      ))
        assert.ok(Math.abs(one - 3) < 1e-6);
      // A quarter turn about z, then about x.
      const turned = (vectors: Float64Array) =>
        Float64Array.from({ length: vectors.length }, (_, at) => {
          const [x, y, z] = [0, 1, 2].map((axis) => vectors[at - (at % 3) + axis]!) as [number, number, number];
          return [-y, -z, x][at % 3]!;
        });
      sphericalSpline(turned(electrodes), turned(points)).forEach((weight, at) => {
        assert.ok(Math.abs(weight - weights[at]!) < 1e-6);
      });
    }),
    { numRuns: 30 },
  );
});

test("what cannot be interpolated is refused by name", () => {
  const [electrodes, points] = [onSphere(5, 1), onSphere(2, 2)];
  const refused = (work: () => unknown, words: RegExp) =>
    assert.throws(work, (error) => error instanceof ParameterError && words.test(error.message));
  refused(() => sphericalSpline(electrodes.subarray(0, 3), points), /electrodes/);
  refused(() => sphericalSpline(electrodes, points.subarray(0, 4)), /points/);
  refused(() => sphericalSpline(electrodes, points, { order: 1 }), /order must be a whole number from 2 to 6/);
  refused(() => sphericalSpline(electrodes, points, { smoothing: -1 }), /smoothing/);
  refused(() => sphericalSpline(electrodes, points, { terms: 0 }), /terms/);
  refused(() => sphericalSpline(Float64Array.of(0, 0, 1, 0, 0, 1), points), /electrodes 1 and 2 at one place/);
});
