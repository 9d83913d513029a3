import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { balanceInWords, barParts } from "../../src/widgets/explorer/layers.js";
import { near } from "../helpers/numbers.js";

const layer = (sum: number, absorbed: number) => ({
  name: "layer",
  kind: "conv2d",
  shape: [1],
  sum,
  absorbed,
  kept: 0,
});
const height = ([from, to]: [number, number]) => to - from;

test("own, beside and what is missing to the output's height are the books", () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const cases = fc.tuple(fc.double({ min: 0.01, max: 50, noNaN: true }), share, share);
  fc.assert(
    fc.property(cases, fc.boolean(), ([size, share, kept], negative) => {
      const output = negative ? -size : size;
      const absorbed = output * (1 - kept);
      const { bars, output: full } = barParts([layer(output * kept * share, absorbed)], output);
      near(height(full), 100, 1e-6);
      near(height(bars[0]!.own), 100 * kept * share, 1e-6);
      near(height(bars[0]!.beside), 100 * kept * (1 - share), 1e-6);
      near(bars[0]!.beside[0], bars[0]!.own[1], 1e-6);
    }),
  );
});

test("relevance that biases added stands above the output's height", () => {
  const { bars, output } = barParts([layer(2, 0), layer(4, -2)], 2);
  assert.deepEqual(output, [0, 50]);
  near(bars[0]!.own[1], 50, 1e-6);
  near(bars[1]!.own[1], 100, 1e-6);
  near(height(bars[1]!.beside), 0, 1e-6);
});

test("a layer of negative relevance goes below the line of zero", () => {
  const { bars, output } = barParts([layer(3, 0), layer(-1, 4)], 3);
  assert.deepEqual(output, [25, 100]);
  near(bars[0]!.own[0], 25, 1e-6);
  assert.deepEqual(bars[1]!.own, [0, 25]);
});

test("what biases keep is absorbed, what they give is added: no negative number is absorbed", () => {
  assert.equal(
    balanceInWords({ sum: 0.12, absorbed: 9.12 }, 9.24),
    "9.24 enters, 0.120 reaches the pixels, 9.12 absorbed",
  );
  assert.equal(
    balanceInWords({ sum: 10.8, absorbed: -1.57 }, 9.24),
    "9.24 enters, 10.8 reaches the pixels, 1.57 added by biases",
  );
  assert.equal(balanceInWords({ sum: 9.24, absorbed: 1e-6 }, 9.24), "9.24 enters, 9.24 reaches the pixels");
  assert.equal(
    balanceInWords({ sum: -4, absorbed: 1 }, -3),
    "−3.00 enters, −4.00 reaches the pixels, −1.00 added by biases",
  );
});
