import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import fc from "fast-check";
import { rankedSoftmax } from "../../../src/explainers/numerics/softmax.js";

test("shares are TensorFlow's softmax, sum to one and fall with the scores", () => {
  fc.assert(
    fc.property(fc.array(fc.float({ min: -80, max: 80, noNaN: true }), { minLength: 2, maxLength: 12 }), (scores) => {
      const ranked = rankedSoftmax(scores);
      const expected = tf.tidy(() => tf.softmax(tf.tensor1d(scores)).dataSync<"float32">());
      for (const { index, score, probability } of ranked) {
        assert.equal(score, scores[index]);
        assert.ok(Math.abs(probability - expected[index]!) < 1e-5);
      }
      assert.ok(Math.abs(ranked.reduce((sum, { probability }) => sum + probability, 0) - 1) < 1e-12);
      ranked.forEach(({ score, index }, place) => {
        const before = ranked[place - 1];
        if (before) assert.ok(before.score > score || (before.score === score && before.index < index));
      });
    }),
  );
});

test("a lone score is a yes or no, and no size of the scores overflows", () => {
  for (const score of [-3, 0, 2]) {
    assert.ok(Math.abs(rankedSoftmax([score])[0]!.probability - 1 / (1 + Math.exp(-score))) < 1e-15);
  }
  assert.equal(rankedSoftmax([1000])[0]!.probability, 1);
  assert.equal(rankedSoftmax([-1000])[0]!.probability, 0);
  assert.deepEqual(
    rankedSoftmax([1e4, -1e4, 1e4]).map(({ index, probability }) => [index, probability]),
    [
      [0, 0.5],
      [2, 0.5],
      [1, 0],
    ],
  );
});
