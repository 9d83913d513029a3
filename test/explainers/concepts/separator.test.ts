import assert from "node:assert/strict";
import { test } from "node:test";
import { type SeparatorKind, separate } from "../../../src/explainers/concepts/separator.js";
import { seededRandom } from "../../../src/explainers/numerics/random.js";

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** Points, and what the dual gives of them in the open: the normal and the loss's slope along every coordinate. */
function problem(seed: number, n: number, dimensions: number, gap: number) {
  const random = seededRandom(seed);
  const signs = Float64Array.from({ length: n }, (_, i) => (i % 3 === 0 ? -1 : 1));
  const points = Array.from(signs, (sign) =>
    Float64Array.from({ length: dimensions }, (_, k) => random.gaussian() + (k === 0 ? gap * sign : 0)),
  );
  const gram = new Float64Array(n * n);
  points.forEach((a, i) => {
    points.forEach((b, j) => {
      gram[i * n + j] = a.reduce((sum, value, k) => sum + value * b[k]!, 0);
    });
  });
  const mean = points[0]!.map((_, k) => points.reduce((sum, point) => sum + point[k]!, 0) / n);
  const spread = points.reduce((sum, p) => sum + p.reduce((s, v, k) => s + (v - mean[k]!) ** 2, 0), 0) / n;
  return { signs, points, gram, spread };
}

for (const [kind, slopeOf] of [
  ["logistic", (y: number, f: number) => -y * sigmoid(-y * f)],
  ["hinge", (y: number, f: number) => -2 * y * Math.max(0, 1 - y * f)],
] as [SeparatorKind, (y: number, f: number) => number][]) {
  test(`a ${kind} separator lies where the slope of its loss vanishes, in few and in many dimensions`, () => {
    for (const [n, dimensions, gap] of [
      [40, 3, 0.3],
      [30, 200, 1],
      [25, 2, 4],
      [12, 5, 0],
    ] as const) {
      for (const regularization of [1e-4, 0.01, 1]) {
        const { signs, points, gram, spread } = problem(n + dimensions, n, dimensions, gap);
        const { coefficients, intercept } = separate(kind, gram, signs, regularization);
        const normal = points[0]!.map((_, k) => coefficients.reduce((sum, c, i) => sum + c * points[i]![k]!, 0));
        const slopes = points.map((p, i) =>
          slopeOf(
            signs[i]!,
            p.reduce((sum, value, k) => sum + value * normal[k]!, intercept),
          ),
        );
        const scale = slopes.reduce((sum, slope) => sum + Math.abs(slope), 0) / n;
        const free = slopes.reduce((sum, slope) => sum + slope, 0) / n;
        assert.ok(Math.abs(free) < 1e-6 * scale, `intercept's slope ${free} of ${scale}`);
        normal.forEach((w, k) => {
          const slope = slopes.reduce((sum, s, i) => sum + s * points[i]![k]!, 0) / n + regularization * spread * w;
          assert.ok(Math.abs(slope) < 1e-6 * scale * Math.sqrt(spread), `slope ${slope} along ${k} of ${scale}`);
        });
      }
    }
  });
}

test("the difference of means points from one mean to the other, and its threshold is half-way", () => {
  const { signs, points, gram } = problem(3, 21, 4, 1);
  const { coefficients, intercept } = separate("means", gram, signs, 1);
  const meanOf = (sign: number) =>
    points[0]!.map((_, k) => {
      const own = points.filter((_, i) => signs[i] === sign);
      return own.reduce((sum, p) => sum + p[k]!, 0) / own.length;
    });
  const [above, below] = [meanOf(1), meanOf(-1)];
  const normal = points[0]!.map((_, k) => coefficients.reduce((sum, c, i) => sum + c * points[i]![k]!, 0));
  normal.forEach((value, k) => {
    assert.ok(Math.abs(value - (above[k]! - below[k]!)) < 1e-12);
  });
  const middle = above.map((value, k) => (value + below[k]!) / 2);
  assert.ok(Math.abs(middle.reduce((sum, value, k) => sum + value * normal[k]!, intercept)) < 1e-12);
});

test("points that are all the same, or set apart without a doubt, still give finite numbers", () => {
  const same = new Float64Array(16).fill(2);
  const signs = Float64Array.of(1, 1, -1, -1);
  for (const kind of ["logistic", "hinge", "means"] as const) {
    const { coefficients, intercept } = separate(kind, same, signs, 0.01);
    assert.ok([...coefficients, intercept].every(Number.isFinite), kind);
  }
});
