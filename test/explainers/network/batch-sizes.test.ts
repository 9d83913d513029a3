import assert from "node:assert/strict";
import { before, test } from "node:test";
import * as tf from "@tensorflow/tfjs";
import { lrp } from "../../../src/explainers/index.js";

before(() => tf.setBackend("cpu"));

test("what was recorded with one batch size runs with every other", async () => {
  const net = tf.sequential({
    layers: [tf.layers.flatten({ inputShape: [2, 1] }), tf.layers.dense({ units: 2 })],
  });
  const explain = lrp(net, { composite: "epsilon" });
  const { relevance: recorded } = await explain(tf.ones([27, 2, 1]), { target: 1 });
  // Of most sizes the ratio gives the size again; these are those of which it does not.
  const uneven = Array.from({ length: 130 }, (_, at) => at + 1).filter((count) => 27 * (count / 27) !== count);
  assert.ok(uneven.length > 5);
  for (const count of [1, 26, ...uneven]) {
    const { relevance } = await explain(tf.ones([count, 2, 1]), { target: 1 });
    assert.equal(relevance.length, 2 * count);
    assert.deepEqual(relevance.subarray(-2), recorded.subarray(0, 2), `a batch of ${count}`);
  }
});
