import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { readReport } from "../../src/reports/read-report.js";
import type { Verification } from "../../src/reports/verify/verify.js";
import { startBrowser } from "../browser/lab.js";
import { limpid } from "../cli/limpid.js";
import { long } from "../every.js";

/** A study on real files: a model of its own, a table, a seed, a picture drawn from the model. */
const CELLS: Record<string, string> = {
  load: `import { expectClose, FloatSlider, loadModel, lrp, tensorflow } from "limpid";
const model = await loadModel("model");
const tf = await tensorflow();`,
  data: `import { readFileSync } from "node:fs";
const rows = readFileSync("rows.csv", "utf8").trim().split("\\n").slice(1).map((line) => line.split(",").map(Number));
const total = rows.flat().reduce((sum, value) => sum + value, 0);
console.log(\`total \${total.toFixed(3)}, read in \${performance.now().toFixed(0)} ms\`);`,
  noise: `const seed = 7;
const x = tf.tidy(() => tf.randomUniform([1, ...model.input.shape as number[]], 0, 1, "float32", seed));
const scores = Array.from(model.predict(x).dataSync());`,
  explain: `const explanation = await lrp(model)(x, { target: 3 });
const gamma = 0.25;
explanation`,
  expect: "expectClose(total, 1164.25, 0.1); crypto.randomUUID()",
  slide: "new FloatSlider({ value: gamma })",
  dice: "Math.random()",
};

let folder: string;
const report = () => join(folder, "study.html");
const notebookFile = () => join(folder, "study.ipynb");

function writeNotebook(cells: Record<string, string>): void {
  const code = Object.entries(cells).map(([id, source]) => ({
    ...{ cell_type: "code", id, source, outputs: [], execution_count: null },
    // Cells of checks are hidden in the page, and compared as all are.
    metadata: { tags: { dice: ["volatile"], expect: ["checks"] }[id] ?? [] },
  }));
  const text = { cell_type: "markdown", id: "text", metadata: {}, source: "# A study" };
  const metadata = { kernelspec: { name: "limpid", display_name: "TypeScript", language: "typescript" } };
  writeFileSync(notebookFile(), JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata, cells: [text, ...code] }));
}

const rows = (changed = "5.5") =>
  ["a,b,c", ...Array.from({ length: 40 }, (_, row) => (row === 16 ? `1,2,${changed}` : `${row},${row / 2},0.25`))].join(
    "\n",
  );

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "limpid-verify-"));
  cpSync(fileURLToPath(new URL("../../../models/mnist-cnn", import.meta.url)), join(folder, "model"), {
    recursive: true,
  });
  writeFileSync(join(folder, "rows.csv"), rows());
  writeFileSync(join(folder, "package-lock.json"), '{ "name": "study", "lockfileVersion": 3 }\n');
  writeNotebook(CELLS);
  const made = await limpid("report", notebookFile(), "--backend", "wasm");
  assert.equal(made.code, 0, made.stderr);
});
after(() => rmSync(folder, { recursive: true, force: true }));

test("an untouched report is reproduced, bit by bit, and says what was not compared", async () => {
  const { code, stdout, stderr } = await limpid("report", "--verify", report());
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /^inputs: as they were/);
  assert.match(stdout, /cell 3 \(data\), output 1: duration \(was \d+ ms, is \d+ ms\)/);
  assert.match(stdout, /cell 6 \(expect\), .*random id/);
  assert.match(stdout, /cell 8 \(dice\), the cell: its author says that it gives other values each time/);
  assert.match(stdout, /(\d+) of \1 values agree, bit by bit \(wasm\)\nreproduced\n$/);
});

