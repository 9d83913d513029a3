import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { type Debugging, debugging, texts, type Variable } from "../helpers/debugger.js";
import { type Client, startKernel } from "../helpers/kernel.js";

let kernel: Client;
let debug: Debugging;
before(async () => {
  kernel = await startKernel();
  debug = debugging(kernel);
  await kernel.evaluate("0");
});
after(() => kernel.stop());
afterEach(async () => {
  if (kernel.child.exitCode === null) await debug.clear();
});

const ADDS = `let total = 0;
function add(n: number): number {
  const doubled: number = n * 2;
  return doubled + 1;
}
for (const n of [1, 2, 3]) {
  total += add(n);
}
total`;

test("before it is attached, the debugger says how cells are named, and lists variables", async () => {
  const info = await debug.tell("debugInfo");
  assert.deepEqual([info["isStarted"], info["hashMethod"], info["stoppedThreads"]], [false, "Murmur2", []]);
  const { sourcePath } = await debug.tell("dumpCell", { code: "1 + 1" });
  assert.equal(sourcePath, `${info["tmpFilePrefix"]}2359671083${info["tmpFileSuffix"]}`);
  await kernel.evaluate(`const seven = 7; const nested = { list: [1, "two"], inner: { deep: null } };`);
  const { variables } = await debug.tell<{ variables: Variable[] }>("inspectVariables");
  assert.equal(texts(variables)["nested"], `{ list: Array(2), inner: Object }`);
  const nested = variables.find(({ name }) => name === "nested")!;
  const inside = await debug.children(nested.variablesReference);
  assert.deepEqual(texts(inside), { list: `[1, "two"]`, inner: "{ deep: null }" });
  const refused = await debug.ask("setBreakpoints", { source: { path: "x" }, breakpoints: [] });
  assert.match(String(refused["message"]), /not attached/);
});

test("a breakpoint in a cell stops it; steps go by the lines that were written; variables have their own names", async () => {
  await debug.start();
  const path = await debug.breakIn(ADDS, 7);
  const id = await kernel.executeRequest(ADDS);
  const { reason, at } = await debug.stopped();
  assert.equal(reason, "breakpoint");
  assert.deepEqual(at, [`${at[0]!.split(":")[0]}:7`]);
  assert.match(at[0]!, /^Cell In\[\d+\]:7$/);
  assert.equal((await debug.stack())[0]!.source.path, path);
  assert.equal(await kernel.heartbeat(), "ping");
  assert.equal((await kernel.request("kernel_info_request", {}, "control"))["status"], "ok");
  const notebook = await debug.scope("Notebook");
  assert.deepEqual([notebook["n"], notebook["total"], notebook["add"]], ["1", "0", "ƒ add(n)"]);
  assert.match(await debug.step("stepIn"), /^add in .*:3$/);
  assert.match(await debug.step("next"), /^add in .*:4$/);
  assert.deepEqual(await debug.scope("Locals"), { n: "1", doubled: "2" });
  // The engine stops where the caller can stop next: the head of the loop.
  assert.match(await debug.step("stepOut"), /\]:6$/);
  assert.match(await debug.step("next"), /\]:7$/);
  await debug.tell("setBreakpoints", { source: { path }, breakpoints: [] });
  await debug.resume();
  assert.equal((await kernel.executed(id)).result, "15");
});

