/** Modules beside a notebook, in every form that people write them, and the settings that they are compiled by. */
import assert from "node:assert/strict";
import { mkdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { type Client, plain, startKernel } from "../helpers/kernel.js";

let kernel: Client;
before(async () => {
  kernel = await startKernel();
});
after(() => kernel.stop());

const cell = (code: string) => kernel.evaluate(code);

/** A later time for every file that is written: edits may follow each other within a tick of the file system's clock. */
let clock = Math.round(Date.now() / 1000);
function write(name: string, text: string | Uint8Array): void {
  const file = join(kernel.folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  clock += 1;
  utimesSync(file, clock, clock);
}

async function failing(code: string): Promise<string> {
  const { reply } = await kernel.execute(code);
  assert.equal(reply["status"], "error");
  return plain(reply);
}

test("they are ES modules, also where no package.json says so", async () => {
  write(
    "own.ts",
    "export default class Foo { v = 3 }\nexport const t: number = await Promise.resolve(5);\nexport const m = import.meta.url;",
  );
  assert.equal(
    await cell('import Foo, { t, m } from "./own.ts"; [new Foo().v, t, m.includes("own.ts")]'),
    "[ 3, 5, true ]",
  );
});

test("without an ending, by the name of the output, in a folder, and as JavaScript", async () => {
  write("unit.ts", "export const unit: string = 'cm';");
  write("parts/index.ts", "import { unit } from '../unit'; export const part = unit + '²';");
  write("plain.js", "export const z = 7;");
  write("common.cjs", "module.exports = { w: 8 };");
  assert.equal(
    await cell("import { unit } from './unit.js'; import { part } from './parts'; [unit, part]"),
    "[ 'cm', 'cm²' ]",
  );
  assert.equal(await cell("import { z } from './plain'; import { w } from './common.cjs'; z + w"), "15");
});

test("the graph below an import is read again when any of its files changes, and what did not change keeps its state", async () => {
  write("count.ts", "export let n = 0; export const inc = (): void => { n++; };");
  write("leaf.ts", "export const leaf = 'one';");
  write("middle.ts", "import { leaf } from './leaf.js'; export const middle = () => leaf;");
  write("top.ts", "export { middle } from './middle.ts';");
  await cell("import { inc } from './count.ts'; inc()");
  assert.equal(await cell("import { middle } from './top.ts'; middle()"), "'one'");
  write("leaf.ts", "export const leaf = 'two';");
  assert.equal(await cell("import { middle } from './top.ts'; middle()"), "'two'");
  assert.equal(await cell("import { n } from './count.ts'; n"), "1");
});

test("modules that import each other are read again together", async () => {
  write(
    "ping.ts",
    "import { pong } from './pong.ts'; export const ping = (n: number): string => (n ? pong(n - 1) : 'ping');",
  );
  write(
    "pong.ts",
    "import { ping } from './ping.ts'; export const pong = (n: number): string => (n ? ping(n - 1) : 'pong');",
  );
  assert.equal(await cell("import { ping } from './ping.ts'; ping(3)"), "'pong'");
  write(
    "pong.ts",
    "import { ping } from './ping.ts'; export const pong = (n: number): string => (n ? ping(n - 1) : 'PONG');",
  );
  assert.equal(await cell("import { ping } from './ping.ts'; ping(3)"), "'PONG'");
});

test("what a module assigns is seen by those who imported it, until the notebook gives the name away", async () => {
  write("live.ts", "export let state = 0; export function step() { state += 1; }");
  assert.equal(await cell("import { state, step } from './live.ts'; step(); step(); state"), "2");
  assert.equal(await cell("step(); state"), "3");
  assert.equal(await cell("const state = 'mine'; step(); state"), "'mine'");
});

test("require takes TypeScript, too, and reads it again after an edit", async () => {
  write("required.ts", "import { value } from './value'; export const twice: number = 2 * value;");
  write("value.ts", "export const value: number = 4;");
  assert.equal(await cell("(require('./required.ts') as { twice: number }).twice"), "8");
  write("value.ts", "export const value: number = 5;");
  assert.equal(await cell("(require('./required.ts') as { twice: number }).twice"), "10");
});

test("JSON with and without attribute, and WebAssembly with its imports", async () => {
  write("d.json", '{"x": [1, 2, 3]}');
  assert.equal(
    await cell("import d from './d.json'; import e from './d.json' with { type: 'json' }; [d.x[1], e.x[2]]"),
    "[ 2, 3 ]",
  );
  write("d.json", '{"x": [1, 9]}');
  assert.equal(await cell("import d from './d.json'; d.x"), "[ 1, 9 ]");
  // (module (import "./env.js" "bias" (func (result i32))) (func (export "add") … a + b + bias()))
  const section = (id: number, ...bytes: number[]) => [id, bytes.length, ...bytes];
  const text = (word: string) => [word.length, ...Buffer.from(word)];
  const types = section(1, 2, 0x60, 0, 1, 0x7f, 0x60, 2, 0x7f, 0x7f, 1, 0x7f);
  const imports = section(2, 1, ...text("./env.js"), ...text("bias"), 0, 0);
  const exported = section(7, 1, ...text("add"), 0, 1);
  const body = [0, 0x20, 0, 0x20, 1, 0x6a, 0x10, 0, 0x6a, 0x0b];
  const code = section(10, 1, body.length, ...body);
  write(
    "sum.wasm",
    Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...types, ...imports, ...section(3, 1, 1), ...exported, ...code]),
  );
  write("env.js", "export const bias = () => 100;");
  assert.equal(await cell("import { add } from './sum.wasm'; add(2, 3)"), "105");
});

