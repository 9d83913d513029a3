import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import { filledFromNeighbors, filledLinearly } from "../../../src/explainers/evaluation/perturbing/imputation.js";
import { orderer } from "../../../src/explainers/evaluation/perturbing/order.js";
import { openReplacement } from "../../../src/explainers/evaluation/perturbing/replacement.js";
import { solveSymmetric } from "../../../src/explainers/numerics/linear-algebra.js";
import { seededRandom } from "../../../src/explainers/numerics/random.js";
import { near } from "../../helpers/numbers.js";
import { leavesNoTensors, normals } from "../../helpers/tensors.js";

/** Where about a share of the positions is missing, for each sample, `[…, 1]`. */
const missing = (seed: number, share: number, ...shape: number[]) =>
  tf.tidy(() =>
    tf.less(tf.tensor(seededRandom(seed).uniforms(shape.reduce((a, b) => a * b)), shape), share).cast("float32"),
  );

/** The equations of Rong et al. written down for one channel, solved by elimination. */
function solvedDirectly(values: Float32Array, gone: Float32Array, height: number, width: number): Float64Array {
  const unknowns = [...gone.keys()].filter((place) => gone[place] === 1);
  const index = new Map(unknowns.map((place, i) => [place, i]));
  const n = unknowns.length;
  const matrix = new Float64Array(n * n);
  const right = new Float64Array(n);
  unknowns.forEach((place, i) => {
    const [row, column] = [Math.floor(place / width), place % width];
    for (let dy = -1; dy <= 1; dy++) {
      for (let dx = -1; dx <= 1; dx++) {
        const [y, x] = [row + dy, column + dx];
        if ((dy === 0 && dx === 0) || y < 0 || x < 0 || y >= height || x >= width) continue;
        const weight = dy === 0 || dx === 0 ? 1 / 6 : 1 / 12;
        matrix[i * n + i]! += weight;
        const other = index.get(y * width + x);
        if (other === undefined) right[i]! += weight * values[y * width + x]!;
        else matrix[i * n + other]! -= weight;
      }
    }
  });
  const found = solveSymmetric(matrix, n, right);
  const result = Float64Array.from(values);
  unknowns.forEach((place, i) => {
    result[place] = found[i]!;
  });
  return result;
}

test("noisy-linear imputation solves the equations of its paper, of every sample and channel", () => {
  const [height, width] = [11, 9];
  for (const share of [0.3, 0.7, 0.95]) {
    tf.tidy(() => {
      const pictures = normals(5)(2, height, width, 3) as tf.Tensor4D;
      const gone = missing(8, share, 2, height, width, 1);
      const left = tf.sub(1, gone).broadcastTo(pictures.shape) as tf.Tensor4D;
      const filled = filledLinearly(pictures, left);
      for (const sample of [0, 1]) {
        for (const channel of [0, 1, 2]) {
          const at = (x: tf.Tensor) => x.slice([sample, 0, 0, channel], [1, -1, -1, 1]).dataSync<"float32">();
          const expected = solvedDirectly(at(pictures), gone.slice(sample, 1).dataSync<"float32">(), height, width);
          near(at(filled), expected, 3e-3, `${share} ${sample} ${channel}`);
        }
      }
    });
  }
});

test("a linear ramp is restored where its middle is gone, and a line of a signal is drawn straight", () => {
  tf.tidy(() => {
    const ramp = tf.range(0, 12).reshape([1, 1, 12, 1]).tile([1, 12, 1, 1]) as tf.Tensor4D;
    const left = tf.ones(ramp.shape).sub(
      tf.pad(tf.ones([1, 6, 6, 1]), [
        [0, 0],
        [3, 3],
        [3, 3],
        [0, 0],
      ]),
    ) as tf.Tensor4D;
    near(filledLinearly(ramp, left).dataSync(), ramp.dataSync(), 5e-3);
    const signal = tf.tensor4d([0, 9, 9, 9, 4, 5], [1, 1, 6, 1]);
    const kept = tf.tensor4d([1, 0, 0, 0, 1, 1], [1, 1, 6, 1]);
    near(filledLinearly(signal, kept).dataSync(), [0, 1, 2, 3, 4, 5], 1e-3);
  });
});

