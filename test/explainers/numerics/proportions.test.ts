import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ParameterError } from "../../../src/explainers/errors.js";
import { pairedDifference, wilsonInterval } from "../../../src/explainers/numerics/proportions.js";
import { seededRandom } from "../../../src/explainers/numerics/random.js";

const near = (actual: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} ≠ ${expected}`);

test("Wilson's ends solve (p̂ − p)² = z² p (1 − p) / n, which defines them", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), fc.nat(), (count, some) => {
      const hits = some % (count + 1);
      const { value, low, high } = wilsonInterval(hits, count, 0.95);
      assert.equal(value, hits / count);
      for (const p of [low, high]) near((value - p) ** 2, (1.959963984540054 ** 2 * p * (1 - p)) / count, 1e-12);
      assert.ok(0 <= low && low <= value && value <= high && high <= 1);
    }),
  );
});

test("the difference of pairs is antisymmetric, and its interval holds the true one about as often as it says", () => {
  const before = [1, 0, 1, 1, 0, 1];
  const after = [1, 1, 0, 1, 1, 1];
  const there = pairedDifference(before, after);
  const back = pairedDifference(after, before);
  near(there.value, 1 / 6, 1e-12);
  near(there.low, -back.high, 1e-12);
  // By hand: b = 2 won, c = 1 lost of 6; (2.5 − 1.5)/8 ± 1.96 √((4/8 − (1/8)²)/8).
  near(there.high, 1 / 8 + 1.959963984540054 * Math.sqrt((0.5 - 1 / 64) / 8), 1e-9);
  assert.deepEqual(pairedDifference([true, false], [true, false]).value, 0);
  const random = seededRandom(3);
  let held = 0;
  for (let run = 0; run < 1000; run++) {
    const pairs = Array.from({ length: 80 }, () => {
      const both = random.uniform();
      return [Number(both < 0.8), Number(both < 0.75 || both > 0.9)] as const;
    });
    const { low, high } = pairedDifference(
      pairs.map(([was]) => was),
      pairs.map(([, is]) => is),
    );
    if (low <= 0.05 && 0.05 <= high) held++;
  }
  assert.ok(held > 930 && held < 985, `${held} of 1000`);
});

test("what cannot be counted is refused", () => {
  assert.throws(() => wilsonInterval(5, 4), ParameterError);
  assert.throws(() => wilsonInterval(0, 0), ParameterError);
  assert.throws(() => wilsonInterval(1, 2, 95), /^ParameterError: level must be between 0 and 1, but is 95/);
  assert.throws(() => pairedDifference([1], [1, 0]), ParameterError);
  assert.throws(() => pairedDifference([], []), ParameterError);
});
