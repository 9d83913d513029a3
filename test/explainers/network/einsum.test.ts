import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import { gradients, lrp, record } from "../../../src/explainers/index.js";
import { einsum, onTensors } from "../../../src/explainers/network/operations/parts/einsum.js";
import { sum } from "../../helpers/numbers.js";
import { normals } from "../../helpers/tensors.js";

/** What Keras' EinsumDense and MultiHeadAttention write, what Hugging Face's models do, and what else the kernel takes. */
const equations: readonly (readonly [string, ...(readonly number[])[]])[] = [
  ["abc,cd->abd", [2, 3, 4], [4, 5]],
  ["abc,cde->abde", [2, 3, 4], [4, 2, 5]],
  ["abcd,cde->abe", [2, 3, 2, 5], [2, 5, 4]],
  ["aecd,abcd->acbe", [2, 3, 2, 5], [2, 4, 2, 5]],
  ["acbe,aecd->abcd", [2, 2, 4, 3], [2, 3, 2, 5]],
  ["...x,xy->...y", [2, 3, 4], [4, 5]],
  ["...ij,...jk->...ik", [2, 2, 3, 4], [2, 2, 4, 3]],
  ["...ij,...jk->...ik", [2, 2, 3, 4], [1, 4, 3]],
  ["bqhd,bkhd->bhqk", [2, 3, 2, 4], [2, 5, 2, 4]],
  ["bhqk,bkhd->bqhd", [2, 2, 3, 5], [2, 5, 2, 4]],
  ["bthd,hdo->btho", [2, 3, 2, 4], [2, 4, 5]],
  ["btd,td->btd", [2, 3, 4], [3, 4]],
  ["btd,t->bd", [2, 3, 4], [3]],
  ["btd,td->bt", [2, 3, 4], [3, 4]],
  ["btd,de->be", [2, 3, 4], [4, 5]],
  ["bd,e->bde", [2, 3], [4]],
  ["bd,be->bde", [2, 3], [2, 4]],
  ["bt,btd->bd", [2, 3], [2, 3, 4]],
  ["bi,bi->b", [2, 3], [2, 3]],
  ["dbt,ed->bte", [4, 2, 3], [5, 4]],
  ["btt->bt", [2, 3, 3]],
  ["btd->bdt", [2, 3, 4]],
  ["btd->b", [2, 3, 4]],
];

const [draw, drawWeights] = [normals(1), normals(2)];
const span = (x: tf.Tensor): number => tf.max(tf.abs(x)).dataSync()[0]!;

test("the sum in operations that every backend has is the kernel's", () => {
  for (const [equation, ...shapes] of equations) {
    tf.tidy(() => {
      const [first, second] = shapes.map((shape) => draw(...shape)) as [tf.Tensor, tf.Tensor?];
      const own = einsum(onTensors, equation, first, second)!;
      const expected = tf.einsum(equation, ...(second === undefined ? [first] : [first, second]));
      assert.deepEqual(own.shape, expected.shape, equation);
      assert.ok(span(tf.sub(own, expected)) < 1e-5, equation);
    });
  }
});

test("an equation that does not fit its operands is none", () => {
  assert.equal(einsum(onTensors, "ij,jk->ik", tf.ones([2, 2, 2]), tf.ones([2, 2])), undefined);
  assert.equal(einsum(onTensors, "ij->i", tf.ones([2, 2]), tf.ones([2, 2])), undefined);
});

interface Case {
  readonly name: string;
  readonly net: (x: tf.Tensor) => tf.Tensor;
  readonly shape: readonly number[];
}