test("a browser without a network reproduces it bit by bit, and says what it cannot run", async () => {
  const browser = await startBrowser();
  try {
    const context = await browser.newContext({ offline: true });
    const compare = async (file: string) => {
      const page = await context.newPage();
      await page.goto(pathToFileURL(file).href);
      await page.locator('html[data-limpid="live"]').waitFor({ timeout: 60_000 });
      await page.getByRole("button", { name: "Run again and compare" }).click();
      const dialog = page.locator("dialog[data-verdict]");
      await dialog.waitFor({ timeout: 60_000 });
      const text = await dialog.innerText();
      await page.close();
      return text;
    };
    const found = await compare(report());
    assert.match(found, /Reproduced: all \d+ values agree, 2 cells cannot run in a page/, found);
    assert.match(found, /Compared bit by bit/);
    // Another value in the file, as if the page computed another.
    const html = readFileSync(report(), "utf8");
    const said = '"name":"gamma","value":{"kind":"number","value":"0.25"}';
    assert.equal(html.split(said).length, 2);
    const changed = join(folder, "changed.html");
    writeFileSync(changed, html.replace(said, said.replace("0.25", "0.26")));
    const differs = await compare(changed);
    assert.match(differs, /Differs: 1 of \d+ values/, differs);
    assert.match(
      differs,
      /5 \(explain\)\s+variable gamma\s+by 0\.01\d*, relative 0\.0384\d*\s+0\.26\s+0\.25\s+exact/,
      differs,
    );
  } finally {
    await browser.close();
  }
});

test("one changed weight, row, line of code and seed are named as they were and are, then what came of each", async () => {
  const weights = join(folder, "model", "weights.bin");
  const whole = readFileSync(weights);
  const changed = Buffer.from(whole);
  changed.writeFloatLE(changed.readFloatLE(400) + 0.125, 400);
  writeFileSync(weights, changed);
  writeFileSync(join(folder, "rows.csv"), rows("5.75"));
  const [noise, explain] = [CELLS["noise"]!.replace("seed = 7", "seed = 8"), CELLS["explain"]!.replace("0.25", "0.5")];
  writeNotebook({ ...CELLS, noise, explain });
  try {
    const { code, stdout, stderr } = await limpid("report", "--verify", report(), "--json");
    assert.equal(code, 1, stderr);
    const found = JSON.parse(stdout) as Verification & { status: string };
    assert.equal(found.status, "differs");
    assert.deepEqual(
      found.inputs.map(({ role, key, part, was, is }) => [role, key, part?.replace(/weight .+/, "weight"), was, is]),
      [
        ["notebook", "study.ipynb", "cell 4 (noise), line 1", "const seed = 7;", "const seed = 8;"],
        ["notebook", "study.ipynb", "cell 5 (explain), line 2", "const gamma = 0.25;", "const gamma = 0.5;"],
        ["model", "model/weights.bin", "weight", undefined, undefined],
        ["data", "rows.csv", "line 18", undefined, "1,2,5.75"],
      ],
    );
    const manifest = JSON.parse(readFileSync(join(folder, "model", "model.json"), "utf8")).weightsManifest[0].weights;
    const names = (manifest as { name: string }[]).map(({ name }) => name);
    const named = found.inputs.find(({ role }) => role === "model")!.part!;
    assert.ok(names.includes(named.slice("weight ".length)), named);

    const { differences } = found.comparison;
    const of = (cell: string, quantity: string) =>
      differences.find((one) => one.cell === cell && one.quantity === quantity);
    assert.ok(of("load", "variable model.net.weights"));
    assert.deepEqual([of("noise", "variable seed")!.was, of("noise", "variable seed")!.is], ["7", "8"]);
    assert.deepEqual([of("explain", "variable gamma")!.was, of("explain", "variable gamma")!.is], ["0.25", "0.5"]);
    assert.equal(Number(of("data", "variable total")!.is) - Number(of("data", "variable total")!.was), 0.25);
    assert.match(of("data", "output 1")!.distance, /^[\d.]+ became [\d.]+$/);
    assert.match(of("explain", "variable explanation.relevance")!.distance, /relative L2 about .*rank correlation/);
    assert.ok(differences.some(({ cell, quantity }) => cell === "explain" && quantity.startsWith("output 1")));
    assert.deepEqual([of("expect", "the cell")!.was, of("expect", "the cell")!.is], ["ran", "fails"]);
    assert.match(
      of("expect", "output 1")!.is,
      /^"ExpectationError: The value is 1164\.5, expected was 1164\.25 ± 0\.1/,
    );
    assert.equal(of("data", "variable total")!.tolerance, "±0.1");
    assert.ok(differences.every(({ tolerance }) => tolerance === "exact" || tolerance.startsWith("±")));
  } finally {
    writeFileSync(weights, whole);
    writeFileSync(join(folder, "rows.csv"), rows());
    writeNotebook(CELLS);
  }
});

