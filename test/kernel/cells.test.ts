import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { NEWER } from "../../src/kernel/own-modules/node-libraries.js";
import { type Client, plain, startKernel } from "../helpers/kernel.js";

let kernel: Client;
before(async () => {
  kernel = await startKernel();
});
after(() => kernel.stop());

const cell = (code: string) => kernel.evaluate(code);

const errorOf = async (code: string) => {
  const { reply } = await kernel.execute(code);
  return reply["status"] === "error" ? `${reply["ename"]}: ${reply["evalue"]}` : undefined;
};

/** Puts a package into the notebook's node_modules. */
function install(name: string, manifest: object, files: Record<string, string>): void {
  const folder = join(kernel.folder, "node_modules", name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name, version: "1.0.0", ...manifest }));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
}

test("closures of earlier cells see assignments of later ones, and the other way round", async () => {
  await cell("let x = 1; function inc() { x++; return x }");
  assert.equal(await cell("x = 10; inc()"), "11");
  assert.equal(await cell("x"), "11");
  await cell("[x] = [20]; ({ y: x } = { y: 30 })");
  assert.equal(await cell("inc()"), "31");
});

test("variables whose type grows with their use, and parameters without annotations, are as welcome as under strict", async () => {
  assert.equal(
    await cell("const losses = []; losses.push(1); let best = null; best = 3; [losses, best]"),
    "[ [ 1 ], 3 ]",
  );
  assert.equal(await cell("losses.push(2); losses.map((loss) => loss * 2)"), "[ 2, 4 ]");
  assert.equal(await cell("const double = (x, times = 2) => x * times; let sum; sum = double(best); sum"), "6");
  assert.equal(await cell('const table = {}; table["a"] = 1; table["a"]'), "1");
});

test("a loop over variables of the notebook takes hardly longer than one over variables of its own", async () => {
  await cell("let [word, thing] = ['text', {}]; let total = 0; let whole: number[] = []; let inner: number[] = [];");
  // The least of several: another process' turn counts for nothing.
  const loop = (name: string, list: string, own: string) =>
    cell(`for (let turn = 0; turn < 7; turn++) {
      const begun = performance.now();
      ${own}${name} = 0;
      for (let i = 0; i < 3e6; i++) ${name} += i;
      ${list}.push(performance.now() - begun);
    }`);
  await loop("total", "whole", "");
  await loop("own", "inner", "let ");
  const ratio = Number(await cell("Math.min(...whole) / Math.min(...inner)"));
  assert.ok(ratio < 6, `${ratio} times`);
});

test("a cell that is run again after an edit replaces what others use", async () => {
  await cell("const alpha = 0.5; function half() { return alpha }");
  await cell("const alpha = 0.25;");
  assert.equal(await cell("half()"), "0.25");
});

test("const, class, function, enum and type are declared anew, with other types", async () => {
  await cell("const v = 1; class A { a = 1 } function f() { return 1 } enum E { P } type T = number");
  await cell("const old = new A();");
  await cell('const v = "s"; class A { b = "b" } function f() { return "f" } enum E { Q = 7 } type T = string;');
  assert.equal(await cell("const t: T = v.toUpperCase(); [t, new A().b.length, f().length, E.Q]"), "[ 'S', 1, 1, 7 ]");
  // What was made of the first class keeps its type.
  assert.equal(await cell("old.a + 1"), "2");
});

test("interfaces, generics, overloads, namespaces, abstract classes and private members", async () => {
  await cell(`
    interface Box<T> { value: T }
    function wrap(x: number): Box<number>;
    function wrap(x: string): Box<string>;
    function wrap(x: unknown) { return { value: x } }
    namespace N { export const k = 3; export function twice() { return 2 * k } }
    abstract class Shape { abstract area(): number; #unit = "m"; static made = 0; describe() { return this.area() + this.#unit } }
    class Square extends Shape { constructor(readonly side: number) { super(); Shape.made++ } area() { return this.side ** 2 } }`);
  assert.equal(
    await cell("const s: Shape = new Square(3); [s.describe(), Shape.made, N.twice(), wrap('q').value.length]"),
    "[ '9m', 1, 6, 1 ]",
  );
  assert.equal(await cell("[1, 2].map(<T,>(x: T): Box<T> => ({ value: x })).length satisfies number"), "2");
});

test("destructuring, defaults, rest, computed keys and shorthand use the notebook's variables", async () => {
  await cell(
    "const key = 'b'; const { a, [key]: [q = 5, ...rest], ...others } = { a: 1, b: [undefined, 3, 4], c: 6, d: 7 };",
  );
  assert.equal(await cell("({ a, q, rest, others })"), "{ a: 1, q: 5, rest: [ 3, 4 ], others: { c: 6, d: 7 } }");
  await cell("for (var i = 0, n = 0; i < 4; i++) n += i; for (var last of [7, 8]);");
  assert.equal(await cell("[i, n, last]"), "[ 4, 6, 8 ]");
});

