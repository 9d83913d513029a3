import assert from "node:assert/strict";
import { test } from "node:test";
import "@tensorflow/tfjs-node";
import {
  freezeNet,
  linearPieces,
  lineGrid,
  montufarLowerBound,
  randomNet,
  zigzag,
} from "../../../src/explainers/shattering/index.js";
import { evaluate } from "./evaluate.js";
import { smallNets } from "./nets.js";

test("a zigzag net of n folds and L layers has n ** L pieces on [0, 1], its kinks evenly spaced", async () => {
  for (const folds of [2, 3, 4]) {
    for (const layers of [1, 2, 3, 4, 5]) {
      const { count, kinks } = await linearPieces(zigzag(folds, layers), { from: 0, to: 1 });
      assert.equal(count, folds ** layers, `${folds} folds, ${layers} layers`);
      kinks.forEach((kink, i) => {
        assert.ok(Math.abs(kink - (i + 1) / folds ** layers) < 1e-12);
      });
    }
  }
});

test("a zigzag net maps [0, 1] onto [0, 1] with slopes of ± n ** L", () => {
  const net = zigzag(3, 2);
  for (let k = 0; k <= 9; k++) assert.ok(Math.abs(evaluate(net, k / 9) - (k % 2)) < 1e-12);
  assert.ok(Math.abs(evaluate(net, 0.5 / 9) - 0.5) < 1e-12);
});

test("Montufar's bound: by hand, and reached by the zigzag net, which has one piece more to the left of 0", async () => {
  assert.equal(montufarLowerBound(1, [2, 2, 2]), 2 * 2 * 3);
  // ⌊7/2⌋² · ⌊4/2⌋² · (C(5,0) + C(5,1) + C(5,2))
  assert.equal(montufarLowerBound(2, [7, 4, 5]), 9 * 4 * 16);
  assert.equal(montufarLowerBound(3, [3]), 8);
  const { count } = await linearPieces(zigzag(4, 1), { from: -1, to: 1 });
  assert.equal(count, montufarLowerBound(1, [4]));
});

test("one layer: every unit whose kink lies on the interval ends a piece", async () => {
  const net = randomNet({ depth: 1, width: 40, seed: 3 });
  const { weights, bias } = net.steps[0]!;
  const expected = Array.from(weights, (w, i) => -bias![i]! / w)
    .filter((kink) => kink > -2 && kink < 2)
    .sort((a, b) => a - b);
  const { count, kinks } = await linearPieces(freezeNet(net, lineGrid()), { from: -2, to: 2 });
  assert.equal(count, expected.length + 1);
  kinks.forEach((kink, i) => {
    assert.ok(Math.abs(kink - expected[i]!) < 1e-9);
  });
});

for (const [name, options] of Object.entries(smallNets)) {
  test(`${name}: the function is linear between kinks and bends at each of them`, async () => {
    const net = freezeNet(randomNet(options), lineGrid());
    const { kinks, count } = await linearPieces(net, { from: -2, to: 2 });
    assert.equal(count, kinks.length + 1);
    assert.ok(count > 5);
    const ends = [-2, ...kinks, 2];
    const slopes = ends.slice(1).map((end, i) => {
      const start = ends[i]!;
      const at = [0.1, 0.37, 0.9].map((share) => evaluate(net, start + share * (end - start)));
      const length = end - start;
      const slope = (at[2]! - at[0]!) / (0.8 * length);
      const deviation = Math.abs(at[1]! - (at[0]! + slope * 0.27 * length));
      assert.ok(deviation < 1e-11, `[${start}, ${end}] deviates by ${deviation}`);
      return { slope, length };
    });
    slopes.slice(1).forEach(({ slope, length }, i) => {
      const before = slopes[i]!;
      if (Math.min(length, before.length) > 1e-6) assert.ok(Math.abs(slope - before.slope) > 1e-9);
    });
  });
}

test("a mean-centered layer bends at one point, the middle of the grid", async () => {
  const net = randomNet({ architecture: "mean-centered", depth: 1, width: 50, seed: 9 });
  const { kinks } = await linearPieces(freezeNet(net, lineGrid({ from: -1, to: 3 })), { from: -1, to: 3 });
  assert.equal(kinks.length, 1);
  assert.ok(Math.abs(kinks[0]! - 1) < 1e-7);
});

test("units that cancel make no kink: a net that looks linear is linear", async () => {
  const net = randomNet({ initialization: "looks-linear", depth: 6, width: 20, seed: 2 });
  const { count } = await linearPieces(freezeNet(net, lineGrid()), { from: -2, to: 2 });
  assert.equal(count, 1);
});

test("a count can be followed and stopped", async () => {
  const found: number[] = [];
  const stop = new AbortController();
  const onProgress = (progress: { done: number; total: number; found: number }) => {
    assert.equal(progress.total, 100);
    found.push(progress.found);
    if (progress.done >= 50) stop.abort();
  };
  const count = linearPieces(zigzag(4, 6), { from: 0, to: 1, onProgress, signal: stop.signal });
  await assert.rejects(count, { name: "AbortedError" });
  assert.ok(found.length > 1 && found.every((value, i) => i === 0 || value >= found[i - 1]!));
  assert.ok(found.at(-1)! >= 2047 && found.at(-1)! < 2800, `${found.at(-1)}`);
});

test("an empty interval and a net without folds are refused", async () => {
  await assert.rejects(linearPieces(zigzag(2, 1), { from: 1, to: 1 }), { name: "ParameterError", parameter: "to" });
  assert.throws(() => zigzag(0, 1), { name: "ParameterError", parameter: "folds" });
  assert.throws(() => montufarLowerBound(3, [4, 2]), { name: "ParameterError", parameter: "widths" });
});