test("conditions and counts of breakpoints are by the notebook's names", async () => {
  await kernel.evaluate("let scratch = 1;");
  const { sourcePath: path } = await debug.tell<{ sourcePath: string }>("dumpCell", { code: ADDS });
  await debug.tell("setBreakpoints", {
    source: { path },
    breakpoints: [{ line: 4, condition: "total > 0 && n === 3 as number" }],
  });
  const id = await kernel.executeRequest(ADDS);
  await debug.stopped();
  const evaluate = async (expression: string) =>
    debug.tell("evaluate", { expression, frameId: (await debug.stack())[0]!.id, context: "repl" });
  assert.equal((await evaluate("[n, doubled, total]"))["result"], "[3, 6, 8]");
  assert.equal((await evaluate("{ n }"))["result"], "{ n: 3 }");
  await evaluate("scratch = total * 10");
  const failed = await debug.ask("evaluate", { expression: "nobody", context: "repl" });
  assert.equal(failed["message"], "ReferenceError: nobody is not defined");
  await debug.tell("copyToGlobals", {
    srcVariableName: "doubled",
    dstVariableName: "kept",
    srcFrameId: (await debug.stack())[0]!.id,
  });
  await debug.tell("setBreakpoints", { source: { path }, breakpoints: [{ line: 4, hitCondition: "2" }] });
  await debug.resume();
  assert.equal((await kernel.executed(id)).result, "15");
  assert.equal(await kernel.evaluate("scratch"), "80");
  assert.equal(await kernel.evaluate("kept"), "6");
  const again = await kernel.executeRequest(ADDS);
  await debug.stopped();
  assert.equal((await debug.scope("Locals"))["n"], "2");
  await debug.tell("setBreakpoints", { source: { path }, breakpoints: [] });
  await debug.resume();
  await kernel.executed(again);
});

test("a function of an earlier cell stops when a later one calls it, and its callers are seen", async () => {
  const defined = `const scale = 10;
const scaled = (x: number) => {
  const y = x * scale;
  return y;
};`;
  await kernel.evaluate(defined);
  await debug.breakIn(defined, 3);
  const id = await kernel.executeRequest("const result2 = [4].map(scaled);\nresult2");
  const { at } = await debug.stopped();
  assert.match(at.join(" "), /^scaled in Cell In\[\d+\]:3 Cell In\[\d+\]:1$/);
  assert.deepEqual(await debug.scope("Locals"), { x: "4", y: "undefined" });
  assert.match(await debug.step("next"), /^scaled in .*:4$/);
  assert.match(await debug.step("next"), /\]:2$/);
  await debug.breakIn(defined);
  await debug.resume();
  assert.equal((await kernel.executed(id)).result, "[ 40 ]");
});

test("a breakpoint in a local module is set before it is loaded, and in its next version", async () => {
  const file = join(kernel.folder, "shapes.ts");
  const text = (factor: number) => `export type Length = number;

export function area(w: Length, h: Length): Length {
  const size = w * h * ${factor};
  return size;
}
`;
  writeFileSync(file, text(1));
  const set = await debug.tell("setBreakpoints", { source: { path: file }, breakpoints: [{ line: 5 }] });
  assert.equal((set["breakpoints"] as { verified: boolean }[])[0]!.verified, false);
  const cell = 'import { area } from "./shapes.ts";\narea(2, 3)';
  for (const factor of [1, 5]) {
    if (factor === 5) writeFileSync(file, text(5));
    const id = await kernel.executeRequest(cell);
    const { at } = await debug.stopped();
    assert.match(at[0]!, /^area in shapes\.ts:5$/);
    assert.equal((await debug.scope("Locals"))["size"], String(6 * factor));
    assert.equal((await debug.tell("source", { source: { path: file } }))["content"], text(factor));
    await debug.resume();
    assert.equal((await kernel.executed(id)).result, String(6 * factor));
  }
  const { modules } = await debug.tell<{ modules: { name: string; path: string }[] }>("modules");
  assert.deepEqual(modules[0], { id: 0, name: "shapes.ts", path: file });
  await debug.tell("setBreakpoints", { source: { path: file }, breakpoints: [] });
});

test("exceptions stop where they are thrown: all, or those that nobody catches", async () => {
  const thrown = `const fail = (word: string) => { throw new RangeError(word); };
try { fail("caught"); } catch {}
await Promise.resolve();
try { await (async () => { await null; fail("awaited"); })(); } catch {}
JSON.parse("[1]");
await (async () => { await null; fail("not caught"); })();`;
  const texts = async (filters: string[]) => {
    await debug.tell("setExceptionBreakpoints", { filters });
    const id = await kernel.executeRequest(thrown);
    const found: string[] = [];
    for (const _ of filters[0] === "raised" ? [1, 2, 3] : [1]) {
      const { reason, body } = await debug.stopped();
      assert.equal(reason, "exception");
      found.push(String(body["text"]));
      await debug.resume();
    }
    assert.equal((await kernel.executed(id)).reply["ename"], "RangeError");
    return found;
  };
  assert.deepEqual(
    await texts(["raised"]),
    ["caught", "awaited", "not caught"].map((word) => `RangeError: ${word}`),
  );
  assert.deepEqual(await texts(["uncaught"]), ["RangeError: not caught"]);
  await debug.tell("setExceptionBreakpoints", { filters: ["uncaught"] });
  const id = await kernel.executeRequest("const parsed = JSON.parse('{');");
  assert.match(String((await debug.stopped()).body["text"]), /^SyntaxError/);
  await debug.resume();
  await kernel.executed(id);
  await debug.tell("setExceptionBreakpoints", { filters: [] });
  assert.equal((await kernel.execute(thrown)).reply["ename"], "RangeError");
});