test("functions keep their names and get no stray `this`", async () => {
  await cell(
    "const named = () => 1; const Made = class {}; function self(this: unknown) { return this === undefined }",
  );
  assert.equal(await cell("[named.name, Made.name, self(), self?.()]"), "[ 'named', 'Made', true, true ]");
  await cell("function tag(this: unknown, s: TemplateStringsArray, ...v: unknown[]) { return [this, s.raw[0], v[0]] }");
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the cell holds the template.
  assert.equal(await cell("tag`a${1}`"), "[ undefined, 'a', 1 ]");
});

test("await, also in parentheses, at the top level", async () => {
  assert.equal(await cell("await (Promise.resolve(5))"), "5");
  assert.equal(await cell("const w = await (async () => 6)(); w + await Promise.resolve(1)"), "7");
  assert.equal(await cell("let sum = 0; for await (const x of [1, Promise.resolve(2)]) sum += x; sum"), "3");
  assert.match((await cell("Promise.resolve(2)")) ?? "", /^Promise \{ 2 \}$/);
});

test("export in a cell declares like any other statement", async () => {
  await cell(
    "export const e1 = 1; export function e2() { return 2 } export default class E3 { x = 3 } export { e1 as renamed }; export type E4 = number",
  );
  assert.equal(await cell("const e4: E4 = 4; [e1, e2(), new E3().x, e4]"), "[ 1, 2, 3, 4 ]");
});

test("the last expression is the result; an assignment or a declaration has none", async () => {
  assert.equal(await cell("1 + 1;"), "2");
  assert.equal(await cell("'text'"), "'text'");
  assert.equal(await cell("let r = 3"), undefined);
  assert.equal(await cell("r = 4"), undefined);
  assert.equal(await cell("undefined"), undefined);
  assert.equal(await cell("null"), "null");
  assert.equal(await cell("42; type Unused = string; ;"), "42");
});

test("resources of `using` are disposed when the cell ends", async () => {
  const { stdout } = await kernel.execute(
    "using r = { [Symbol.dispose]() { console.log('disposed') } }; console.log('in use')",
  );
  assert.equal(stdout, "in use\ndisposed\n");
});

test("a cell that fails leaves what it had declared, and what was there before", async () => {
  await cell("const kept = 'old'; const before = 0;");
  const { reply } = await kernel.execute(
    "const before = 1; function hoisted() { return 'h' } const kept = JSON.parse('{'); const after = 2;",
  );
  assert.equal(reply["ename"], "SyntaxError");
  assert.equal(await cell("[before, hoisted(), kept]"), "[ 1, 'h', 'old' ]");
  const missing = await kernel.execute("after");
  assert.equal(missing.reply["ename"], "TypeError (TS2304)");
});

test("the interrupt check costs a top-level loop a few nanoseconds at most", async () => {
  // Processor time, least of several alternating runs; the peer is the same loop compiled by the engine alone.
  const { stdout } = await kernel.execute(`
    let total = 0;
    const cpu = () => process.cpuUsage().user;
    const body = "const box = { v: undefined }; box.v = 0; for (let i = 0; i < 1e7; i++) box.v += i; return box";
    const ours: number[] = [], theirs: number[] = [];
    for (let r = 0; r < 6; r++) {
      const before = cpu();
      new Function(body)();
      const between = cpu();
      total = 0;
      for (let i = 0; i < 1e7; i++) total += i;
      theirs.push(between - before);
      ours.push(cpu() - between);
    }
    console.log(((Math.min(...ours) - Math.min(...theirs)) * 1000) / 1e7);`);
  const nanoseconds = Number(stdout);
  assert.ok(nanoseconds <= 5, `${nanoseconds} ns more an iteration than plain JavaScript`);
});

test("a package that is installed after its import failed can be imported", async () => {
  const failed = await kernel.execute('import late from "late-package"');
  assert.equal(failed.reply["ename"], "TypeError (TS2307)");
  assert.match(plain(failed.reply), /npm install late-package/);
  install("late-package", { main: "index.js" }, { "index.js": "module.exports = { n: 5 }" });
  assert.equal(await cell('import late from "late-package"; late.n'), "5");
});

