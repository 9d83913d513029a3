import assert from "node:assert/strict";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs-node";
import { goldens } from "../../tools/goldens/main.js";
import { printed } from "../helpers/printed.js";
import { scratchFolder } from "../helpers/scratch.js";

const own = fileURLToPath(new URL("../../../test/goldens", import.meta.url));

test("every case of zennit and every usable gradient and LRP case of captum holds, and nothing leaks", async () => {
  const before = tf.memory().numTensors;
  const zennit = await printed(() => goldens(own, { peer: "zennit" }));
  assert.deepEqual(zennit.lines, ["339 passed, 0 failed, 0 skipped"]);
  assert.equal(zennit.code, 0);
  const captum = await printed(() => goldens(own, { peer: "captum" }));
  assert.match(captum.lines.at(-1)!, /, 0 failed, /);
  assert.equal(tf.memory().numTensors, before);
});

test("a wrong number fails by its name, wherever the folder is and whatever its files are called", async () => {
  const folder = scratchFolder("goldens");
  const index = JSON.parse(await readFile(join(own, "index.json"), "utf8")) as {
    models: Record<string, { file: string }>;
    cases: { name: string; model: string; peer: string; tensors: Record<string, string> }[];
  };
  const model = index.models["zennit/dense1"]!;
  await cp(join(own, model.file), join(folder, "other.safetensors"));
  const cases = index.cases.filter((golden) => golden.model === "zennit/dense1");
  // The relevance of another rule in place of the first case's own.
  cases[0]!.tensors["relevance"] = cases.at(-1)!.tensors["relevance"]!;
  const other = {
    format: "golden-1",
    models: { net: { ...model, file: "other.safetensors" } },
    cases: cases.map((golden) => ({ ...golden, model: "net" })),
  };
  await writeFile(join(folder, "index.json"), JSON.stringify(other));
  const { code, lines } = await printed(() => goldens(folder));
  assert.equal(code, 1);
  assert.match(lines[0]!, new RegExp(`^${cases[0]!.name}: relevance is off by`));
  assert.equal(lines.at(-1), `${cases.length - 1} passed, 1 failed, 0 skipped`);
});

test("other shapes, strides with dilations, places of batch norm and parameters hold, too", async () => {
  const { code, lines } = await printed(() => goldens(join(own, "variations")));
  assert.deepEqual(lines, ["83 passed, 0 failed, 0 skipped"]);
  assert.equal(code, 0);
});

test("what a case asks for and nobody knows fails by its name, and a broken model does not stop the others", async () => {
  const folder = scratchFolder("goldens");
  const index = JSON.parse(await readFile(join(own, "index.json"), "utf8")) as {
    models: Record<string, { file: string }>;
    cases: { name: string; model: string; method: string; params: object; seedIs?: string; tolerance?: object }[];
  };
  const model = index.models["zennit/mlp"]!;
  await cp(join(own, model.file), join(folder, model.file));
  const golden = index.cases.find(({ model, method }) => model === "zennit/mlp" && method === "Epsilon")!;
  const cases = [
    { ...golden, name: "temperature", params: { ...golden.params, temperature: 3 } },
    { ...golden, name: "canonizer", params: { ...golden.params, canonizers: "ResNetCanonizer" } },
    { ...golden, name: "seed", seedIs: "softmax(output)" },
    { ...golden, name: "tolerance", tolerance: undefined },
    { ...golden, name: "file", model: "gone" },
    { ...golden, name: "model", model: "nowhere" },
    { ...golden, name: "sound" },
  ];
  const models = { "zennit/mlp": model, gone: { ...model, file: "gone.safetensors" } };
  await writeFile(join(folder, "index.json"), JSON.stringify({ format: "golden-1", models, cases }));
  const { code, lines } = await printed(() => goldens(folder));
  assert.equal(code, 1);
  assert.equal(lines.at(-1), "1 passed, 6 failed, 0 skipped");
  const reasons = {
    temperature: /parameters temperature of Epsilon/,
    canonizer: /canonizers is "ResNetCanonizer"/,
    seed: /seedIs is softmax\(output\)/,
    tolerance: /./,
    file: /gone\.safetensors cannot be read/,
    model: /does not describe a model nowhere/,
  };
  for (const [name, reason] of Object.entries(reasons)) {
    assert.match(lines.find((line) => line.startsWith(`${name}: `)) ?? "", reason);
  }
});

test("a folder without an index, or a damaged one, is refused by its path", async () => {
  await assert.rejects(goldens("/nowhere"), { name: "GoldensError", message: /\/nowhere\/index\.json/ });
  await assert.rejects(goldens(own, { peer: "nobody" }), { name: "GoldensError", message: /"nobody".*zennit/ });
});
