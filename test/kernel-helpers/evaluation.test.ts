import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-core";
import { tableFromIPC } from "apache-arrow";
import { parquetReadObjects } from "hyparquet";
import sharp from "sharp";
import { formatted } from "../../src/comms/host.js";
import { evaluationFromJson, evaluationToJson } from "../../src/explainers/index.js";
import {
  DataFileError,
  type Evaluation,
  evaluate,
  loadDigits,
  loadEvaluation,
  loadModel,
  saveEvaluation,
  tensorflow,
} from "../../src/kernel-helpers/index.js";
import { scratchFolder } from "../helpers/scratch.js";

const scratch = scratchFolder("evaluation");
await tensorflow();
const model = await loadModel("mnist-mlp");
const { pixels } = await loadDigits({ count: 6 });
const x = tf.tensor(
  Float32Array.from(pixels, (ink) => ink / 255),
  [6, ...(model.input.shape as number[])],
);
const names = ["zero", "one, or I", 'the "two"', "three\nlines", "vier", "<b>five</b>"];
const evaluation = await evaluate(
  model,
  { x, names },
  ["lrp", "random", { name: "a <bad> one", explain: () => () => Promise.reject(new Error('no, "never"')) }],
  ["sparseness", "complexity"],
  { trust: 1 },
);
const expected = evaluation.rows.map(({ sample, ...row }) => ({ ...row, sample, name: names[sample] }));
const sortedKeys = (row: object) => Object.fromEntries(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)));

async function saved(name: string): Promise<Buffer> {
  const file = join(scratch, name);
  const { path, bytes } = await saveEvaluation(file, evaluation);
  const content = readFileSync(path);
  assert.equal(content.length, bytes);
  return content;
}

test("Parquet and Arrow hold the table, with its types and nulls, as other readers see it", async () => {
  const parquet = await saved("scores.parquet");
  const file = parquet.buffer.slice(parquet.byteOffset, parquet.byteOffset + parquet.byteLength) as ArrayBuffer;
  const rows = await parquetReadObjects({ file });
  assert.deepEqual(rows.map(sortedKeys), expected.map(sortedKeys));
  const arrow = tableFromIPC(await saved("scores.arrow"));
  assert.deepEqual(
    arrow.schema.fields.map(({ name, type }) => `${name} ${type}`),
    ["method Utf8", "measure Utf8", "sample Int32", "name Utf8", "value Float64", "reason Utf8"],
  );
  assert.deepEqual(
    arrow.toArray().map((row) => sortedKeys({ ...(row as { toJSON(): object }).toJSON() })),
    expected.map(sortedKeys),
  );
});

test("CSV quotes what it must and keeps every digit", async () => {
  const { csvParse } = await import("d3-dsv");
  const rows = csvParse((await saved("scores.csv")).toString());
  assert.equal(rows.length, expected.length);
  rows.forEach((row, at) => {
    const { value, reason, sample, ...words } = expected[at]!;
    assert.equal(row["value"] === "" ? null : Number(row["value"]), value);
    assert.equal(row["reason"], reason ?? "");
    assert.equal(Number(row["sample"]), sample);
    assert.deepEqual([row["method"], row["measure"], row["name"]], [words.method, words.measure, words.name]);
  });
});

test("JSON is read back whole, and resumed it has nothing left to do", async () => {
  await saved("scores.json");
  const read = await loadEvaluation(join(scratch, "scores.json"));
  assert.deepEqual(read, evaluation);
  const done: number[] = [];
  const again = await evaluate(model, { x, names }, ["lrp", "random"], ["sparseness"], {
    resume: read,
    onProgress: (progress) => done.push(progress.done / progress.total),
  });
  assert.ok(done.every((share) => share === 1));
  assert.deepEqual(again.means[0], evaluation.means[0]);
});

test("the figure is drawn with every method and its verdict, without markup of others", async () => {
  const svg = (await saved("scores.svg")).toString();
  for (const words of ["lrp", "random", "a &lt;bad&gt; one", "sparseness: higher is better", "no value"]) {
    assert.ok(svg.includes(words), words);
  }
  const { width, height, format } = await sharp(await saved("scores.png")).metadata();
  assert.equal(format, "png");
  assert.ok(width! > 700 && height! > 300);
});

test("what cannot be written or read is named", async () => {
  const refused = (work: Promise<unknown>, message: RegExp) =>
    assert.rejects(work, (error: unknown) => error instanceof DataFileError && message.test(error.message));
  await refused(saveEvaluation(join(scratch, "scores.xlsx"), evaluation), /does not end in one of \.json, \.csv/);
  await refused(saveEvaluation(join(scratch, "no", "scores.csv"), evaluation), /no folder/);
  await saved("kept.csv");
  await refused(saveEvaluation(join(scratch, "kept.csv"), evaluation, { overwrite: false }), /exists already/);
  await refused(loadEvaluation(join(scratch, "none.json")), /cannot be read/);
  await refused(loadEvaluation(join(scratch, "kept.csv")), /is no evaluation/);
});

test("a cell that ends in an evaluation shows the verdict, the table, the trust and what failed", () => {
  const bundle = formatted(evaluation) ?? {};
  const [text, html] = [String(bundle["text/plain"]), String(bundle["text/html"])];
  const [first] = text.split("\n");
  assert.equal(first, evaluation.verdict.text);
  assert.match(
    text,
    /method +sparseness: higher is better +complexity \(nats\): lower is better +mean rank ± disagreement/,
  );
  assert.match(text, /lrp +0\.\d+ \(0\.\d+ to 0\.\d+\)/);
  assert.match(text, /a <bad> one +sparseness, complexity +all +no, "never"/);
  assert.match(text, /How far to trust each measure/);
  assert.ok(html.includes("a &lt;bad&gt; one") && !html.includes("<bad>"));
  const part: Evaluation = { ...evaluation, complete: false, rows: evaluation.rows.slice(0, 8) };
  const stopped = String(formatted(evaluationFromJson(evaluationToJson(part)))!["text/plain"]);
  assert.match(stopped, /^Stopped: 8 of 36 cells are there, and no verdict yet\./);
});