test("packages that only have exports, ESM-only packages, top-level await in packages", async () => {
  install(
    "only-exports",
    { type: "module", exports: { "./deep": { types: "./d.d.ts", import: "./d.js" } } },
    {
      "d.js": "export const deep = 'deep'; export default 1",
      "d.d.ts": "export declare const deep: string; declare const one: number; export default one;",
    },
  );
  install(
    "waits",
    { type: "module", exports: "./w.js" },
    { "w.js": "export const ready = await Promise.resolve('ready')" },
  );
  assert.equal(await cell('import one, { deep } from "only-exports/deep"; deep.length + one'), "5");
  assert.equal(await cell('import * as waits from "waits"; waits.ready'), "'ready'");
  assert.equal(await cell('(await import("only-exports/deep")).deep'), "'deep'");
  const wrong = await kernel.execute('import { missing } from "only-exports/deep"');
  assert.equal(wrong.reply["ename"], "TypeError (TS2614)");
});

test("CommonJS packages: default, named and whole, also names that Node.js cannot read off the source", async () => {
  install("hidden-names", {}, { "index.js": "const all = {}; all['dyn' + 'amic'] = () => 'd'; module.exports = all" });
  assert.equal(await cell('import { dynamic } from "hidden-names"; dynamic()'), "'d'");
  assert.equal(await cell('import * as hidden from "hidden-names"; hidden.dynamic()'), "'d'");
  assert.equal(await cell('const viaRequire = require("hidden-names"); viaRequire.dynamic()'), "'d'");
});

test("types alone are imported without loading anything", async () => {
  install("types-only", { types: "t.d.ts" }, { "t.d.ts": "export interface Shape { sides: number }" });
  assert.equal(await cell('import { Shape } from "types-only"; const square: Shape = { sides: 4 }; square.sides'), "4");
});

test("modules beside the notebook, in TypeScript, are read again after an edit", async () => {
  const write = (text: string) => writeFileSync(join(kernel.folder, "helper.ts"), text);
  write("import { unit } from './unit.js'; export const area = (x: number): string => x * x + unit;");
  writeFileSync(join(kernel.folder, "unit.ts"), "export const unit: string = 'cm';");
  assert.equal(await cell('import { area } from "./helper.ts"; area(2)'), "'4cm'");
  write("export const area = (x: number): number => x * x;");
  assert.equal(await cell('import { area } from "./helper.js"; area(3) + 1'), "10");
});

test("limpid and its dependencies can be imported wherever the notebook lies", async () => {
  assert.match((await cell('import { tensor } from "@tensorflow/tfjs-core"; typeof tensor')) ?? "", /function/);
  assert.equal(await cell('import * as limpid from "limpid"; typeof limpid'), "'object'");
  assert.equal(await cell('import { widgetClass } from "limpid/widgets-kit"; typeof widgetClass'), "'function'");
});

test("import.meta, require, __dirname speak of the notebook's folder", async () => {
  const folder = JSON.stringify(kernel.folder).replaceAll('"', "'");
  assert.equal(await cell("import.meta.dirname"), folder);
  assert.equal(await cell("__dirname"), folder);
  assert.equal(await cell("new URL('.', import.meta.url).protocol"), "'file:'");
});

test("names with underscores, dollars and letters of other scripts", async () => {
  await cell("let __x = 1, $ = 2, _ = 3, größe = 4; function __f() { return __x }");
  assert.equal(await cell("__x = 5; [__f(), $, _, größe]"), "[ 5, 2, 3, 4 ]");
});

test("`input`, `name`, `status` and other names of globals are free for the notebook", async () => {
  await cell("const name = 'n', status = 1, input = 2, top = 3, length = 4;");
  assert.equal(await cell("name + status + input + top + length"), "'n1234'");
});

test("what people write in scripts: hashbang, assertions in angle brackets, generic arrows, import =", async () => {
  assert.equal(await cell("#!/usr/bin/env node\n5"), "5");
  assert.equal(await cell("const same = <T>(x: T) => x; same(<number>(3 as any))"), "3");
  assert.equal(await cell("import nodePath = require('node:path'); nodePath.posix.sep"), "'/'");
  assert.equal(
    await cell(
      "namespace Outer { export namespace Inner { export const v = 2; } }\nimport Alias = Outer.Inner; Alias.v",
    ),
    "2",
  );
  assert.equal(await cell("Alias.v + 1"), "3");
  assert.equal(await cell("export default function () { return 1; }"), "[Function (anonymous)]");
  assert.equal(await cell("export default class { static n = 1 }"), "[class (anonymous)] { n: 1 }");
  assert.equal(await cell("export default async () => 1"), "[AsyncFunction (anonymous)]");
});

test("a variable without a value may get it from any cell", async () => {
  await cell("let later: number; const use = () => later;");
  await cell("later = 2");
  assert.equal(await cell("use() + later"), "4");
  await cell(
    "let isOdd: (n: number) => boolean; function isEven(n: number): boolean { return n === 0 || isOdd(n - 1); }",
  );
  await cell("isOdd = (n) => n !== 0 && isEven(n - 1)");
  assert.equal(await cell("isEven(10)"), "true");
  await cell("let open; let empty = null;");
  await cell("open = 4; empty = 'x'");
  assert.equal(await cell("open + 1 + empty.length"), "6");
  assert.equal(await cell("for (var key in { a: 1, b: 2 }) {}\nkey"), "'b'");
  assert.match((await errorOf("let unset: number; unset + 1"))!, /used before being assigned/);
});

