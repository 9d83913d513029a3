/** Lists of numbers in tests: their sums and sizes, and assertions that two of them agree. */
import assert from "node:assert/strict";

export const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((total, value) => total + value, 0);

/** Σ |value|. */
export const flow = (values: ArrayLike<number>): number => sum(Array.from(values, Math.abs));

/** The largest magnitude; 0 of nothing. */
export const largest = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0);

type Numbers = number | ArrayLike<number>;

const listOf = (numbers: Numbers): number[] => (typeof numbers === "number" ? [numbers] : Array.from(numbers));

/** Asserts that the numbers differ by `tolerance` at the most, each. */
export function near(actual: Numbers, expected: Numbers, tolerance = 1e-5, what = ""): void {
  const [found, wanted] = [listOf(actual), listOf(expected)];
  assert.equal(found.length, wanted.length, what);
  wanted.forEach((value, i) => {
    assert.ok(Math.abs(found[i]! - value) <= tolerance, `${what} entry ${i}: ${found[i]} instead of ${value}`);
  });
}

/** Asserts that the numbers differ by `tolerance` times the largest expected one at the most, each. */
export function close(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number, what = ""): void {
  near(actual, expected, tolerance * Math.max(1e-12, largest(expected)), what);
}