test("an interrupt ends a stop and the cell, before and after an await; what was done stays", async () => {
  for (const first of ["", "await Promise.resolve();\n"]) {
    const code = `${first}let before${first.length} = 1;\nbefore${first.length} = 2;\nbefore${first.length} = 3;\nwhile (before${first.length} < 10) before${first.length}++;`;
    const line = first === "" ? 3 : 4;
    const path = await debug.breakIn(code, line);
    const id = await kernel.executeRequest(code);
    await debug.stopped();
    await kernel.request("interrupt_request", {}, "control");
    await debug.event("continued");
    assert.equal((await kernel.executed(id)).reply["ename"], "InterruptError");
    assert.ok(["2", "3"].includes((await kernel.evaluate(`before${first.length}`))!));
    // The breakpoint is as before.
    const again = await kernel.executeRequest(code);
    await debug.stopped();
    await debug.tell("setBreakpoints", { source: { path }, breakpoints: [] });
    await debug.resume();
    assert.equal((await kernel.executed(again)).reply["status"], "ok");
  }
});

test("a step over the last line ends the cell, and the next cell does not stop", async () => {
  const code = "let last = 1;\nlast = 2;";
  const path = await debug.breakIn(code, 2);
  const id = await kernel.executeRequest(code);
  await debug.stopped();
  await debug.tell("next", { threadId: 1 });
  assert.equal((await kernel.executed(id)).reply["status"], "ok");
  await debug.tell("setBreakpoints", { source: { path }, breakpoints: [] });
  assert.equal(await kernel.evaluate("let after = 1;\nafter += 1;\nafter"), "2");
  assert.deepEqual((await debug.tell("debugInfo"))["stoppedThreads"], []);
});

test("a loop is paused; a statement `debugger` stops", async () => {
  const id = await kernel.executeRequest(
    "let turns = 0;\nconsole.log('on');\nfor (;;) {\n  turns += 1;\n  if (turns < 0) break;\n}",
  );
  await kernel.until(() => kernel.published(id).find((m) => m.content["name"] === "stdout"), "the loop");
  await debug.tell("pause", { threadId: 1 });
  assert.equal((await debug.stopped()).reason, "pause");
  await debug.tell("evaluate", { expression: "turns = -10", context: "repl" });
  await debug.resume();
  assert.equal((await kernel.executed(id)).reply["status"], "ok");
  const stopped = await kernel.executeRequest(
    "const inside = (a: number) => {\n  debugger;\n  return a;\n};\ninside(1)",
  );
  assert.match((await debug.stopped()).at[0]!, /^inside in .*:2$/);
  await debug.resume();
  assert.equal((await kernel.executed(stopped)).result, "1");
});

