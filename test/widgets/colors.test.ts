import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { COLORS, clipLimit, colorize, colorOf, colorTable } from "../../src/comms/states/colors.js";

const MIDDLE = (COLORS - 1) / 2;

function bytes(word: number): number[] {
  return [...new Uint8Array(new Uint32Array([word]).buffer)];
}

test("the limit is the order statistic that sorting gives", () => {
  const values = fc.array(fc.float({ noDefaultInfinity: true, noNaN: true }), { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(values, fc.double({ min: 0, max: 100, noNaN: true }), (list, percentile) => {
      const sorted = Float32Array.from(list, Math.abs).sort();
      const wanted = sorted[Math.round((percentile / 100) * (sorted.length - 1))];
      assert.equal(clipLimit(Float32Array.from(list), percentile), wanted);
    }),
  );
});

test("the limit leaves out what is not finite, and is 0 when nothing is left", () => {
  assert.equal(clipLimit(Float32Array.of(Number.NaN, -2, Number.POSITIVE_INFINITY, 1), 100), 2);
  assert.equal(clipLimit(Float32Array.of(Number.NaN), 50), 0);
  assert.equal(clipLimit(new Float32Array(0), 50), 0);
});

test("zero is the middle color, the limit an end color, beyond it the same end", () => {
  const table = colorTable(true, false);
  const out = new Uint32Array(6);
  colorize(Float32Array.of(0, 2, -2, 7, Number.NEGATIVE_INFINITY, Number.NaN), 2, true, table, out);
  assert.deepEqual([...out], [table[MIDDLE], table[COLORS - 1], table[0], table[COLORS - 1], table[0], table[COLORS]]);
});

test("opposite values are mirrored: as far from the middle, red for and blue against", () => {
  fc.assert(
    fc.property(fc.double({ min: 0.1, max: 1, noNaN: true }), (value) => {
      const [red, , blue] = colorOf(value, true);
      const [redAgainst, , blueAgainst] = colorOf(-value, true);
      assert.ok(red > blue && blueAgainst > redAgainst);
    }),
  );
});

test("an unsigned scale starts at its first color and grows lighter", () => {
  const table = colorTable(false, false);
  const out = new Uint32Array(3);
  colorize(Float32Array.of(0, 0.5, 1), 1, false, table, out);
  assert.deepEqual([out[0], out[2]], [table[0], table[COLORS - 1]]);
  const lightness = Array.from({ length: COLORS }, (_, i) => {
    const [red = 0, green = 0, blue = 0] = bytes(table[i]!);
    return 0.299 * red + 0.587 * green + 0.114 * blue;
  });
  lightness.forEach((light, i) => {
    assert.ok(i < 8 || light > lightness[i - 8]! - 1e-9, `color ${i}`);
  });
});

test("a veil is clear at zero and covers at the limit", () => {
  const table = colorTable(true, true);
  assert.equal(bytes(table[MIDDLE]!)[3], 0);
  assert.equal(bytes(table[COLORS - 1]!)[3], 255);
  assert.equal(bytes(table[COLORS]!)[3], 0);
});
