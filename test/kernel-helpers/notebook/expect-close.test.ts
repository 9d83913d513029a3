import assert from "node:assert/strict";
import { test } from "node:test";
import { type Expectation, recordNotebook } from "../../../src/comms/recording.js";
import { ExpectationError, expectClose, ParameterError } from "../../../src/kernel-helpers/index.js";

test("expectClose lets through what is within its tolerance, and says of the rest by how much", () => {
  expectClose(0.972, 0.97, 0.01);
  expectClose(0.5, 0.25, 0.25);
  expectClose(3, 3, 0);
  assert.throws(
    () => expectClose(0.95, 0.97, 0.01),
    (error: unknown) =>
      error instanceof ExpectationError &&
      error.value === 0.95 &&
      error.expected === 0.97 &&
      error.tolerance === 0.01 &&
      /The value is 0\.95, expected was 0\.97 ± 0\.01: it is off by 0\.0200\./.test(error.message),
  );
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => expectClose(value, 1, 1e300), ExpectationError);
  }
});

test("what cannot be compared is a wrong parameter, by name", () => {
  assert.throws(() => expectClose("1" as never, 1, 0), /value must be a number, but is "1"/);
  assert.throws(() => expectClose(1, Number.NaN, 0), ParameterError);
  assert.throws(() => expectClose(1, 1, -1), /tolerance must be/);
  assert.throws(() => expectClose(1, 1, Number.NaN), ParameterError);
});

test("a recorder hears of each, also of the one that fails", () => {
  const heard: Expectation[] = [];
  recordNotebook({ cellEnded() {}, expected: (one) => void heard.push(one), wished() {} });
  try {
    expectClose(1, 1, 0.5);
    assert.throws(() => expectClose(2, 1, 0.5));
  } finally {
    recordNotebook(undefined);
  }
  assert.deepEqual(heard, [
    { value: 1, expected: 1, tolerance: 0.5 },
    { value: 2, expected: 1, tolerance: 0.5 },
  ]);
});
