/** What gets into a report's file and where it may go, and what is read back from one that is damaged: nothing here runs a notebook. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fs, { mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { main } from "../../src/cli/main.js";
import { dataFile, keyOf } from "../../src/kernel-helpers/platform/files.js";
import { ReportFileError } from "../../src/reports/errors.js";
import { extractReport } from "../../src/reports/extract.js";
import { inputNow, placeOf } from "../../src/reports/inputs/inputs.js";
import { parseNotebook } from "../../src/reports/notebook.js";
import { inAllTexts, withoutPrivatePaths } from "../../src/reports/private-paths.js";
import { readReport } from "../../src/reports/read-report.js";
import { watchFiles } from "../../src/reports/recorder/watched-files.js";
import { makeReport } from "../../src/reports/report.js";
import { inputsInWords, verificationInWords } from "../../src/reports/verify/in-words.js";
import { scratchFolder } from "../helpers/scratch.js";

const folder = scratchFolder("made");
const CANARY = "canary-51c0de";

const cell = (source: string, more: object = {}) => ({
  ...{ cell_type: "code", metadata: {}, source, execution_count: 3, outputs: [] },
  ...more,
});

function notebook(name: string, cells: object[], metadata: object = {}): string {
  const file = join(folder, `${name}.ipynb`);
  writeFileSync(file, JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata, cells }));
  return file;
}

/** `limpid report …words` in this process: its exit code and what it says of errors. */
async function command(...words: string[]) {
  const { write } = process.stderr;
  let stderr = "";
  process.stderr.write = (text: unknown) => {
    stderr += String(text);
    return true;
  };
  try {
    const code = await main(["report", ...words]);
    return { code, stderr };
  } finally {
    process.stderr.write = write;
  }
}

test("what an earlier run left in the notebook's file is not in the report, in whatever form it would stand there", async () => {
  const stream = { output_type: "stream", name: "stdout", text: `${CANARY} in ${folder}/secret` };
  const widgets = { "application/vnd.jupyter.widget-state+json": { state: { a: { state: { value: CANARY } } } } };
  const file = notebook("saved", [cell("1 + 1", { outputs: [stream] })], { widgets });
  const { file: made } = await makeReport(file, { execute: false });
  const html = readFileSync(made, "utf8");
  assert.ok(html.includes(`${CANARY} in ./secret`), "a saved output is shown, without the author's folder");
  const report = await readReport(made);
  for (const { id } of report.manifest.blobs) {
    const text = Buffer.from(await report.blob(id)).toString("latin1");
    assert.ok(!text.includes(CANARY) && !text.includes(folder), `blob ${id} holds what was saved`);
  }
  assert.ok(!html.includes(folder));
  const [extracted] = await extractReport(made, join(folder, "given back"));
  const back = JSON.parse(readFileSync(extracted!, "utf8"));
  assert.deepEqual(
    [back.cells[0].source, back.cells[0].outputs, back.cells[0].execution_count, back.metadata],
    ["1 + 1", [], null, {}],
  );
});

test("a notebook without outputs is kept byte for byte", () => {
  const bytes = new TextEncoder().encode('{ "nbformat": 4,\n\n "cells": [ ] }');
  assert.deepEqual(parseNotebook(bytes, "a.ipynb").bytes, bytes);
});

test("each cell has an id of its own, which text above does not move", () => {
  const idsOf = (...cells: object[]) =>
    parseNotebook(new TextEncoder().encode(JSON.stringify({ nbformat: 4, cells })), "a.ipynb").cells.map(
      ({ id }) => id,
    );
  const text = { cell_type: "markdown", source: "text" };
  assert.deepEqual(idsOf(cell("1", { id: "a" }), cell("2", { id: "a" }), cell("3", { id: "a-2" })), [
    "a",
    "a-3",
    "a-2",
  ]);
  assert.deepEqual(idsOf(cell("1"), cell("2")), ["cell-1", "cell-2"]);
  assert.deepEqual(idsOf(text, cell("1"), text, cell("2")), ["text-cell-1", "cell-1", "text-cell-2", "cell-2"]);
  assert.deepEqual(idsOf(cell("1"), cell("2", { id: "cell-1" })), ["cell-1-2", "cell-1"]);
});

test("where the report cannot go is said before anything runs, and the notebook is never replaced", async () => {
  const file = notebook("place", [cell("throw new Error('it ran')")]);
  const before = readFileSync(file);
  const linked = join(folder, "link.html");
  symlinkSync(file, linked);
  for (const [out, reason] of [
    [file, /is the notebook itself/],
    [linked, /is the notebook itself/],
    [join(folder, "other.txt"), /does not end in \.html/],
    [join(folder, "nowhere", "x.html"), /there is no folder/],
  ] as const)
    await assert.rejects(makeReport(file, { out }), reason, out);
  assert.deepEqual(readFileSync(file), before);
});

