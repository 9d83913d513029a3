import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { barParts } from "../../src/widgets/explorer/layers.js";

const layer = (sum: number, absorbed: number) => ({
  name: "layer",
  kind: "conv2d",
  shape: [1],
  sum,
  absorbed,
  kept: 0,
});
const height = ([from, to]: [number, number]) => to - from;
const near = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) < 1e-6, `${actual} ${expected}`);

test("own, beside and absorbed make a full bar when relevance only shrinks", () => {
  const cases = fc.tuple(
    fc.double({ min: 0.01, max: 50, noNaN: true }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.double({ min: 0, max: 1, noNaN: true }),
  );
  fc.assert(
    fc.property(cases, fc.boolean(), ([size, share, kept], negative) => {
      const output = negative ? -size : size;
      const absorbed = output * (1 - kept);
      const parts = barParts([layer(output * kept * share, absorbed)], output)[0]!;
      near(height(parts.own), 100 * kept * share);
      near(height(parts.beside), 100 * kept * (1 - share));
      near(height(parts.absorbed), 100 * (1 - kept));
      near(parts.absorbed[1], 100);
    }),
  );
});

test("relevance that biases added stands above the output's height", () => {
  const [full, grown] = barParts([layer(2, 0), layer(4, -2)], 2);
  near(full!.own[1], 50);
  near(grown!.own[1], 100);
  assert.deepEqual(grown!.absorbed, [50, 100]);
  near(height(grown!.beside), 0);
});

test("a layer of negative relevance goes below the line of zero", () => {
  const [first, second] = barParts([layer(3, 0), layer(-1, 4)], 3);
  near(first!.own[0], 25);
  assert.deepEqual(second!.own, [0, 25]);
});
