import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import { InputShapeError } from "../../../../src/explainers/index.js";
import { rise } from "../../../../src/explainers/methods/perturbation/index.js";
import { seededRandom } from "../../../../src/explainers/numerics/random.js";

/**
 * How often a published mask (Petsiuk et al. 2018, section 3.2; the authors' code: `skimage.transform.resize`, order 1, of
 * s × s bits to (s + 1)C × (s + 1)C, half-pixel centers, edges repeated) shows the middle row's places and the middle at once.
 */
function published(size: number, cells: number, masks: number): number[] {
  const random = seededRandom(7);
  const cell = Math.ceil(size / cells);
  const large = (cells + 1) * cell;
  const sums = new Array<number>(size).fill(0);
  const middle = size / 2;
  for (let mask = 0; mask < masks; mask++) {
    const bits = Array.from({ length: cells }, () =>
      Array.from({ length: cells }, () => (random.uniform() < 0.5 ? 1 : 0)),
    );
    const [down, right] = [random.integer(cell), random.integer(cell)];
    const at = (row: number, column: number): number => {
      const place = (entry: number) => Math.min(Math.max(((entry + 0.5) * cells) / large - 0.5, 0), cells - 1);
      const [y, x] = [place(row), place(column)];
      const [top, left] = [Math.floor(y), Math.floor(x)];
      const [bottom, end] = [Math.min(top + 1, cells - 1), Math.min(left + 1, cells - 1)];
      const [v, h] = [y - top, x - left];
      const upper = bits[top]![left]! * (1 - h) + bits[top]![end]! * h;
      const lower = bits[bottom]![left]! * (1 - h) + bits[bottom]![end]! * h;
      return upper * (1 - v) + lower * v;
    };
    const center = at(middle + down, middle + right);
    for (let column = 0; column < size; column++) sums[column]! += center * at(middle + down, column + right);
  }
  return sums.map((sum) => sum / masks / 0.5);
}

test("RISE's masks vary as the published ones do", async () => {
  const [size, cells] = [28, 4];
  // f is the middle place alone, so what comes out says how often the masks show it together with another one.
  const middle = (x: tf.Tensor) => tf.reshape(tf.slice(x, [0, size / 2, size / 2, 0], [-1, 1, 1, 1]), [-1, 1]);
  const { relevance } = await rise(middle, { masks: 12_000, cells, estimate: "mean" })(tf.ones([1, size, size, 1]), {
    target: 0,
  });
  const expected = published(size, cells, 12_000);
  for (let column = 0; column < size; column++) {
    const gap = Math.abs(relevance[(size / 2) * size + column]! - expected[column]!);
    assert.ok(gap < 0.015, `column ${column}: off by ${gap}`);
  }
});

test("RISE refuses volumes by name", async () => {
  const sum = (x: tf.Tensor) => tf.reshape(tf.sum(x, [1, 2, 3, 4]), [-1, 1]);
  await assert.rejects(() => rise(sum, { masks: 10 })(tf.ones([1, 3, 4, 4, 1]), { target: 0 }), InputShapeError);
});
