import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import { AbortedError, ParameterError, spray } from "../../../src/explainers/index.js";
import { adjustedRandIndex, kMeans } from "../../../src/explainers/numerics/k-means.js";
import { type Random, seededRandom } from "../../../src/explainers/numerics/random.js";
import { largestEigen } from "../../../src/explainers/numerics/sparse-eigen.js";
import { symmetricEigen } from "../../../src/explainers/numerics/symmetric-eigen.js";

const SIZE = 24;

/** Maps of an object somewhere near the middle; where `marked`, of a mark in the corner as well, which takes most of the relevance. */
function maps(random: Random, marked: readonly boolean[]) {
  const relevance = new Float32Array(marked.length * SIZE * SIZE);
  marked.forEach((isMarked, map) => {
    const [y, x] = [9 + random.integer(6), 9 + random.integer(6)];
    for (let at = 0; at < SIZE * SIZE; at++) {
      const [row, column] = [Math.floor(at / SIZE), at % SIZE];
      const object = Math.exp(-((row - y) ** 2 + (column - x) ** 2) / 18);
      const mark = isMarked && row < 5 && column < 9 ? 1.5 : 0;
      relevance[map * SIZE * SIZE + at] = object + mark + 0.1 * random.gaussian();
    }
  });
  return { relevance, shape: [marked.length, SIZE, SIZE, 1] };
}

test("a watermark in a tenth of the maps is a group of its own, and the eigenvalues say that there are two", async () => {
  for (const seed of [1, 2, 3]) {
    const marked = Array.from({ length: 150 }, (_, i) => i % 10 === 3);
    const data = maps(seededRandom(seed), marked);
    const before = tf.memory().numTensors;
    const found = await spray()(data);
    assert.equal(found.suggested, 2, [...found.eigenvalues].join());
    assert.ok(adjustedRandIndex(found.clusters, marked.map(Number)) > 0.9);
    assert.deepEqual(found.sizes, [135, 15]);
    assert.deepEqual(found.warnings, []);
    // The small group's mean has the mark.
    const mark = found.means[SIZE * SIZE + 2 * SIZE + 3]!;
    assert.ok(mark > 1.3 && Math.abs(found.means[2 * SIZE + 3]!) < 0.2, `${mark}`);
    // In the plane too the marked ones lie together: nearest to each is another marked one.
    const { plane } = found;
    marked.forEach((isMarked, i) => {
      if (!isMarked) return;
      const distances = marked.map((_, j) =>
        i === j ? Infinity : Math.hypot(plane![2 * i]! - plane![2 * j]!, plane![2 * i + 1]! - plane![2 * j + 1]!),
      );
      assert.ok(marked[distances.indexOf(Math.min(...distances))]);
    });
    assert.equal(tf.memory().numTensors, before);
  }
});

test("patterns are told apart wherever they lie by their Fourier magnitudes, and not by where relevance is", async () => {
  const random = seededRandom(5);
  const kinds = Array.from({ length: 90 }, (_, i) => i % 3);
  const relevance = new Float32Array(90 * 256);
  kinds.forEach((kind, map) => {
    const [shiftY, shiftX] = [random.uniform() * 16, random.uniform() * 16];
    for (let at = 0; at < 256; at++) {
      const [row, column] = [Math.floor(at / 16) + shiftY, (at % 16) + shiftX];
      const wave = kind === 0 ? row : kind === 1 ? column : row + column;
      relevance[map * 256 + at] = Math.sin((2 * Math.PI * 3 * wave) / 16) + 0.2 * random.gaussian();
    }
  });
  const withChannel = { relevance, shape: [90, 16, 16, 1] };
  const found = await spray({ feature: "fourier", projection: "none", side: 16 })(withChannel);
  assert.equal(found.suggested, 3);
  assert.equal(adjustedRandIndex(found.clusters, kinds), 1);
  assert.equal(found.plane, null);
  // Round the edge a shift changes nothing.
  const shifted = relevance.map((_, at) => relevance[Math.floor(at / 256) * 256 + ((at + 5 * 16) % 256)]!);
  const again = await spray({ feature: "fourier", projection: "none", side: 16 })({
    ...withChannel,
    relevance: shifted,
  });
  found.eigenvalues.forEach((value, k) => {
    assert.ok(Math.abs(value - again.eigenvalues[k]!) < 1e-4);
  });
});

