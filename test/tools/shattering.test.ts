import assert from "node:assert/strict";
import { test } from "node:test";
import { tools } from "./tools.js";

test("prints the table, and fails where a net is not as published", async () => {
  // Nets of 6 units are not those of the paper: their gradients stay correlated.
  const { code, stdout, stderr } = await tools("figures", "shattering", "--runs", "2", "--width", "6", "--json");
  assert.equal(stderr, "");
  const rows = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.equal(rows.length, 8);
  assert.equal(code, rows.every((row) => row.agrees) ? 0 : 1);
  for (const { published, gradient, agrees } of rows) {
    const distance = Math.max(...gradient.map((value: number, i: number) => Math.abs(value - published[i])));
    assert.equal(agrees, distance <= 0.1);
  }
  assert.equal(rows[0].relevance.length, 2);
  assert.equal(rows[7].relevance, null);
});

test("a width that is no number is refused in one line", async () => {
  const { code, stderr } = await tools("figures", "shattering", "--width", "many");
  assert.equal(code, 2);
  assert.match(stderr, /--width.*whole number/);
});
