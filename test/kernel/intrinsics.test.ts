/** Cells that replace what JavaScript is made of do not break the kernel, whatever they replace. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Client, startKernel } from "../helpers/kernel.js";

let kernel: Client;
before(async () => {
  kernel = await startKernel();
});
after(() => kernel.stop());

const REPLACING: readonly (readonly [cell: string, named: RegExp])[] = [
  ["import { mock } from 'node:test'; mock.timers.enable()", /setTimeout|Date/],
  ["globalThis.Promise = class MyP<T> extends Promise<T> {} as any", /replaced Promise,/],
  ["(JSON as any).stringify = () => '!'", /JSON\.stringify/],
  ["(globalThis as any).JSON = undefined", /replaced JSON,/],
  ["Map.prototype.get = () => undefined as any", /Map\.prototype\.get/],
  ["Error.prepareStackTrace = () => { throw new Error('no'); }", /Error\.prepareStackTrace/],
  ["(globalThis as any).process = undefined", /replaced process,/],
  ["String.prototype.replace = () => 'hacked'", /String\.prototype\.replace/],
  ["Function.prototype.call = () => { throw new Error('call'); }", /Function\.prototype\.call/],
  ["require('events').EventEmitter.prototype.emit = () => true", /EventEmitter\.prototype\.emit/],
  ["Object.defineProperty(globalThis, Symbol.for('limpid.host'), { value: undefined })", /Limpid's place/],
  [
    "for (const k of Object.keys(globalThis)) { try { delete (globalThis as any)[k]; } catch {} }",
    /performance, crypto/,
  ],
];

test("what a cell replaces is put back and named; the next cell computes, prints and completes as ever", async () => {
  for (const [code, named] of REPLACING) {
    const { reply, stderr } = await kernel.execute(code);
    assert.equal(reply["status"], "ok", code);
    assert.match(stderr, named, code);
    const next = await kernel.execute("console.log('out'); await null; [1, 2].length");
    assert.deepEqual([next.stdout, next.result, next.stderr], ["out\n", "2", ""], code);
    const completed = await kernel.request("complete_request", { code: "Mat", cursor_pos: 3 });
    assert.ok((completed["matches"] as string[]).includes("Math"), code);
  }
});

test("what a cell adds, and what it lets a library do, stays", async () => {
  await kernel.execute("(Array.prototype as any).second = function () { return this[1]; }; console.log = () => {};");
  assert.equal((await kernel.execute("([1, 2] as any).second()")).result, "2");
  assert.equal((await kernel.execute("delete (Array.prototype as any).second")).stderr, "");
});

test("what a cell freezes does not stop the next", async () => {
  const other = await startKernel();
  try {
    await other.execute("Object.freeze(globalThis); Object.freeze(Object.prototype); Object.freeze(Array.prototype)");
    assert.equal(await other.evaluate("console.log('out'); 1 + 1"), "2");
  } finally {
    await other.stop();
  }
});