test("values are described without running the notebook's code; long lists come in parts", async () => {
  await kernel.evaluate(`let gets = 0;
const lazy = { get secret() { gets += 1; return 1; }, [Symbol("s")]: 2, set: new Set(["a"]), map: new Map([["k", { v: 1 }]]) };
class Point { #hidden = 5; constructor(public x: number) {} get double() { gets += 1; return this.x * 2; } }
const point = new Point(3);
const long = Float32Array.from({ length: 25_000 }, (_, i) => i);
const proxy = new Proxy({}, { get() { gets += 1; return 1; }, ownKeys() { gets += 1; return []; } });
const failed = new RangeError("no");
const big = 12n, none = null, nothing = undefined, odd = -0, text = "a\\nb", fn = async (a: number) => a;
const { variables: shown } = { variables: 1 };`);
  const { variables } = await debug.tell<{ variables: Variable[] }>("inspectVariables");
  const found = texts(variables);
  assert.deepEqual(
    ["big", "none", "odd", "text", "fn", "failed", "Point", "shown"].map((name) => found[name]),
    ["12n", "null", "-0", '"a\\nb"', "ƒ async (a) => a", "RangeError: no", "class Point", "1"],
  );
  const inside = async (name: string) => debug.children(variables.find((one) => one.name === name)!.variablesReference);
  assert.deepEqual(texts(await inside("point")), { x: "3", "#hidden": "5" });
  const lazy = await inside("lazy");
  assert.equal(texts(lazy)["secret"], "(getter)");
  assert.match(texts(lazy)["map"]!, /^Map\(1\) \{ "k" => Object \}$/);
  const parts = await inside("long");
  assert.deepEqual([parts.length, parts[2]?.name], [3, "[20000 … 24999]"]);
  const smaller = await debug.children(parts[2]!.variablesReference);
  assert.equal(smaller.length, 50);
  assert.equal(texts(await debug.children(smaller[49]!.variablesReference))["24999"], "24999");
  assert.equal(await kernel.evaluate("gets"), "0");
  const rich = await debug.tell("richInspectVariables", { variableName: "point" });
  assert.deepEqual(rich["data"], { "text/plain": "Point { x: 3 }" });
  const refused = await debug.ask("richInspectVariables", { variableName: "process.exit()" });
  assert.equal(refused["success"], false);
});

test("an expression that does not end is ended, stopped or not", async () => {
  const endless = async () => {
    const reply = await debug.ask("evaluate", { expression: "for (;;);", context: "repl" });
    assert.match(String(reply["message"]), /took longer than 5 s/);
  };
  const code = "let waits = 1;\nwaits + 1";
  await debug.breakIn(code, 2);
  const id = await kernel.executeRequest(code);
  await debug.stopped();
  await Promise.all([endless(), debug.tell("evaluate", { expression: "waits", context: "repl" })]);
  await debug.resume();
  assert.equal((await kernel.executed(id)).result, "2");
  await endless();
  assert.equal(await kernel.evaluate("waits"), "1");
  assert.equal(await kernel.evaluate("typeof (globalThis as any).waits"), "'undefined'");
});

test("what is no request is answered, and the kernel goes on", async () => {
  for (const content of [
    {},
    { command: 7 },
    { command: "nobody", seq: 1 },
    { command: "toString" },
    { command: "scopes", arguments: { frameId: 99 } },
  ]) {
    const reply = await kernel.request("debug_request", content as never, "control");
    assert.equal(reply["success"], false, JSON.stringify(content));
    assert.ok(String(reply["message"]).length > 10);
  }
  for (const command of [
    "continue",
    "next",
    "scopes",
    "setBreakpoints",
    "variables",
    "evaluate",
    "source",
    "dumpCell",
    "copyToGlobals",
  ])
    assert.equal((await debug.ask(command, { breakpoints: [{ line: "x" }] }))["success"], false, command);
  assert.equal(await kernel.evaluate("1 + 1"), "2");
});

test("disconnecting ends a stop, and leaves no breakpoint; a stopped kernel shuts down", async () => {
  const path = await debug.breakIn(ADDS, 3);
  const id = await kernel.executeRequest(ADDS);
  await debug.stopped();
  await debug.tell("disconnect", { restart: false, terminateDebuggee: false });
  assert.equal((await kernel.executed(id)).result, "15");
  await debug.event("terminated");
  assert.equal((await kernel.execute(ADDS)).result, "15");
  assert.deepEqual((await debug.tell("debugInfo"))["breakpoints"], []);
  await debug.start();
  await debug.tell("setBreakpoints", { source: { path }, breakpoints: [{ line: 3 }] });
  await kernel.executeRequest(ADDS);
  await debug.stopped();
  const began = performance.now();
  assert.equal(await kernel.stop(), 0);
  assert.ok(performance.now() - began < 4000);
});
