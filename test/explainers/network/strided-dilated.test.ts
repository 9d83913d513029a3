import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import { repairBackend } from "../../../src/explainers/network/backends/repair.js";
import { type Affine, linearMap, record, type Window } from "../../../src/explainers/network/index.js";

repairBackend();

const windows: Window[] = [
  {
    size: [3, 2],
    strides: [2, 3],
    dilations: [2, 2],
    padding: [
      [2, 1],
      [0, 3],
    ],
  },
  {
    size: [1, 3],
    strides: [3, 1],
    dilations: [2, 3],
    padding: [
      [0, 0],
      [2, 4],
    ],
  },
  {
    size: [2, 2],
    strides: [4, 4],
    dilations: [3, 2],
    padding: [
      [0, 0],
      [0, 0],
    ],
  },
  {
    size: [3, 3],
    strides: [1, 2],
    dilations: [2, 1],
    padding: [
      [7, 5],
      [1, 1],
    ],
  },
];

/** The kernel with zeros between its entries, which needs no dilation. */
function spread(weights: tf.Tensor4D, [y, x]: readonly [number, number]): tf.Tensor4D {
  const [height, width, inputs, outputs] = weights.shape;
  const wide = tf.buffer([(height - 1) * y + 1, (width - 1) * x + 1, inputs, outputs]);
  const values = weights.arraySync();
  values.forEach((row, i) => {
    row.forEach((column, j) => {
      column.forEach((vector, k) => {
        vector.forEach((value, l) => {
          wide.set(value, i * y, j * x, k, l);
        });
      });
    });
  });
  return wide.toTensor() as tf.Tensor4D;
}

/** A depthwise kernel as one of `tf.conv2d`, with zeros between channels: every processor's kernels know its strides. */
function betweenChannels(weights: tf.Tensor4D): tf.Tensor4D {
  const [height, width, channels, multiplier] = weights.shape;
  const own = tf.reshape(tf.eye(channels), [1, 1, channels, channels, 1]);
  const all = tf.mul(tf.reshape(weights, [height, width, channels, 1, multiplier]), own);
  return tf.reshape(all, [height, width, channels, channels * multiplier]);
}

for (const kind of ["conv2d", "depthwise"] as const) {
  test(`${kind} with strides and dilations: forward and transpose as with a kernel full of zeros`, () => {
    for (const window of windows) {
      tf.tidy(() => {
        const x = tf.randomNormal<tf.Rank.R4>([2, 11, 13, 3], 0, 1, "float32", 1);
        const weights = tf.randomNormal<tf.Rank.R4>([...window.size, 3, 2], 0, 1, "float32", 2);
        const map = linearMap({ kind, weights, bias: null, window } as Affine, weights, { own: (tensor) => tensor });
        const full = spread(weights, window.dilations);
        const kernel = kind === "conv2d" ? full : betweenChannels(full);
        const reference = (input: tf.Tensor): tf.Tensor =>
          tf.conv2d(
            tf.pad(input, [[0, 0], [...window.padding[0]], [...window.padding[1]], [0, 0]]) as tf.Tensor4D,
            kernel,
            [...window.strides],
            "valid",
          );
        const expected = reference(x);
        const s = tf.randomNormal(expected.shape, 0, 1, "float32", 3);
        const gap = (a: tf.Tensor, b: tf.Tensor): number => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!;
        assert.ok(gap(map.forward(x), expected) < 1e-5);
        assert.ok(gap(map.vjp(s, x.shape), tf.grad(reference)(x, s)) < 1e-5);
      });
    }
  });
}

test("batch norm behind a 1-d convolution is folded into it, and stays where it is not among the named ones", () => {
  const input = tf.input({ shape: [9, 3] });
  const convolved = tf.layers.conv1d({ name: "conv", filters: 4, kernelSize: 3 }).apply(input);
  const net = tf.model({
    inputs: input,
    outputs: tf.layers.batchNormalization({ name: "norm" }).apply(convolved) as tf.SymbolicTensor,
  });
  const x = tf.randomNormal([2, 9, 3], 0, 1, "float32", 4);
  const kindsWith = (foldBatchNorm: boolean | string[]): string[] => {
    const recording = record(net, x, { foldBatchNorm });
    const kinds = recording.graph.nodes.map(({ operation }) => operation.kind);
    recording.dispose();
    return kinds;
  };
  assert.ok(!kindsWith(true).includes("scale"));
  assert.ok(!kindsWith(["norm"]).includes("scale"));
  assert.ok(kindsWith(["another"]).includes("scale"));
  assert.ok(kindsWith(false).includes("scale"));
});
