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

/** Where each window's entry goes: to the first of the largest, by rows. Plain loops over `[batch, height, width, channel]`. */
function winners(x: tf.Tensor4D, dy: tf.Tensor4D, size: number[], strides: number[], before: number[]): number[] {
  const [, height, width, channels] = x.shape;
  const result = new Array<number>(x.size).fill(0);
  const [values, arriving] = [x.dataSync(), dy.dataSync()];
  arriving.forEach((value, index) => {
    const channel = index % channels;
    const column = Math.floor(index / channels) % dy.shape[2];
    const row = Math.floor(index / channels / dy.shape[2]) % dy.shape[1];
    const sample = Math.floor(index / channels / dy.shape[2] / dy.shape[1]);
    let best = -1;
    for (let i = 0; i < size[0]!; i++) {
      for (let j = 0; j < size[1]!; j++) {
        const [y, z] = [row * strides[0]! + i - before[0]!, column * strides[1]! + j - before[1]!];
        if (y < 0 || z < 0 || y >= height || z >= width) continue;
        const place = ((sample * height + y) * width + z) * channels + channel;
        if (best === -1 || values[place]! > values[best]!) best = place;
      }
    }
    result[best]! += value;
  });
  return result;
}

test("a max pool gives all to its first winner, ties, zeros and negative numbers included", () => {
  for (const [height, width, size, strides, pad] of [
    [4, 4, [2, 2], [2, 2], "valid"],
    [7, 6, [3, 2], [2, 1], "same"],
    [5, 8, [2, 3], [1, 3], "same"],
    [6, 7, [2, 2], [3, 3], "valid"],
    [1, 12, [1, 2], [1, 2], "valid"],
    [
      5,
      5,
      [3, 3],
      [2, 2],
      [
        [0, 0],
        [1, 1],
        [1, 1],
        [0, 0],
      ],
    ],
  ] as [number, number, [number, number], [number, number], "valid"][]) {
    for (const [low, high] of [
      [0, 1],
      [-3, 0],
      [-2, 3],
    ]) {
      const x = tf.floor(tf.randomUniform([2, height, width, 3], low, high, "float32", 5)) as tf.Tensor4D;
      const pooled = (x: tf.Tensor) => tf.maxPool(x as tf.Tensor4D, size, strides, pad);
      const dy = tf.randomUniform(pooled(x).shape, -1, 1, "float32", 6) as tf.Tensor4D;
      const before = [0, 1].map((axis) => {
        if (typeof pad !== "string") return 1;
        const [entries, rows] = [x.shape[axis + 1]!, dy.shape[axis + 1]!];
        return Math.floor(Math.max(0, (rows - 1) * strides[axis]! + size[axis]! - entries) / 2);
      });
      const found = gradient(pooled, x, dy);
      winners(x, dy, size, strides, before).forEach((value, i) => {
        assert.ok(
          Math.abs(found[i]! - value) < 1e-6,
          `${[height, width, size, strides, pad, low]}, ${i}: ${found[i]}, not ${value}`,
        );
      });
    }
  }
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
