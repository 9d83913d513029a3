import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import ts from "#typescript";
import { CompileError } from "../../src/kernel/language/compile/compile-error.js";
import { type Language, language } from "../../src/kernel/language/language.js";

/** A compiler of its own, for a notebook in an empty folder. */
const fresh = (): Language => language(mkdtempSync(join(tmpdir(), "limpid-speed-")));

function cell(number: number): string {
  const before = number > 1 ? `v${number - 1}` : "0";
  return `const v${number} = ${before} + 1;
interface P${number} { a: number; b: string }
function f${number}(p: P${number}, x: number) { console.log(x); return p.a + x + v${number}; }
f${number}({ a: 1, b: "x" }, ${before})`;
}

/** Milliseconds that `work` takes. */
function timed(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

/** What a quarter of the times lies below: another process' turn counts for nothing. */
const quartile = (times: readonly number[]): number => [...times].sort((a, b) => a - b)[times.length >> 2]!;

const complaints = (notebook: Language, code: string): string[] => {
  try {
    notebook.compile(code);
    return [];
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    return error.complaints.map(({ message }) => message);
  }
};

test("the thousandth cell is compiled as fast as the hundredth, and what then needs another program is no deeper for it", () => {
  const notebook = fresh();
  // Beside what does not depend on the notebook: the machine may have become busy meanwhile.
  const times = Array.from({ length: 1000 }, (_, i) => {
    const compiled = timed(() => notebook.compile(cell(i + 1)));
    return compiled / timed(() => ts.transpileModule(cell(i + 1), { compilerOptions: {} }));
  });
  const [early, late] = [times.slice(60, 140), times.slice(920)].map(quartile) as [number, number];
  assert.ok(late <= 1.5 * early, `cell 100: ${early} times the stripping of its types, cell 1000: ${late} times`);
  // The program is made anew: each variable's type follows from the one before.
  notebook.compile('import { createSocket } from "node:dgram"; import type { Socket } from "zeromq";');
  assert.deepEqual(complaints(notebook, "const n: number = v1000 + f1000({ a: 1, b: '' }, 1)"), []);
  assert.match(complaints(notebook, "const s: string = v1000")[0]!, /'number' is not assignable to type 'string'/);
});

test("a warm cell costs no more than a few times what it takes to strip its types", () => {
  const notebook = fresh();
  const compilerOptions = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext, sourceMap: true };
  const [checked, stripped]: [number[], number[]] = [[], []];
  for (let i = 1; i <= 120; i++) {
    const text = cell(i);
    checked.push(timed(() => notebook.compile(text)));
    stripped.push(timed(() => ts.transpileModule(text, { compilerOptions })));
  }
  const [ours, least] = [checked.slice(60), stripped.slice(60)].map(quartile) as [number, number];
  assert.ok(ours <= 8 * least, `${ours} ms beside ${least} ms`);
});

test("a name is what the last cell says that gives it this meaning, however many cells ago", () => {
  const notebook = fresh();
  const others = (from: number) => {
    for (let i = from; i < from + 40; i++) notebook.compile(`const other${i} = ${i}`);
  };
  notebook.compile("const a = 1; interface A { x: number }");
  notebook.compile("export const shown = 'text'; function reads() { return a }");
  others(0);
  notebook.compile("const a = 'text'; const A = 'a value'");
  notebook.compile("import { join as A2, type ParsedPath } from 'node:path'");
  others(100);
  assert.deepEqual(complaints(notebook, "const t: A = { x: 1 }; A.length; a.length; shown.length"), []);
  assert.deepEqual(complaints(notebook, "const p: Partial<ParsedPath> = {}; A2('a', 'b').length"), []);
  // What earlier cells saw stays, also in a program that was made anew.
  for (const again of ["0", "import 'typescript'"]) {
    notebook.compile(again);
    assert.match(complaints(notebook, "reads().length")[0]!, /'length' does not exist on type 'number'/);
    assert.match(complaints(notebook, "shown.nothing")[0]!, /does not exist on type/);
  }
  others(200);
  assert.match(complaints(notebook, "gone")[0]!, /Cannot find name 'gone'/);
});

test("cells mean the same before and after the types of Node.js are read", () => {
  const cells = [
    "1 + 1",
    "[1, 2].map((x) => x.toFixed())",
    "const wrong: number = 'text'",
    "const p: number = globalThis.process",
    "console.log(process.pid)",
    "const q: number = process",
  ];
  const [before, after] = [fresh(), fresh()];
  after.compile("process");
  for (const code of cells) assert.deepEqual(complaints(before, code), complaints(after, code), code);
});

test("what is read ahead changes no meaning, and is there when it is asked for", () => {
  const notebook = fresh();
  let parts = 1;
  while (notebook.readAhead()) parts += 1;
  assert.ok(parts > 1, "it is read in parts");
  const code = 'import { IntS } from "limpid"';
  const { matches } = notebook.complete(code, code.indexOf("IntS") + 4, { namesAt: () => [], membersOf: () => [] });
  assert.ok(matches.some(({ text }) => text === "IntSlider"));
  assert.match(complaints(notebook, "document")[0]!, /Cannot find name 'document'/);
  assert.match(complaints(notebook, "IntSlider")[0]!, /Cannot find name 'IntSlider'/);
  assert.equal(notebook.readAhead(), false);
});

test("code of an earlier start that does not fit is not used", () => {
  const cache = mkdtempSync(join(tmpdir(), "limpid-code-"));
  mkdirSync(join(cache, "code"));
  const file = `typescript-${ts.version}-node-${process.version}-${process.arch}.bin`;
  writeFileSync(join(cache, "code", file), "not the engine's");
  const compiler = new URL("../../src/kernel/compiler.js", import.meta.url);
  const program = `import ts from ${JSON.stringify(fileURLToPath(compiler))}; console.log(ts.version); process.exit()`;
  const env = { ...process.env, LIMPID_CACHE: cache };
  const said = execFileSync(process.execPath, ["--input-type=module", "-e", program], { env, encoding: "utf8" });
  assert.equal(said.trim(), ts.version);
});
