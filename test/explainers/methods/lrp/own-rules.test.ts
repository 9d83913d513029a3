import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import * as limpid from "../../../../src/explainers/index.js";

const { composite, epsilonPlus, gamma, lrp, proportional, release, uniform } = limpid;
type Rule = limpid.Rule;

const guide = readFileSync(new URL("../../../../../docs/explainers.md", import.meta.url), "utf8");

/** The example of the guide that begins with this line. */
function example(first: string): string {
  const found = [...guide.matchAll(/```ts\n([\s\S]*?)```/g)]
    .map(([, code]) => code!)
    .find((code) => code.startsWith(first));
  assert.ok(found !== undefined, `docs/explainers.md has no example that begins with ${first}`);
  return found;
}

/** Runs the text of an example, whose types are left out, with what `limpid` exports, and returns its constants `names`. */
function run(code: string, ...names: string[]): Record<string, unknown> {
  const plain = code.replace(/^import .*$/gm, "").replace(/: Rule\b/g, "");
  const body = `const { ${Object.keys(limpid).join(", ")} } = limpid;\n{\n${plain}\nreturn { ${names} };\n}`;
  return new Function("limpid", "tf", body)(limpid, tf);
}

const W = [
  [1, -2, 3, 0.5],
  [0.5, 1, -1, 2],
  [-1, 0.25, 2, 1],
];
const a = [
  [2, -1, 3],
  [-0.5, 4, 1],
];
const R = [
  [1, -2, 4, 3],
  [0.5, 6, -1, 2],
];

test("a rule as the recipe says: its numbers are its matrix formula's, and it conserves", async () => {
  const { evenHalf } = run(example("// A rule of one's own"), "evenHalf") as { evenHalf: Rule };
  const model = (x: tf.Tensor) => tf.matMul(x as tf.Tensor2D, tf.tensor2d(W));
  const expected = a.map((row, n) =>
    // R_i = Σ_j (½ |a_i w_ij| / Σ_i |a_i w_ij| + ½ / 3) R_j
    row.map((x, i) =>
      R[n]!.reduce((total, r, j) => {
        const all = row.reduce((most, other, k) => most + Math.abs(other * W[k]![j]!), 0);
        return total + ((0.5 * Math.abs(x * W[i]![j]!)) / all / 1) * r + (0.5 / 3) * r;
      }, 0),
    ),
  );
  for (const bias of ["absorb", "distribute"] as const) {
    const result = await lrp(model, { composite: uniform(evenHalf), bias })(tf.tensor2d(a), {
      target: () => tf.tensor2d(R),
    });
    expected.flat().forEach((value, i) => {
      assert.ok(
        Math.abs(result.relevance[i]! - value) <= 1e-4,
        `${bias}, entry ${i}: ${result.relevance[i]}, ${value}`,
      );
    });
    const total = R.flat().reduce((sum, value) => sum + value, 0);
    assert.ok(Math.abs(result.relevanceSum - total) <= 1e-4, `${result.relevanceSum} of ${total}`);
  }
});

