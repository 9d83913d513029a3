import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { before, test } from "node:test";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { gradients, record } from "../../../src/explainers/index.js";

/* What WebAssembly's kernels lack or get wrong, and the explainers must get right there as well. */

before(async () => {
  const main = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm");
  setWasmPaths(`${dirname(main)}/`);
  assert.ok(await tf.setBackend("wasm"));
});

/** The gradient of `Σ seed · f(x)`. */
function gradient(f: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor, seed: tf.Tensor): number[] {
  const recording = record(f, x);
  const result = gradients(recording, new Map([[recording.graph.outputs[0]!, seed]]));
  const values = Array.from(result.get(recording.graph.inputs[0]!)!.dataSync());
  recording.dispose();
  for (const tensor of result.values()) tensor.dispose();
  return values;
}

test("a max pool has its winner also where nothing is above zero", () => {
  const x = tf.tensor4d([-3, -1, 2, 5, 0, -2, 0, 0, -7, -7.5, -1e-6, -2e-6], [1, 1, 12, 1]);
  const pooled = (x: tf.Tensor) => tf.maxPool(x as tf.Tensor4D, [1, 2], [1, 2], "valid");
  const found = gradient(pooled, x, tf.tensor4d([1, 2, 3, 4, 5, 6], [1, 1, 6, 1]));
  assert.deepEqual(found.slice(0, 6), [0, 1, 0, 2, 3, 0]);
  assert.equal(found[6]! + found[7]!, 4);
  assert.deepEqual(found.slice(8), [5, 0, 6, 0]);
});

test("mirrored and strided entries return to where they came from", () => {
  const mirrored = (x: tf.Tensor) =>
    tf.mirrorPad(
      x,
      [
        [0, 0],
        [1, 1],
      ],
      "reflect",
    );
  const x = tf.tensor2d([[1, 2, 3]]);
  assert.deepEqual(gradient(mirrored, x, tf.tensor2d([[1, 10, 100, 1000, 10000]])), [10, 10101, 1000]);
  const strided = (x: tf.Tensor) => tf.stridedSlice(x, [0, 0], [1, 3], [1, 2]);
  assert.deepEqual(gradient(strided, x, tf.tensor2d([[1, 2]])), [1, 0, 2]);
});
