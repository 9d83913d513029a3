import assert from "node:assert/strict";
import { test } from "node:test";
import { type NucleiPatchOptions, nucleiPatches, ParameterError } from "../../../src/kernel-helpers/index.js";

const [HEIGHT, WIDTH] = [120, 512];
/** Discs of 9 pixels' radius every 40 pixels, numbered, on ground of 1 %; each pixel tells its column in its brightness. */
const masks = new Uint16Array(HEIGHT * WIDTH);
const values = new Float32Array(HEIGHT * WIDTH);
for (let row = 0; row < HEIGHT; row++) {
  for (let column = 0; column < WIDTH; column++) {
    const [down, across] = [Math.floor(row / 40), Math.floor(column / 40)];
    // Every third field is empty.
    const inside = (down + across) % 3 !== 0 && Math.hypot(row - 40 * down - 20, column - 40 * across - 20) < 9;
    masks[row * WIDTH + column] = inside ? 1 + down * 20 + across : 0;
    values[row * WIDTH + column] = inside ? 100 : 1;
  }
}
const micrograph = { name: "made", values, masks, shape: [1, HEIGHT, WIDTH, 1] as const };
const patches = (options: NucleiPatchOptions) => nucleiPatches(micrograph, options);

test("labels are what the middle lies in; pixels, masks and shares are those around it", () => {
  const { values: cut, shape, labels, masks: own, centers, covered } = patches({ part: "test", count: 30 });
  assert.deepEqual(shape, [60, 32, 32, 1]);
  assert.equal(labels.filter((label) => label === 1).length, 30);
  centers.forEach(([row, column], at) => {
    const number = masks[row * WIDTH + column]!;
    assert.equal(labels[at], number > 0 ? 1 : 0);
    let within = 0;
    for (let pixel = 0; pixel < 1024; pixel++) {
      const there = (row - 16 + Math.floor(pixel / 32)) * WIDTH + column - 16 + (pixel % 32);
      const expected = masks[there] === 0 ? 0 : masks[there] === number ? 2 : 1;
      assert.equal(own[1024 * at + pixel], expected);
      assert.ok(Math.abs(cut[1024 * at + pixel]! - values[there]! / 100) < 1e-6);
      if (masks[there]! > 0) within += 1 / 1024;
    }
    assert.ok(Math.abs(covered[at]! - within) < 1e-9);
  });
});

test("no pixel of a training patch is in a test patch, and one seed gives one choice", () => {
  const [train, held] = [patches({ part: "train", count: 200 }), patches({ part: "test", count: 200 })];
  const last = Math.max(...train.centers.map(([, column]) => column + 15));
  const first = Math.min(...held.centers.map(([, column]) => column - 16));
  assert.ok(last < first, `${last} and ${first}`);
  assert.deepEqual(patches({ part: "train", count: 9, seed: 4 }), patches({ part: "train", count: 9, seed: 4 }));
  assert.notDeepEqual(
    patches({ part: "train", count: 9, seed: 5 }).centers,
    patches({ part: "train", count: 9, seed: 4 }).centers,
  );
});

test("without a count it takes each nucleus once, in its middle; empty background holds none", () => {
  const { centers, labels } = patches({ part: "test" });
  const inside = centers.filter((_, at) => labels[at] === 1);
  const numbers = inside.map(([row, column]) => masks[row * WIDTH + column]);
  assert.equal(new Set(numbers).size, inside.length);
  for (const [row, column] of inside.filter(([, at]) => at < 480))
    assert.ok(Math.hypot((row % 40) - 20, (column % 40) - 20) < 6);
  const empty = patches({ part: "train", background: "empty", count: 20 });
  assert.deepEqual(
    empty.covered.map((share) => Number(share > 0)),
    empty.labels,
  );
});

test("pictures without masks and more patches than there are places are refused", () => {
  const { masks: _, ...bare } = micrograph;
  assert.throws(() => nucleiPatches(bare, { part: "test" }), /set must be pictures with masks/);
  assert.throws(() => patches({ part: "test", count: 1e6 }), ParameterError);
});
