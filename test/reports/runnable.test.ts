import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { language } from "../../src/kernel/language/language.js";
import { PAGE_MODULES, reasonsAgainstPage } from "../../src/reports/runnable.js";
import { ROOT } from "../browser/server.js";
import { scratchFolder } from "../helpers/scratch.js";

/** Compiles cells as the kernel does, one behind the other, and asks which can run in a page. */
async function reasons(sources: readonly string[], failed: readonly number[] = []): Promise<(string | undefined)[]> {
  const compiler = await language(scratchFolder("runnable"));
  const cells = sources.map((source, at) => {
    const name = `cell ${at + 1}`;
    return { name, code: compiler.compile(source).code, failed: failed.includes(at) };
  });
  return reasonsAgainstPage(cells);
}

test("cells that import what a page has can run in one, with everything that a browser knows", async () => {
  const found = await reasons([
    'import { loadModel, lrp } from "limpid";\nimport * as tf from "@tensorflow/tfjs";\nconst model = await loadModel("mnist-cnn");',
    "const explain = lrp(model);\nconst process = { env: 3 };\nprocess.env",
    "const bytes = Buffer.from('a');\nawait new Promise((resolve) => setTimeout(resolve, 1));\nconst require = 4;\nconst { document } = { document: require };\nbytes.length",
    "const settings = { process: 1, fetch: 2, input: 3 };\nsettings.process + settings.fetch",
  ]);
  assert.deepEqual(found, [undefined, undefined, undefined, undefined]);
});

test("a part of this package that a page does not have is named, and whoever uses what came of it", () => {
  const ran = (code: string, needs?: string) => ({ name: "cell", failed: false, code, ...(needs && { needs }) });
  const load = '__cell.boxes.model = await __cell.load("limpid")';
  assert.deepEqual(reasonsAgainstPage([ran(load), ran(load, "the reader of Keras' HDF5 files")]), [
    undefined,
    "it needs the reader of Keras' HDF5 files, which a page does not have",
  ]);
});

test("what a page lacks is named: modules, Node.js' globals, the network", async () => {
  const found = await reasons([
    'import { readFileSync } from "node:fs";\nreadFileSync("x").length',
    "process.argv.length",
    'const path = require("node:path");',
    "const name: string = 'limpid';\nawait import(name)",
    'await fetch("https://example.org")',
    "__dirname",
    'await import("limpid/network")',
    'import.meta.resolve("limpid/package.json")',
  ]);
  assert.deepEqual(found, [
    'it imports "node:fs"',
    "it uses Node.js' process",
    "it uses Node.js' require",
    "it imports a module whose name is only known when it runs",
    "it uses fetch, and a report's page asks the network for nothing",
    "it uses Node.js' __dirname",
    undefined,
    "it asks where a module lies (import.meta.resolve)",
  ]);
});

test("a cell that uses what another may have changed falls with it, and only such a cell", async () => {
  const found = await reasons([
    'import { FloatSlider } from "limpid";\nconst numbers = [1, 2, 3];\nconst kept = 5;',
    'import { writeFileSync } from "node:fs";\nwriteFileSync("n.json", JSON.stringify(numbers)); numbers.push(4); const made = 1;',
    "const slider = new FloatSlider({ max: kept });\nslider",
    "const sum = numbers.reduce((a, b) => a + b);",
    "sum + 1",
    "made",
  ]);
  assert.deepEqual(found.slice(0, 3), [undefined, 'it imports "node:fs"', undefined]);
  assert.match(found[3]!, /^it uses numbers, which cell 2 makes or may change, and cell 2 cannot run in a page/);
  assert.equal(
    found[4],
    'it uses sum, which cell 4 makes or may change, and cell 4 goes back to cell 2, which cannot run in a page: it imports "node:fs"',
  );
  assert.match(found[5]!, /^it uses made, which cell 2 makes/);
});

test("a cell that failed when the report was made takes its own with it", async () => {
  const found = await reasons(["const a = 1;", "const b = a + 1;", "b", "a"], [1]);
  assert.deepEqual(found[1], "it failed when the report was made");
  assert.match(found[2]!, /^it uses b/);
  // The failed cell mentions `a`, and may have changed it before it failed.
  assert.match(found[3]!, /^it uses a/);
});

test("what cells may import is what the page's kernel has", () => {
  const source = readFileSync(join(ROOT, "src", "page", "worker", "modules.ts"), "utf8");
  const table = source.slice(source.indexOf("= {"), source.indexOf("};"));
  const given = [...table.matchAll(/^ {2}"?([\w@/-]+)"?: (?:async )?\(\) =>/gm)].map(([, name]) => name!);
  assert.deepEqual(given.toSorted(), [...PAGE_MODULES].toSorted());
});
