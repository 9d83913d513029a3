import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import { ModelError } from "../../../../src/explainers/errors.js";
import { scorer } from "../../../../src/explainers/methods/perturbation/engine/batches.js";
import { blend, coalitionCopies } from "../../../../src/explainers/methods/perturbation/features/coalitions.js";
import { occlusion } from "../../../../src/explainers/methods/perturbation/windows/occlusion.js";
import { seededRandom } from "../../../../src/explainers/numerics/random.js";
import { follow } from "../../../../src/explainers/progress.js";
import { linearModel } from "../../../helpers/nets.js";
import { close } from "../../../helpers/numbers.js";
import { leavesNoTensors, normals } from "../../../helpers/tensors.js";

const ENTRIES = 100;

/** Copies that hold their own number in every entry, scored by it; `sizes` gets the rows of every batch that is scored. */
function numbered(count: number, sizes: number[]) {
  return {
    count,
    make: (start: number, rows: number) =>
      tf.mul(tf.reshape(tf.range(start, start + rows), [rows, 1]), tf.ones([ENTRIES])),
    score: (copies: tf.Tensor) => {
      sizes.push(copies.shape[0]!);
      return tf.mean(copies, 1) as tf.Tensor1D;
    },
  };
}

test("all batches of a sample have one size, whatever the count, and give every copy's score once", async () => {
  for (const count of [1, 2, 7, 23, 64]) {
    const sizes: number[] = [];
    const done: number[] = [];
    const progress = follow(count, { onProgress: (progress) => done.push(progress.done) });
    const scores = await leavesNoTensors(() => scorer(20_000, progress)(numbered(count, sizes)));
    close(
      scores,
      Float32Array.from({ length: count }, (_, i) => i),
      1e-6,
      `${count} copies`,
    );
    // The first runs alone and unmeasured, the second alone and measured.
    assert.equal(new Set(sizes.slice(2)).size, count <= 2 ? 0 : 1, `batches of ${sizes}`);
    const filled = sizes.reduce((sum, size) => sum + size, 0) - count;
    assert.ok(filled < sizes.length, `${filled} copies to fill up ${sizes.length} batches`);
    assert.equal(done.at(-1), count);
  }
});

test("the memory of a copy is measured once for all samples", async () => {
  const sizes: number[] = [];
  const score = scorer(20_000, follow(60, {}));
  for (let sample = 0; sample < 3; sample++) await score(numbered(20, sizes));
  assert.equal(sizes.filter((size) => size === 1).length, 2);
});

test("what a method prepares when it is first asked for a copy is not what copies take", async () => {
  let prepared: tf.Tensor | undefined;
  const fitted = numbered(20, []);
  const scores = await leavesNoTensors(() =>
    scorer(
      20_000,
      follow(20, {}),
    )({
      ...fitted,
      make(start, rows) {
        // Ten times the budget, as the patches are that a Gaussian is fitted to.
        prepared ??= tf.sum(tf.ones([50_000]));
        return fitted.make(start, rows);
      },
    }),
  );
  assert.equal(scores.length, 20);
});

test("a score that is not finite is named by its copy", async () => {
  const poisoned = {
    ...numbered(30, []),
    score: (copies: tf.Tensor) => tf.reciprocal(tf.sub(tf.mean(copies, 1), 17)) as tf.Tensor1D,
  };
  await leavesNoTensors(() =>
    assert.rejects(
      () => scorer(20_000, follow(30, {}))(poisoned),
      (error) => error instanceof ModelError && /input 17 is Infinity/.test(error.message),
    ),
  );
});

test("coalition copies are the sample's values where a feature is present and the baseline's elsewhere, exactly", () => {
  const shape = [5, 4, 3];
  const random = seededRandom(8);
  const values = Float32Array.from(random.gaussians(60));
  const ids = Int32Array.from({ length: 60 }, (_, i) => (i < 6 ? i : random.integer(6)));
  const coalitions = Float32Array.from({ length: 7 * 6 }, () => random.integer(2));
  for (const baseline of [new Float32Array(60), Float32Array.from(random.gaussians(60))]) {
    const copies = coalitionCopies(values, baseline, shape, { ids, count: 6 }, coalitions);
    assert.deepEqual(copies.shape, [7, ...shape]);
    copies.dataSync<"float32">().forEach((value, i) => {
      const entry = i % 60;
      const present = coalitions[Math.floor(i / 60) * 6 + ids[entry]!] === 1;
      assert.ok(value === (present ? values : baseline)[entry], `entry ${i} is ${value}`);
    });
    copies.dispose();
  }
});

test("a mask without channels hides all channels of a place", () => {
  const values = Float32Array.from({ length: 12 }, (_, i) => i + 1);
  const mask = tf.tensor([1, 0, 0.5, 1], [1, 2, 2, 1]);
  const copies = blend(values, new Float32Array(12).fill(2), [2, 2, 3], mask);
  close(copies.dataSync(), [1, 2, 3, 2, 2, 2, 4.5, 5, 5.5, 10, 11, 12], 1e-6);
});

test("a window over the whole sample is one copy: the fall is f(x) − f(baseline) everywhere", async () => {
  const random = normals(9);
  const weights = random(4, 4, 2);
  const image = random(1, 4, 4, 2);
  const { relevance, output } = await occlusion(linearModel(weights, 3), { window: 4 })(image, { target: 0 });
  close(relevance, new Float32Array(32).fill(output[0]! - 3), 1e-5);
});
