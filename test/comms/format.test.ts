import assert from "node:assert/strict";
import test from "node:test";
import {
  formatCell,
  formatFixed,
  formatNumber,
  formatPercent,
  formatRemaining,
  formatShape,
  formatShort,
  formatSigned,
  formatTick,
} from "../../src/comms/format.js";

test("numbers are short, with a true minus sign", () => {
  const cases: [number, string][] = [
    [0, "0"],
    [9.257, "9.26"],
    [-0.5, "−0.500"],
    [12345.6, "12346"],
    [-3.719e-5, "−3.72e−5"],
    [1e-6, "1e−6"],
    [2.5e7, "2.5e7"],
    [Number.NaN, "not a number"],
    [Number.NEGATIVE_INFINITY, "−∞"],
  ];
  for (const [value, text] of cases) assert.equal(formatNumber(value), text);
  assert.equal(formatSigned(0.0031), "+0.00310");
  assert.equal(formatSigned(0), "0");
});

test("shares are whole percents, with a decimal below one", () => {
  assert.deepEqual(
    [0.4084, 0.0094, 0.00123, 0.00001, 0, 1].map((share) => formatPercent(share).replaceAll("\u202f", " ")),
    ["41 %", "0.9 %", "0.1 %", "< 0.1 %", "0.0 %", "100 %"],
  );
});

test("what is left of some work is said once there is something to judge by", () => {
  const cases: [seconds: number, share: number, text: string][] = [
    [0.5, 0.5, ""],
    [10, 0, ""],
    [10, 1, ""],
    [10, 0.5, "about 10 s left"],
    [1, 0.999, "about 1 s left"],
    [60, 0.1, "about 9 min left"],
    [3600, 0.2, "about 4 h left"],
  ];
  for (const [seconds, share, text] of cases) {
    assert.equal(formatRemaining(seconds, share).replaceAll("\u202f", " "), text);
  }
});

test("shapes are joined by the sign of multiplication", () => {
  assert.equal(formatShape([14, 14, 112]), "14×14×112");
});

test("the numbers of a scale are written alike", () => {
  const ticks = (limit: number) => [-limit, -limit / 2, 0, limit].map((value) => formatTick(value, limit, true));
  assert.deepEqual(ticks(0.0012), ["−0.0012", "−0.0006", "0", "+0.0012"]);
  assert.deepEqual(ticks(5.6e-4), ["−5.6e−4", "−2.8e−4", "0", "+5.6e−4"]);
  assert.deepEqual(ticks(250), ["−250", "−125", "0", "+250"]);
  assert.equal(formatTick(0.75, 1.5, false), "0.8");
});

test("settings have no zeros at their end, fixed decimals no negative zero", () => {
  const cases: [number, string][] = [
    [0.25, "0.25"],
    [1, "1"],
    [100, "100"],
    [1e-6, "1e−6"],
    [12345, "12345"],
    [0.30000000000000004, "0.3"],
    [-2.5, "−2.5"],
  ];
  for (const [value, text] of cases) assert.equal(formatShort(value), text);
  assert.equal(formatFixed(-0.0001, 2), "0.00");
  assert.equal(formatFixed(-1.005, 1), "−1.0");
});

test("cells of a table have four decimals, or a power of ten", () => {
  const cases: [number, string][] = [
    [0, "0"],
    [9.03214, "9.0321"],
    [-0.5, "−0.5000"],
    [0.0001234, "1.23e−4"],
    [-123456, "−1.23e5"],
  ];
  for (const [value, text] of cases) assert.equal(formatCell(value), text);
});
