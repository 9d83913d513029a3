import assert from "node:assert/strict";
import { test } from "node:test";
import { autocorrelation, meanAutocorrelation, noise } from "../../../src/explainers/shattering/index.js";
import { near } from "../../helpers/numbers.js";

test("an AR(1) process of coefficient φ has autocorrelation φ ** k", () => {
  const shocks = noise("white", 200_000, 3);
  for (const coefficient of [0.9, 0.5, -0.7]) {
    const values = new Float64Array(shocks.length);
    for (let t = 1; t < values.length; t++) values[t] = coefficient * values[t - 1]! + shocks[t]!;
    const curve = autocorrelation(values, 8);
    curve.forEach((value, lag) => {
      near(value, coefficient ** lag, 0.015);
    });
  }
});

test("by hand: 1, 2, 3, 4 has 1, 1/4, −3/10, −9/20", () => {
  const curve = autocorrelation([1, 2, 3, 4], 3);
  [1, 0.25, -0.3, -0.45].forEach((expected, lag) => {
    near(curve[lag]!, expected, 1e-12);
  });
});

test("a step of two equal halves has 1 − 3k / n", () => {
  const step = Array.from({ length: 256 }, (_, i) => (i < 128 ? -3 : 5));
  const curve = autocorrelation(step, 20);
  curve.forEach((value, lag) => {
    near(value, 1 - (3 * lag) / 256, 1e-12);
  });
});

test("scale and offset change nothing", () => {
  const values = noise("brown", 300, 9);
  const moved = Float64Array.from(values, (value) => 40 - 7 * value);
  autocorrelation(values).forEach((value, lag) => {
    near(autocorrelation(moved)[lag]!, value, 1e-9);
  });
});

test("white noise forgets at once, brown noise is its running sum and remembers", () => {
  const mean = (kind: "white" | "brown") =>
    meanAutocorrelation(Array.from({ length: 40 }, (_, seed) => autocorrelation(noise(kind, 256, seed), 4)));
  near(mean("white")[1]!, 0, 0.03);
  near(mean("brown")[1]!, 0.97, 0.02);
  near(mean("brown")[4]!, 0.89, 0.05);
  const [white, brown] = [noise("white", 5, 1), noise("brown", 5, 1)];
  near(
    brown[4]!,
    white.reduce((sum, value) => sum + value, 0),
    1e-6,
  );
});

test("a constant has no autocorrelation, and is left out of a mean", () => {
  const constant = autocorrelation(new Float32Array(50).fill(0.1), 2);
  assert.deepEqual([...constant], [Number.NaN, Number.NaN, Number.NaN]);
  const known = autocorrelation([1, 2, 3, 4], 2);
  assert.deepEqual(meanAutocorrelation([constant, known]), known);
});

test("a lag that leaves no pair is refused", () => {
  assert.throws(() => autocorrelation([1, 2, 3], 3), { name: "ParameterError", parameter: "maxLag" });
});