test("a report says where it comes from, and nothing of who made it where", async () => {
  const { provenance, run } = await readReport(report());
  const keys = run!.inputs.map(({ role, key }) => `${role} ${key}`);
  assert.deepEqual(
    keys.sort(),
    [
      "code limpid:build",
      "data rows.csv",
      "lock file package-lock.json",
      "model model/model.json",
      "model model/weights.bin",
      "notebook study.ipynb",
    ]
      .concat(keys.filter((key) => key.startsWith("data model/")))
      .sort(),
  );
  assert.deepEqual(run!.facts.seeds, { noise: [7] });
  assert.equal(run!.facts.backend!.name, "wasm");
  const graph = (provenance as { "@graph": { "@id": string; "@type": string }[] })["@graph"];
  assert.equal(graph[0]!["@id"], "ro-crate-metadata.json");
  const ids = new Set(graph.map((entity) => entity["@id"]));
  const references = JSON.stringify(graph).matchAll(/\{"@id":"([^"]+)"\}/g);
  for (const [, id] of references) assert.ok(ids.has(id!) || id!.startsWith("https://w3id.org/"), id);
  const html = readFileSync(report(), "utf8");
  for (const secret of [folder, userInfo().homedir, hostname(), process.cwd()].filter((text) => text.length > 3)) {
    assert.ok(!html.includes(secret), secret);
  }
});

test("what a report was made from comes back, byte for byte", async () => {
  const target = join(folder, "given back");
  const { code, stdout } = await limpid("report", "--extract", report(), "-o", target);
  assert.equal(code, 0);
  assert.equal(stdout.trim().split("\n").length, 3);
  for (const name of ["study.ipynb", "package-lock.json"]) {
    assert.deepEqual(readFileSync(join(target, name)), readFileSync(join(folder, name)));
  }
  const crate = JSON.parse(readFileSync(join(target, "ro-crate-metadata.json"), "utf8"));
  assert.equal(crate["@context"], "https://w3id.org/ro/crate/1.1/context");
  const again = await limpid("report", "--extract", report(), "-o", target);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /is there already.*--overwrite/);
});

test("what cannot be verified ends with 2 and says why", long, async () => {
  const saved = join(folder, "saved.html");
  assert.equal((await limpid("report", notebookFile(), "--no-execute", "-o", saved)).code, 0);
  const nothing = await limpid("report", "--verify", saved);
  assert.equal(nothing.code, 2);
  assert.match(nothing.stderr, /nothing was run when it was made/);
  rmSync(join(folder, "rows.csv"));
  const broken = await limpid("report", "--verify", report(), "--json");
  writeFileSync(join(folder, "rows.csv"), rows());
  assert.equal(broken.code, 2);
  assert.match(broken.stderr, /Cell 3 \(data\) ran when the report was made and fails now: Error: ENOENT/);
  assert.deepEqual(JSON.parse(broken.stdout).inputs, [{ role: "data", key: "rows.csv", what: "missing" }]);
  writeFileSync(join(folder, "page.html"), "<p>hello</p>");
  const page = await limpid("report", "--verify", join(folder, "page.html"), "--json");
  assert.equal(page.code, 2);
  assert.equal(JSON.parse(page.stdout).status, "cannot run");
  assert.match(page.stderr, /is no report/);
});