test("a default in a pattern names its function as JavaScript does", async () => {
  assert.equal(await cell("const { f1 = () => 1, g1 = class {} } = {} as any; [f1.name, g1.name]"), "[ 'f1', 'g1' ]");
  assert.equal(await cell("const [h1 = function () {}] = [] as any[]; h1.name"), "'h1'");
});

test("every resource of `using` is disposed, also after one fails, and no error is lost", async () => {
  const two =
    "using kept = { [Symbol.dispose]() { console.log('kept'); } };\nusing bad = { [Symbol.dispose]() { throw new Error('bad'); } };";
  const { stdout, reply } = await kernel.execute(two);
  assert.deepEqual([stdout, reply["ename"], reply["evalue"]], ["kept\n", "Error", "bad"]);
  const both = await kernel.execute(`${two}\nthrow new Error('body');`);
  assert.equal(both.reply["ename"], "SuppressedError");
  await cell("{ await using q = { async [Symbol.asyncDispose]() { await null; globalThis.gone = true; } }; }");
  assert.equal(await cell("(globalThis as any).gone"), "true");
});

test("names that would break the notebook are refused, by name", async () => {
  assert.match((await errorOf("const undefined = 1"))!, /undefined is a value of JavaScript itself/);
  assert.match((await errorOf("function take(__v_a: number) { return __v_a; }"))!, /__v_ are the kernel's own/);
  assert.equal(
    await cell("function shadow(undefinedToo: number) { const NaN = 1; return NaN + undefinedToo; }\nshadow(1)"),
    "2",
  );
  assert.equal(await cell("'__v_a'.length"), "5");
});

test("lines of other kernels are refused with the way to do it here", async () => {
  assert.match((await errorOf("!ls"))!, /!ls is of another kernel.*execSync/);
  assert.match((await errorOf("!pip install numpy"))!, /execSync/);
  assert.match((await errorOf("%%time\n1 + 1"))!, /console\.time/);
  assert.match((await errorOf("%matplotlib inline\n1"))!, /plot\(/);
  assert.match((await errorOf("%constructor\n1"))!, /%constructor is of another kernel\. This kernel runs TypeScript/);
  assert.equal(await cell("const ready = false; !ready"), "true");
  assert.equal(await cell("let rest = 7; rest\n% 4"), "3");
});

test("what the Node.js that runs has is known, and nothing else; of the rest it is said which version has it", async () => {
  assert.equal(await cell("'a'.isWellFormed()"), "true");
  assert.equal(await cell("typeof WebAssembly.instantiate"), "'function'");
  for (const [code, present] of [
    ["Object.groupBy([1], String)", "groupBy" in Object],
    ["Promise.withResolvers<number>()", "withResolvers" in Promise],
    ["new Set([1]).union(new Set([2]))", "union" in Set.prototype],
    ["[1].values().map(String).toArray()", "Iterator" in globalThis],
    ["Promise.try(() => 1)", "try" in Promise],
    ["new Uint8Array(1).toBase64()", "toBase64" in Uint8Array.prototype],
  ] as const) {
    const error = await errorOf(code);
    if (present) assert.equal(error, undefined, code);
    else
      assert.match(
        error!,
        /The kernel runs in Node\.js [\d.]+, which does not have it yet; Node\.js \d\d has it$/,
        code,
      );
  }
  const major = Number(process.versions.node.split(".")[0]);
  for (const { lib, present, since } of NEWER) assert.equal(present(), major >= since, lib);
  // What is no part of the language is nobody's.
  assert.doesNotMatch((await errorOf("({ a: 1 }).union"))!, /Node/);
  assert.match((await errorOf("document.title"))!, /Cannot find name 'document'/);
});

test("a sum that is too long for the compiler is said to be, and the next cell runs", async () => {
  assert.match((await errorOf(Array(20_000).fill('"a"').join("+")))!, /nests too deep for the compiler/);
  assert.equal(await cell("1 + 1"), "2");
});

test("a module is added to without being imported, and names of a pattern in a loop's head have values", async () => {
  await cell('declare module "limpid" { interface Extra { a: 1 } }');
  assert.equal(await cell('declare module "limpid" { interface Other { b: 1 } }\n"both"'), "'both'");
  assert.match(String(await errorOf('declare module "no-such-module" { interface No { a: 1 } }')), /TS2664/);
  assert.equal(await cell("for (var [first, second] of [[1, 2]]) {}\nfirst + second"), "3");
});