test("the guide's composite for normalization layers fits in ten lines and does what it says", async () => {
  const code = example("// A composite for networks whose norms");
  assert.ok(code.trim().split("\n").length <= 10, code);
  const { norms } = run(code, "norms") as { norms: limpid.Composite };
  const input = tf.input({ shape: [8, 8, 2] });
  const kernel = (seed: number) => ({ kernelInitializer: tf.initializers.randomNormal({ stddev: 0.5, seed }) });
  // A batch norm between two ReLUs has no convolution beside it to be folded into.
  const first = tf.layers
    .conv2d({ name: "first", filters: 4, kernelSize: 3, activation: "relu", ...kernel(1) })
    .apply(input);
  const norm = tf.layers.batchNormalization({ name: "norm", betaInitializer: "ones" }).apply(first);
  const active = tf.layers.reLU({ name: "active" }).apply(norm);
  const pooled = tf.layers.maxPooling2d({ name: "pool", poolSize: 2 }).apply(active);
  const flat = tf.layers.flatten().apply(pooled);
  const output = tf.layers.dense({ name: "head", units: 3, ...kernel(2) }).apply(flat) as tf.SymbolicTensor;
  const model = tf.model({ inputs: input, outputs: output });
  const x = tf.randomNormal([2, 8, 8, 2], 0, 1, "float32", 5);
  const result = await lrp(model, { composite: norms })(x, { target: [0, 1], keepLayers: true });
  const ruleOf = (kind: string) => result.layers.filter((layer) => layer.kind === kind).map(({ rule }) => rule);
  assert.deepEqual(
    [ruleOf("conv2d"), ruleOf("scale"), ruleOf("pool"), ruleOf("dense"), ruleOf("activation")],
    [["flat"], ["alphaBeta"], ["proportional"], ["epsilon"], ["pass", "pass"]],
  );
  // α1β0 at a norm z = w a + 1, both positive: the shift keeps R / z of every entry's R.
  const scale = result.layers.find(({ kind }) => kind === "scale")!;
  const recording = limpid.record(model, x);
  const z = recording.value(recording.graph.nodes.find(({ operation }) => operation.kind === "scale")!.id).dataSync();
  const kept = scale.relevance().reduce((sum, value, index) => sum + value / z[index]!, 0);
  recording.dispose();
  assert.ok(
    Math.abs(scale.absorbedByBias - kept) <= 1e-4 * Math.abs(kept),
    `${scale.absorbedByBias} instead of ${kept}`,
  );
  for (const { kind, sum, passedOn, absorbedByBias, absorbedByEmpty } of result.layers) {
    if (kind === "input") continue;
    assert.ok(Math.abs(sum - passedOn - absorbedByBias - absorbedByEmpty) <= 1e-4 * Math.max(1, Math.abs(sum)), kind);
  }
  result.dispose();
  release(model);
});

test("what is chosen first decides, and a rule that needs weights leaves a layer's activation alone", async () => {
  const kernel = (seed: number) => ({ kernelInitializer: tf.initializers.randomNormal({ stddev: 0.5, seed }) });
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ name: "a", units: 4, activation: "relu", inputShape: [3], ...kernel(1) }),
      tf.layers.dense({ name: "b", units: 4, activation: "relu", ...kernel(2) }),
      tf.layers.dense({ name: "c", units: 2, ...kernel(3) }),
    ],
  });
  const chosen = composite("chosen", {
    byName: { b: gamma() },
    first: limpid.wSquare(),
    last: limpid.zero(),
    byKind: { dense: limpid.flat(), activation: limpid.gradient() },
    otherwise: epsilonPlus(),
  });
  const result = await lrp(model, { composite: chosen })(tf.tensor2d([[1, 2, 3]]), { target: 0 });
  assert.deepEqual(
    result.layers.map(({ name, kind, rule }) => [name, kind, rule]).filter(([, kind]) => kind !== "input"),
    [
      ["a", "dense", "wSquare"],
      ["a", "activation", "gradient"],
      ["b", "dense", "gamma"],
      ["b", "activation", "gradient"],
      ["c", "dense", "zero"],
    ],
  );
  // A rule in a place that it is not for is refused by name.
  for (const [rule, message] of [
    [gamma(), /weights.*activation/],
    [limpid.norm(), /norm.*activation.*signal/s],
    [limpid.gate(), /gate.*activation.*source/s],
  ] as const) {
    const wrong = composite("wrong", { byKind: { activation: rule }, otherwise: epsilonPlus() });
    await assert.rejects(lrp(model, { composite: wrong })(tf.tensor2d([[1, 2, 3]])), {
      name: "UnsupportedOperationError",
      message,
    });
  }
  const passing = composite("passing", { byKind: { dense: limpid.pass() } });
  await assert.rejects(lrp(model, { composite: passing })(tf.tensor2d([[1, 2, 3]])), /rule pass/);
  release(model);
});

test("maxima of two inputs may share in proportion, too", async () => {
  const larger = (x: tf.Tensor) => tf.maximum(tf.slice(x, [0, 0], [-1, 1]), tf.slice(x, [0, 1], [-1, 1]));
  const shared = composite("shared", { instead: { winner: proportional() } });
  const result = await lrp(larger, { composite: shared })(tf.tensor2d([[3, 1]]), { target: () => tf.tensor2d([[8]]) });
  assert.deepEqual(Array.from(result.relevance, Math.round), [6, 2]);
});