test("an error in a module names its own line, with the text around it, and the cell that called it", async () => {
  write(
    "fails.ts",
    "interface A {\n  a: number;\n}\n\nexport function boom(x: A): void {\n  throw new RangeError(`boom ${x.a}`);\n}\n",
  );
  const text = await failing("import { boom } from './fails.ts';\n\nboom({ a: 1 });");
  assert.match(text, /^fails\.ts, line 6$/m);
  assert.match(text, />\s+6\s+throw new RangeError/);
  assert.match(text, /at boom \(fails\.ts, line 6:9\)\n\s+at Cell In\[\d+\], line 3:1/);
  assert.doesNotMatch(text, /changed=|file:\/\//);
});

test("what is not there, and what does not export a name, is said", async () => {
  assert.match(await failing("import nope from './nope.ts'"), /Cannot find module '\.\/nope\.ts'/);
  assert.match(await failing("import { nothing } from './unit.ts'"), /no exported member 'nothing'/);
  assert.match(await failing("await import('./nope.ts' + '')"), /nope\.ts/);
  const advice: [specifier: string, RegExp][] = [
    ["nope", /Is it installed\? In a cell: .*install\("nope"\)/],
    ["@some/nope/deep", /install\("@some\/nope"\)/],
    ["npm:nope@2", /without npm: in front: "nope".*install\("nope"\)/],
    ["https://example.org/nope.js", /not what lies on the web/],
    ["jsr:@some/nope@1", /npx jsr add @some\/nope; then import from "@some\/nope"/],
    ["node:nope", /has no module of that name/],
  ];
  for (const [specifier, words] of advice) assert.match(await failing(`import * as all from "${specifier}"`), words);
});

test("a module may be written into its address; packages may color what they print, and values stay plain", async () => {
  assert.equal(
    await cell('import five, { six } from "data:text/javascript,export default 5; export const six = 6"; five + six'),
    "11",
  );
  assert.equal(await cell('(await import("data:application/json,[7]", { with: { type: "json" } })).default[0]'), "7");
  const { stdout } = await kernel.execute(
    'import chalk from "chalk"; console.log(chalk.red("colored"), { plain: "x" })',
  );
  assert.equal(stdout, "\u001b[31mcolored\u001b[39m { plain: 'x' }\n");
});

test("the tsconfig.json beside the notebook is honored, and read again when it changes", async () => {
  assert.match(await failing("const text: string = null; text"), /TS2322/);
  write(
    "tsconfig.json",
    '{ "compilerOptions": { "strict": false, "experimentalDecorators": true, "paths": { "@lib/*": ["./lib/*"] } } }',
  );
  write("lib/helper.ts", "import { other } from '@lib/other'; export const helper = `from lib${other}`;");
  write("lib/other.ts", "export const other = '!';");
  assert.equal(await cell("const text: string = null; text"), "null");
  assert.equal(await cell("import { helper } from '@lib/helper'; helper"), "'from lib!'");
  const decorated =
    "const seen: string[] = []; function note(_: object, key: string) { seen.push(key); }\nclass Noted { @note go() {} }\nseen";
  assert.equal(await cell(decorated), "[ 'go' ]");
  write("base.json", '{ "compilerOptions": { "noUncheckedIndexedAccess": true } }');
  write("tsconfig.json", '{ "extends": "./base.json" }');
  assert.match(await failing("const row: number[] = [1]; const first: number = row[0];"), /TS2322/);
  write("base.json", "{}");
  assert.equal(await cell("const row: number[] = [1]; const first: number = row[0]; first"), "1");
  write("tsconfig.json", '{ "compilerOptions": { "strict": "yes" } }');
  assert.match(
    await failing("1"),
    /tsconfig\.json, line 1[\s\S]*Compiler option 'strict' requires a value of type boolean/,
  );
  // What a cell declares is for later cells.
  write("tsconfig.json", '{ "compilerOptions": { "noUnusedLocals": true } }');
  assert.equal(await cell("const later = 5; 1"), "1");
  rmSync(join(kernel.folder, "tsconfig.json"));
  assert.equal(await cell("1"), "1");
});

test("elements become calls of the factory or the runtime that tsconfig.json names", async () => {
  assert.match(await failing("const el = <div/>;"), /tsconfig\.json beside the notebook says what elements become/);
  write("tsconfig.json", '{ "compilerOptions": { "jsx": "react", "jsxFactory": "h" } }');
  write(
    "el.tsx",
    "const h = (t: string, p: unknown, ...c: unknown[]) => ({ t, p, c }); export const el = <div id='1'>x</div>;",
  );
  await cell("const h = (t: string, p: unknown, ...c: unknown[]) => ({ t, p, c });");
  assert.equal(
    await cell("JSON.stringify(<b>{<i>hi</i>}</b>)"),
    `'{"t":"b","p":null,"c":[{"t":"i","p":null,"c":["hi"]}]}'`,
  );
  assert.equal(await cell("import { el } from './el.tsx'; el"), "{ t: 'div', p: { id: '1' }, c: [ 'x' ] }");
  const runtime = { ".": "./jsx.js", "./jsx-runtime": { types: "./jsx.d.ts", default: "./jsx.js" } };
  write(
    "node_modules/react/package.json",
    JSON.stringify({ name: "react", version: "1.0.0", type: "module", exports: runtime }),
  );
  write("node_modules/react/jsx.js", "export const jsx = (t, p) => ({ jsx: t, ...p }); export const jsxs = jsx;");
  write(
    "node_modules/react/jsx.d.ts",
    "export declare const jsx: (t: string, p: unknown) => unknown; export declare const jsxs: typeof jsx;\n" +
      "export namespace JSX { interface IntrinsicElements { [k: string]: unknown } type Element = unknown }",
  );
  write("tsconfig.json", '{ "compilerOptions": { "jsx": "react-jsx" } }');
  assert.equal(await cell("<b id='x'>hi</b>"), "{ jsx: 'b', id: 'x', children: 'hi' }");
  rmSync(join(kernel.folder, "tsconfig.json"));
});
