import assert from "node:assert/strict";
import { test } from "node:test";
import "@tensorflow/tfjs-node";
import { type ShatteringRow, shatteringTable } from "../../../src/explainers/shattering/index.js";

test("gradients shatter as published: lags 1 and 4 of every row within 0.1, over ten runs", () => {
  const rows: ShatteringRow[] = [];
  for (const row of shatteringTable({ runs: 10, seed: 101 })) rows.push(row);
  assert.deepEqual(
    rows.map((row) => row.published),
    [
      [0.99, 0.95],
      [0.75, 0.32],
      [0, 0],
      [0, 0],
      [0.7, 0.24],
      [0.88, 0.65],
      [0, 0],
      [0.97, 0.89],
    ],
  );
  for (const { name, published, gradient } of rows) {
    gradient.forEach((value, i) => {
      assert.ok(Math.abs(value - published[i]!) <= 0.1, `${name}: ${gradient} against ${published}`);
    });
  }
  // What the widget says: LRP stays with the function where the gradient has left it.
  const deep = rows.find((row) => row.name === "mean-centered, 24 layers")!;
  assert.ok(deep.relevance![0] > 0.6 && deep.output![0] > 0.6 && Math.abs(deep.gradient[0]) < 0.1);
});
