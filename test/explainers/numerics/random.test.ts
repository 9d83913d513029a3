import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "../../../src/explainers/numerics/random.js";

const COUNT = 40_000;

test("the same seed gives the same numbers, another seed others", () => {
  const draw = (seed: number) => Array.from(seededRandom(seed).gaussians(100));
  assert.deepEqual(draw(3), draw(3));
  assert.notDeepEqual(draw(3), draw(4));
  assert.notDeepEqual(draw(0), draw(1));
});

test("uniform numbers fill [0, 1) evenly and are not correlated with their successors", () => {
  const numbers = seededRandom(1).uniforms(COUNT);
  const counts = new Array<number>(10).fill(0);
  let product = 0;
  numbers.forEach((value, index) => {
    assert.ok(value >= 0 && value < 1);
    counts[Math.floor(value * 10)]!++;
    product += (value - 0.5) * ((numbers[index + 1] ?? 0.5) - 0.5);
  });
  // χ² with 9 degrees of freedom: 27.9 is its 99.9 % quantile.
  const expected = COUNT / 10;
  const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  assert.ok(chiSquare < 27.9, `χ² ${chiSquare}`);
  assert.ok(Math.abs((product / COUNT) * 12) < 4 / Math.sqrt(COUNT));
});

test("normal numbers have the moments of a normal distribution", () => {
  const numbers = seededRandom(2).gaussians(COUNT);
  const moment = (power: number) => numbers.reduce((sum, value) => sum + value ** power, 0) / COUNT;
  // Four standard errors of each moment: their variances are 1, 2, 15 and 96.
  const tolerance = (variance: number) => 4 * Math.sqrt(variance / COUNT);
  assert.ok(Math.abs(moment(1)) < tolerance(1));
  assert.ok(Math.abs(moment(2) - 1) < tolerance(2));
  assert.ok(Math.abs(moment(3)) < tolerance(15));
  assert.ok(Math.abs(moment(4) - 3) < tolerance(96));
});

test("a permutation holds every index once, and each place is equally likely", () => {
  const random = seededRandom(5);
  const first = new Array<number>(4).fill(0);
  for (let i = 0; i < 4000; i++) {
    const order = random.permutation(4);
    assert.deepEqual([...order].sort(), [0, 1, 2, 3]);
    first[order[0]!]!++;
  }
  for (const count of first) assert.ok(Math.abs(count - 1000) < 4 * Math.sqrt(750), String(first));
});