test("the same seed gives the same groups and places; maps without groups are said to have none", async () => {
  const random = seededRandom(6);
  const data = { relevance: random.gaussians(60 * 16), shape: [60, 16] };
  const [one, other] = [await spray({ seed: 4 })(data), await spray({ seed: 4 })(data)];
  assert.deepEqual(one, other);
  assert.equal(one.suggested, 1);
  assert.match(one.warnings.join(), /do not fall into groups/);
});

test("so few maps that each is everybody's neighbor have their places, too", async () => {
  for (const [count, neighbors] of [
    [3, 1],
    [3, 2],
    [6, 5],
  ] as const) {
    const data = { relevance: seededRandom(count).gaussians(count * 16), shape: [count, 16] };
    const { plane, sizes } = await spray({ neighbors, clusters: 2 })(data);
    assert.equal(plane!.length, 2 * count);
    assert.ok(plane!.every(Number.isFinite), `${plane}`);
    assert.equal(
      sizes.reduce((sum, size) => sum + size),
      count,
    );
  }
});

test("what cannot be grouped is refused by name, and a run can be stopped", async () => {
  const random = seededRandom(7);
  const data = { relevance: random.gaussians(30 * 16), shape: [30, 16] };
  await assert.rejects(spray({ neighbors: 30 })(data), ParameterError);
  await assert.rejects(spray({ clusters: 31 })(data), ParameterError);
  await assert.rejects(spray({ neighbors: 1 })({ relevance: random.gaussians(32), shape: [2, 16] }), /at least 3 maps/);
  await assert.rejects(
    spray()({ ...data, relevance: data.relevance.map((value, at) => (at < 16 ? 0 : value)) }),
    /maps\[0\]/,
  );
  assert.throws(() => spray({ side: 1 }), ParameterError);
  const controller = new AbortController();
  const before = tf.memory().numTensors;
  await assert.rejects(
    spray()(data, { signal: controller.signal, onProgress: () => controller.abort() }),
    AbortedError,
  );
  assert.equal(tf.memory().numTensors, before);
});

test("eigenvalues of a sparse matrix are those of the dense one, as often as they are there", () => {
  const random = seededRandom(8);
  // Three parts of which two are the same: each of their eigenvalues is there twice.
  const part = Array.from({ length: 12 }, (_, i) =>
    Array.from({ length: 12 }, (_, j) => (Math.abs(i - j) <= 2 ? ((i + j) % 5) + 1 : 0)),
  );
  const other = part.map((row, i) => row.map((value, j) => (i === j ? value + random.uniform() : value)));
  const blocks = [part, part, other];
  const size = 36;
  const dense = new Float64Array(size * size);
  blocks.forEach((block, b) => {
    block.forEach((row, i) => {
      row.forEach((value, j) => {
        dense[(12 * b + i) * size + 12 * b + j] = value;
      });
    });
  });
  const starts = new Int32Array(size + 1);
  const [columns, values]: [number[], number[]] = [[], []];
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      if (dense[i * size + j] === 0) continue;
      columns.push(j);
      values.push(dense[i * size + j]!);
    }
    starts[i + 1] = columns.length;
  }
  const matrix = { size, starts, columns: Int32Array.from(columns), values: Float64Array.from(values) };
  const expected = symmetricEigen(dense, size);
  for (const count of [1, 4, 9, 36]) {
    const found = largestEigen(matrix, count);
    for (let k = 0; k < count; k++)
      assert.ok(Math.abs(found.values[k]! - expected.values[k]!) < 1e-6, `${k} of ${count}`);
    for (let k = 0; k < count; k++) {
      for (let i = 0; i < size; i++) {
        let image = 0;
        for (let j = 0; j < size; j++) image += dense[i * size + j]! * found.vectors[j * count + k]!;
        assert.ok(Math.abs(image - found.values[k]! * found.vectors[i * count + k]!) < 1e-5);
      }
    }
  }
});

test("groups of points are found from any start, numbered by size", () => {
  const random = seededRandom(9);
  const kinds = Array.from({ length: 60 }, (_, i) => (i < 35 ? 0 : i < 52 ? 1 : 2));
  const points = Float64Array.from(
    kinds.flatMap((kind) => [random.gaussian() + 9 * kind, random.gaussian() - 5 * kind]),
  );
  for (const seed of [0, 1, 2]) assert.deepEqual([...kMeans(points, 2, 3, { seed }).groups], kinds);
  assert.equal(adjustedRandIndex([0, 0, 1, 1], [5, 5, 2, 2]), 1);
  // Worked by hand: 2 pairs agree of 6; expected 2·2/6.
  assert.ok(Math.abs(adjustedRandIndex([0, 0, 1, 1], [0, 1, 0, 1]) + 0.5) < 1e-12);
});
