import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import { activations, derivative, factsOf, type OperationOf } from "../../../src/explainers/network/index.js";
import { kinds } from "../../../src/explainers/network/operations/index.js";

/* docs: "how to add an operation". A file that is not in the list, or is in it but not complete, fails here. */

const room = new URL("../../../src/explainers/network/operations/", import.meta.url);
// The files as they are written: what was compiled may hold some that are gone.
const written = new URL("../../../../src/explainers/network/operations/", import.meta.url);
const filesIn = (folder: string): string[] =>
  readdirSync(new URL(folder, written)).flatMap((name) =>
    name.endsWith(".ts") ? [`${folder}${name.replace(".ts", ".js")}`] : [],
  );
/** Not kinds: the list itself, and the table of activations. */
const others = new Set(["index.js", "activations.js"]);

test("every file of the operations' room holds a kind of the list, and every kind has a file", async () => {
  const files = [...filesIn("./"), ...filesIn("./affine/")].filter((file) => !others.has(file.replace("./", "")));
  const found = new Set<unknown>();
  for (const file of files) {
    const exports = Object.values((await import(new URL(file, room).href)) as object);
    const own = exports.filter((value) => (kinds as readonly unknown[]).includes(value));
    assert.ok(own.length > 0, `${file} exports no kind that is in the list of operations/index.ts`);
    for (const kind of own) found.add(kind);
  }
  for (const { kind } of kinds.filter((kind) => !found.has(kind))) assert.fail(`${kind} has no file`);
  const names = kinds.map(({ kind }) => kind);
  assert.equal(new Set(names).size, names.length, "two kinds have one name");
  assert.equal(names.at(-1), "unknown", "what no other kind takes comes last");
});

/** Where a function is looked at: away from the kinks, in its domain. */
const points = [-3.3, -1.7, -0.45, -0.2, 0.15, 0.6, 1.4, 2.9, 6.7];
const positive: ReadonlySet<string> = new Set(["log", "sqrt", "rsqrt", "power"]);

const operationOf = (name: keyof typeof activations): OperationOf<"activation"> => ({
  kind: "activation",
  function: name,
  ...(name === "leakyRelu" && { alpha: 0.3 }),
  ...(name === "clip" && { bounds: [-0.5, 2] as const }),
  ...(name === "prelu" && { parameter: tf.scalar(0.25) }),
  ...(name === "power" && { parameter: tf.scalar(2.5) }),
  ...(/^at(Least|Most)$/.test(name) && { parameter: tf.tensor1d([0.3]) }),
});

test("every row of the table of activations: its derivative is the slope, and its facts hold", () => {
  for (const name of Object.keys(activations) as (keyof typeof activations)[]) {
    tf.tidy(() => {
      const operation = operationOf(name);
      const { f } = activations[name];
      const at = points.filter((x) => !positive.has(name) || x > 0).filter((x) => name !== "log1p" || x > -1);
      const x = tf.tensor1d(at);
      const value = (given: tf.Tensor) => f(given, operation);
      const step = 2e-3;
      const slopes = tf.div(tf.sub(value(tf.add(x, step)), value(tf.sub(x, step))), 2 * step).dataSync();
      const own = derivative(operation, x, value(x)).dataSync();
      own.forEach((slope, i) => {
        const tolerance = 3e-3 * Math.max(1, Math.abs(slope));
        assert.ok(Math.abs(slope - slopes[i]!) <= tolerance, `${name} at ${at[i]}: ${slope}, not ${slopes[i]}`);
      });
      const facts = factsOf(operation);
      const values = value(x).dataSync();
      at.forEach((point, i) => {
        const known = facts.nonNegative === "always" || (facts.nonNegative === "kept" && point >= 0);
        assert.ok(!known || values[i]! >= 0, `${name} is negative at ${point}`);
        if (facts.rectifies) assert.equal(point <= 0 ? values[i] : 0, 0, `${name} does not rectify ${point}`);
      });
      if (facts.zeroToZero) assert.equal(Math.abs(value(tf.scalar(0)).dataSync()[0]!), 0, `${name} of 0`);
    });
  }
});