test("what is left stays bit by bit, a constant stays itself, and of a picture that is gone its mean stands", () => {
  tf.tidy(() => {
    const pictures = normals(6)(2, 13, 10, 2) as tf.Tensor4D;
    const gone = missing(3, 0.6, 2, 13, 10, 1);
    const left = tf.sub(1, gone).broadcastTo(pictures.shape) as tf.Tensor4D;
    for (const fill of [filledFromNeighbors, filledLinearly]) {
      const filled = fill(pictures, left);
      near(filled.mul(left).dataSync(), pictures.mul(left).dataSync(), 0);
      near(fill(tf.fill(pictures.shape, 0.7), left).dataSync(), tf.fill(pictures.shape, 0.7).dataSync(), 1e-4);
      const nothing = fill(pictures, tf.zeros(pictures.shape));
      near(nothing.dataSync(), tf.mean(pictures, [1, 2], true).broadcastTo(pictures.shape).dataSync(), 1e-4);
    }
    // A hole of one pixel has the mean of what the next scale holds of it.
    const dot = tf.tensor4d([1, 5, 3, 2], [1, 2, 2, 1]);
    near(filledFromNeighbors(dot, tf.tensor4d([1, 0, 1, 1], [1, 2, 2, 1])).dataSync(), [1, 2, 3, 2], 1e-6);
  });
});

test("replacements give each sample of a batch its own, keep what is not removed, and leave no tensor", async () => {
  const x = normals(2)(3, 6, 6, 2);
  const gone = missing(4, 0.5, 3, 6, 6, 1);
  await leavesNoTensors(async () => {
    for (const kind of ["uniform", "mean", "blurred", "zero", 0.25, "neighbors", "noisy-linear"] as const) {
      const replacement = openReplacement(kind, "zero", x, {}, 7);
      const later = replacement.later();
      tf.tidy(() => {
        const all = replacement.apply(x, gone, Int32Array.from([0, 1, 2]));
        near(all.mul(tf.sub(1, gone)).dataSync(), x.mul(tf.sub(1, gone)).dataSync(), 0, String(kind));
        for (const sample of [0, 2]) {
          const [row, mask] = [x.slice(sample, 1), gone.slice(sample, 1)];
          const one = replacement.apply(row, mask, Int32Array.from([sample]));
          near(one.dataSync(), all.slice(sample, 1).dataSync(), 2e-3, String(kind));
          near(later(row, mask, sample).dataSync(), one.dataSync(), 1e-6, String(kind));
        }
      });
      replacement.dispose();
    }
    const rows = tf.zeros([2, 5]);
    assert.throws(() => openReplacement("neighbors", "zero", rows, {}, 0), { name: "ParameterError" });
    rows.dispose();
  });
});

test("uniform lies between the bounds of the model, by channel", () => {
  tf.tidy(() => {
    const replacement = openReplacement(
      "uniform",
      "zero",
      tf.zeros([1, 40, 40, 2]),
      { low: [0, 10], high: [1, 30] },
      1,
    );
    const drawn = replacement.apply(tf.zeros([1, 40, 40, 2]), tf.ones([1, 1, 1, 1]), Int32Array.from([0]));
    const [first, second] = tf.split(drawn, 2, 3) as [tf.Tensor, tf.Tensor];
    near([first.min().dataSync()[0]!, first.max().dataSync()[0]!], [0, 1], 0.01);
    near([second.min().dataSync()[0]!, second.max().dataSync()[0]!], [10, 30], 0.2);
    replacement.dispose();
  });
});

test("orders are those of a stable sort over a drawn order, for every kind of number", () => {
  const random = seededRandom(3);
  for (let trial = 0; trial < 50; trial++) {
    const values = Float32Array.from({ length: 1 + random.integer(60) }, () => {
      const kind = random.integer(4);
      return kind === 0
        ? 0
        : kind === 1
          ? -0
          : kind === 2
            ? random.integer(3) - 1
            : random.gaussian() * 10 ** (random.integer(60) - 30);
    });
    const drawn = Array.from(seededRandom(trial).permutation(values.length));
    const expected = drawn.toSorted((a, b) => values[b]! - values[a]!);
    assert.deepEqual(Array.from(orderer(values.length, "morf", trial)(values)), expected);
    const least = drawn.toSorted((a, b) => values[a]! - values[b]!);
    assert.deepEqual(Array.from(orderer(values.length, "lerf", trial)(values)), least);
    assert.deepEqual(Array.from(orderer(values.length, "random", trial)(values)), drawn);
  }
});