test("a part that is not what the manifest says is refused, and so is a manifest that lacks something", async () => {
  const file = notebook("whole", [cell("2 + 2")]);
  const { file: made } = await makeReport(file, { execute: false });
  const html = readFileSync(made, "utf8");
  const { manifest } = await readReport(made);
  const { id, size, encoding } = manifest.blobs[0]!;
  const bytes = Buffer.alloc(size, 7);
  const other = (encoding === "gzip-base64" ? gzipSync(bytes) : bytes).toString("base64");
  const element = new RegExp(`(id="limpid-blob-${id}"[^>]*>)[^<]*`);
  assert.match(html, element);
  const damaged = join(folder, "damaged.html");
  writeFileSync(damaged, html.replace(element, `$1${other}`));
  const read = await readReport(damaged);
  await assert.rejects(read.blob(id), (error) => error instanceof ReportFileError && /is damaged/.test(error.message));

  const withManifest = (change: unknown) =>
    writeFileSync(
      damaged,
      html.replace(/(id="limpid-manifest">).*?<\/script>/s, (_, tag) => `${tag}${JSON.stringify(change)}</script>`),
    );
  for (const change of [
    null,
    7,
    { ...manifest, blobs: undefined },
    { ...manifest, blobs: [{ id: "(((" }] },
    { ...manifest, notebook: null },
    { ...manifest, parameters: [null] },
    { ...manifest, resources: {} },
  ]) {
    withManifest(change);
    await assert.rejects(readReport(damaged), ReportFileError, JSON.stringify(change)?.slice(0, 60));
  }
  const { code, stderr } = await command("--verify", damaged);
  assert.equal(code, 2, stderr);
  assert.match(stderr, /^limpid: .*is damaged/);
});

test("options that would do nothing are refused, and end with 2", async () => {
  const file = notebook("asked", [cell("1")]);
  const asked = [
    ["--verify", "-o", "x.html"],
    ["--verify", "-p", "a=1"],
    ["--verify", "--allow-errors"],
    ["--verify", "--live"],
    ["--verify", "--extract"],
    ["--extract", "--tolerance", "1"],
    ["--json"],
    ["--notebook", file],
    ["--no-execute", "--live"],
    ["--no-execute", "--backend", "wasm"],
    ["-p", "unknown"],
  ];
  const ended: Awaited<ReturnType<typeof command>>[] = [];
  for (const words of asked) ended.push(await command(file, ...words));
  for (const [at, { code, stderr }] of ended.entries()) assert.equal(code, 2, `${asked[at]!.join(" ")}: ${stderr}`);
  assert.match(ended[0]!.stderr, /--out has no effect with --verify/);
  assert.match(ended[6]!.stderr, /--json is for --verify and --extract/);
});

test("places are taken out under every name that they have, from names of parts, too", () => {
  const real = join(folder, "real");
  const link = join(folder, "link");
  mkdirSync(real);
  symlinkSync(real, link);
  const clean = withoutPrivatePaths(link, "/opt/limpid");
  assert.equal(clean(`${real}/a.csv and ${link}/b.csv`), "./a.csv and ./b.csv");
  assert.deepEqual(inAllTexts({ [`${real}/a.csv`]: [`${link}/b`] }, clean), { "./a.csv": ["./b"] });
});

test("a fetched data set is looked for where data sets are kept", async () => {
  const path = dataFile("some", "rows.csv");
  assert.equal(placeOf(keyOf(path), folder), path);
  const was = process.env["LIMPID_CACHE"];
  process.env["LIMPID_CACHE"] = join(folder, "cache");
  try {
    mkdirSync(dataFile("some"), { recursive: true });
    writeFileSync(dataFile("some", "rows.csv"), "a,b\n1,2\n");
    const now = await inputNow(
      { role: "data", key: keyOf(dataFile("some", "rows.csv")), bytes: 8, sha256: "" },
      folder,
    );
    assert.equal(now?.sha256, createHash("sha256").update("a,b\n1,2\n").digest("hex"));
  } finally {
    if (was === undefined) delete process.env["LIMPID_CACHE"];
    else process.env["LIMPID_CACHE"] = was;
  }
});

test("files that cells read are noted, also beside the folder and piece by piece; nothing else of the disk", () => {
  const study = join(folder, "study");
  mkdirSync(study);
  const written = ["shared.csv", "study/pieces.csv", "study/own.csv", "elsewhere.csv"].map((name) =>
    join(folder, name),
  );
  for (const file of written) {
    writeFileSync(file, "a\n1\n");
    utimesSync(file, 1, 1);
  }
  const was = process.cwd();
  process.chdir(study);
  const watched = watchFiles(study);
  try {
    fs.readFileSync("../shared.csv");
    fs.closeSync(fs.openSync("pieces.csv", "r"));
    fs.readFileSync("own.csv");
    fs.readFileSync(join(folder, "elsewhere.csv"));
  } finally {
    watched.end();
    process.chdir(was);
  }
  assert.deepEqual(
    watched.read().map(({ key, bytes }) => [key, bytes]),
    [
      ["../shared.csv", 4],
      ["pieces.csv", 4],
      ["own.csv", 4],
    ],
  );
});

test("inputs that only running showed to be others are told, and that a report's own code is about to run", () => {
  const web = { role: "data", key: "https://example.org/rows.csv", what: "changed", part: "line 2" } as const;
  const module = { role: "code", key: "own.ts", what: "new" } as const;
  const gone = { role: "data", key: "rows.csv", what: "missing" } as const;
  const words = verificationInWords({
    ...{ report: "a.html", notebook: "embedded", reproduced: false, inputs: [gone, web, module], late: [web, module] },
    ...{ surroundings: [], backend: "wasm" },
    comparison: {
      compared: 1,
      agreed: 0,
      differences: [],
      more: 0,
      untold: [],
      tolerance: 0,
      reproduced: false,
    } as never,
  }).join("\n");
  assert.match(words, /changed {2}data https:\/\/example\.org\/rows\.csv: line 2/);
  assert.match(words, /read for the first time {2}code own\.ts/);
  assert.doesNotMatch(words, /missing/);
  assert.match(
    inputsInWords("embedded", [gone]).join("\n"),
    /--notebook FILE[\s\S]*running the code that the report itself holds/,
  );
  assert.doesNotMatch(inputsInWords({ file: "a.ipynb" }, []).join("\n"), /running the code/);
});