/** Each equation with its first, its second and both operands computed, where their first axis is the batch. */
const cases: Case[] = equations.flatMap(([equation, first, second]): Case[] => {
  const isBatch = equation.startsWith("d") ? [] : [first!];
  if (second === undefined) return [{ name: equation, net: (x) => tf.einsum(equation, x), shape: first! }];
  const letters = equation.split(",").map((term) => term[0]);
  const alone = isBatch.flatMap((shape): Case[] => {
    // Constant weights that know samples apart are those of one batch.
    if (letters[0] === letters[1] && (letters[0] !== "." || second.length === shape.length)) return [];
    const weights = drawWeights(...second);
    return [{ name: `${equation}, constant weights`, net: (x) => tf.einsum(equation, x, weights), shape }];
  });
  const reversed = isBatch.flatMap((shape): Case[] => {
    if (letters[0] === letters[1] && (letters[0] !== "." || second.length === shape.length)) return [];
    const weights = drawWeights(...second);
    const [left, right] = equation.split("->") as [string, string];
    const swapped = `${left.split(",").reverse().join(",")}->${right}`;
    return [{ name: `${swapped}, constant first`, net: (x) => tf.einsum(swapped, weights, x), shape }];
  });
  const factors = drawWeights(1, ...second.slice(1));
  const both = (x: tf.Tensor) => {
    const other = tf.mul(
      tf.tile(tf.sum(x, [...x.shape.keys()].slice(1), true).reshape([x.shape[0]!, ...second.slice(1).map(() => 1)]), [
        1,
        ...second.slice(1),
      ]),
      factors,
    );
    return tf.einsum(equation, x, other);
  };
  const isBoth = letters[0] === letters[1] && second[0] === first![0];
  return [...alone, ...reversed, ...(isBoth ? [{ name: `${equation}, both computed`, net: both, shape: first! }] : [])];
});

for (const { name, net, shape } of cases) {
  test(`${name}: forward, slopes and relevance at another batch size`, async () => {
    for (const batch of [2, 3]) {
      const x = draw(batch, ...shape.slice(1));
      const recording = record(net, x);
      const [output] = recording.outputs;
      assert.ok(recording.graph.nodes.every(({ operation }) => operation.kind !== "unknown"));
      const seed = tf.tensor(
        Array.from({ length: output!.size }, (_, i) => Math.sin(i) + 0.3),
        output!.shape,
      );
      const found = gradients(recording, new Map([[recording.graph.outputs[0]!, seed]]));
      const gradient = found.get(recording.graph.inputs[0]!)!;
      // A linear or quadratic function: central differences are exact.
      const direction = normals(7)(...x.shape);
      const along = (t: number) => tf.sum(tf.mul(net(tf.add(x, tf.mul(direction, t))), seed)).dataSync()[0]!;
      const slope = (along(0.5) - along(-0.5)) / 1;
      const own = tf.sum(tf.mul(gradient, direction)).dataSync()[0]!;
      assert.ok(Math.abs(slope - own) < 1e-3 * Math.max(1, Math.abs(slope)), `${own}, not ${slope}`);
      const { relevance, output: explained } = await lrp(net, { composite: "attention", bias: "distribute" })(x, {
        target: () => seed,
      });
      const scale = Math.max(1, Math.abs(sum(explained)), ...relevance.map(Math.abs));
      assert.ok(Math.abs(sum(relevance) - sum(explained)) < 1e-3 * scale, `${sum(relevance)}, not ${sum(explained)}`);
      recording.dispose();
    }
  });
}

test("ε-LRP through a constant-weight sum is that of the dense layer that it is", async () => {
  const weights = drawWeights(4, 2, 3);
  const x = draw(2, 5, 4);
  const byLetters = (x: tf.Tensor) => tf.sum(tf.relu(tf.einsum("btd,dhe->bthe", x, weights)), [1, 2]);
  const byMatrix = (x: tf.Tensor) => {
    const z = tf.matMul(tf.reshape(x, [-1, 4]), tf.reshape(weights, [4, 6]) as tf.Tensor2D);
    return tf.sum(tf.relu(tf.reshape(z, [x.shape[0]!, 5, 2, 3])), [1, 2]);
  };
  for (const composite of ["attention", "epsilon-plus", "epsilon-alpha2-beta1"]) {
    const [one, other] = await Promise.all(
      [byLetters, byMatrix].map((net) => lrp(net, { composite })(x, { target: 1 })),
    );
    const off = Math.max(...one!.relevance.map((value, i) => Math.abs(value - other!.relevance[i]!)));
    assert.ok(off < 1e-5, `${composite} is off by ${off}`);
  }
});
