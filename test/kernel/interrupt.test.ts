import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Worker } from "node:worker_threads";
import { InterruptError } from "../../src/kernel/interpreter.js";
import { endSynchronousWork, INTERRUPT_BYTES } from "../../src/kernel/server/interrupt-flag.js";
import { interrupts } from "../../src/kernel/session/interrupt.js";
import { type Client, startKernel } from "../helpers/kernel.js";

let kernel: Client;
before(async () => {
  kernel = await startKernel();
  await kernel.evaluate("0");
});
after(() => kernel.stop());

/** Runs `code`, interrupts it once it has printed "started", and returns the error and how long the cell went on. */
async function interrupted(code: string) {
  const id = await kernel.executeRequest(`console.log("started");\n${code}`);
  await kernel.until(() => kernel.published(id).find((m) => m.content["name"] === "stdout"), "the cell to start");
  const start = performance.now();
  const control = await kernel.request("interrupt_request", {}, "control");
  assert.deepEqual(control, { status: "ok" });
  const { reply } = await kernel.executed(id);
  const milliseconds = performance.now() - start;
  assert.equal(reply["ename"], "InterruptError", String(reply["evalue"]));
  assert.ok(milliseconds < 1000, `stopped after ${milliseconds} ms`);
  return reply;
}

test("an endless loop stops and the variables keep their values", async () => {
  await interrupted("let n = 0; for (;;) { n++ }");
  assert.equal(await kernel.evaluate("n > 1000"), "true");
});

test("an endless loop after an await stops", async () => {
  await interrupted("let m = 0; await 1; for (;;) m++;");
  assert.equal(await kernel.evaluate("m > 1000"), "true");
  await interrupted("await 1; while (true);");
  await interrupted("await 1; do {} while (true)");
});

test("loops in functions, also of earlier cells, and loops that swallow errors stop", async () => {
  await kernel.evaluate("function forever() { for (const x of (function* () { for (;;) yield 1 })()) { x } }");
  await interrupted("await null; forever()");
  await interrupted("while (true) { try { forever() } catch {} }");
});

test("a cell that waits stops at its line, and its `finally` runs", async () => {
  const reply = await interrupted(
    "let cleaned = false;\ntry {\n  await new Promise(() => {});\n} finally { cleaned = true }",
  );
  assert.equal(await kernel.evaluate("cleaned"), "true");
  assert.equal(reply["ename"], "InterruptError");
});

test("an asynchronous loop in a function stops with the cell that waits for it", async () => {
  await interrupted(
    "let turns = 0;\nasync function spin() { for (;;) { await new Promise((r) => setTimeout(r, 5)); turns++ } }\nawait spin()",
  );
  const before = await kernel.evaluate("await new Promise((r) => setTimeout(r, 30)); turns");
  assert.equal(await kernel.evaluate("await new Promise((r) => setTimeout(r, 60)); turns"), before);
});

test("a synchronous call that looks at no flag stops", async () => {
  await interrupted("const stuck = new Function('for (;;) {}'); stuck()");
  await interrupted("/^(a+)+$/.test('a'.repeat(60) + 'b')");
  // Node aborts a process whose code has not left such a scope.
  await kernel.evaluate("import { AsyncResource } from 'node:async_hooks'");
  await interrupted("new AsyncResource('stuck').runInAsyncScope(() => stuck())");
  assert.equal(await kernel.evaluate("await new Promise((r) => setTimeout(r, 5)); 1 + 1"), "2");
});

test("SIGINT stops a cell as the message does, and does not end an idle kernel", async () => {
  const id = await kernel.executeRequest(
    "console.log('started'); await 1; for (;;) { await new Promise((r) => setTimeout(r, 10)) }",
  );
  await kernel.until(() => kernel.published(id).find((m) => m.content["name"] === "stdout"), "the cell to start");
  kernel.child.kill("SIGINT");
  assert.equal((await kernel.executed(id)).reply["ename"], "InterruptError");
  kernel.child.kill("SIGINT");
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(await kernel.evaluate("let after = 0; for (let i = 0; i < 10; i++) after++; after"), "10");
});

test("a question that nobody answers ends with its cell, and the cells behind with it", async () => {
  const asked = await kernel.executeRequest('await input("x")', { allow_stdin: true });
  const behind = await kernel.executeRequest("1");
  await kernel.until(() => kernel.received.stdin.find((m) => m.parentHeader["msg_id"] === asked), "the question");
  await kernel.request("interrupt_request", {}, "control");
  assert.equal((await kernel.executed(asked)).reply["ename"], "InterruptError");
  assert.equal((await kernel.executed(behind)).reply["status"], "aborted");
  assert.equal(await kernel.evaluate("1 + 1"), "2");
  // The next answer is for the next question, not for the one that is gone.
  const next = await kernel.executeRequest('await input("y")', { allow_stdin: true });
  await kernel.until(() => kernel.received.stdin.find((m) => m.parentHeader["msg_id"] === next), "the next question");
  await kernel.send("stdin", "input_reply", { value: "for y" });
  assert.equal((await kernel.executed(next)).result, "'for y'");
});

test("work is ended only while this thread listens, and the order is met before it stops listening", async () => {
  const shared = new SharedArrayBuffer(INTERRUPT_BYTES);
  const { run } = interrupts(shared);
  // The order comes from another thread, as in the kernel: `SENT` first, then at some time the engine is told.
  const source = `import(${JSON.stringify(new URL("../../src/kernel/server/terminate.js", import.meta.url).href)}).then((module) => {
    const { parentPort } = require("node:worker_threads");
    parentPort.on("message", module.terminateMainThread).postMessage("ready");
  })`;
  const other = new Worker(source, { eval: true });
  await once(other, "message");
  const end = () => endSynchronousWork(shared, () => other.postMessage("end"));
  try {
    for (let i = 0; i < 20; i++) {
      // A cell waits, and widget messages come and go: an order here would end code of the kernel.
      run(() => i);
      end();
      const stuck = () => {
        end();
        for (;;);
      };
      // One order a turn of the event loop: the engine takes the next one when it has unwound.
      for (const work of [end, () => run(end), stuck, () => run(stuck)]) {
        assert.throws(() => run(work), InterruptError);
        assert.equal(
          run(() => run(() => i)),
          i,
        );
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }
  } finally {
    await other.terminate();
  }
});

test("signals that come at any time end neither the process nor a cell that did not send them", async () => {
  const own = "process.kill(process.pid, 'SIGINT'); process.emit('SIGINT' as any);";
  for (const code of [`${own} 1`, "process.kill(process.pid, 'SIGINT'); 2", "process.emit('SIGINT' as any); 3"]) {
    // It may stop itself, but none after it.
    await kernel.execute(code);
    for (let i = 0; i < 3; i++) assert.equal(await kernel.evaluate(`${i} + 1`), `${i + 1}`, code);
  }
  // Widget messages are handled in synchronous parts, many in a row; the signals hit all places in and between them.
  const id = await kernel.evaluate(
    "const { IntSlider } = await import('limpid'); const knob = new IntSlider({ max: 1e6 }); knob.id",
  );
  const comm = String(id).replaceAll("'", "");
  for (let round = 0; round < 40; round++) {
    for (let i = 0; i < 30; i++) {
      const data = { method: "update", state: { value: 30 * round + i }, buffer_paths: [] };
      await kernel.send("shell", "comm_msg", { comm_id: comm, data });
      if (i % 10 === 5) kernel.child.kill("SIGINT");
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await kernel.request("kernel_info_request", {});
  assert.equal(await kernel.evaluate("knob.value"), `${30 * 40 - 1}`);
});

test("a signal that is heard while a cell begins is not for it; one that is heard later is", async () => {
  const { begin, signal, isInterrupted, end } = interrupts(new SharedArrayBuffer(INTERRUPT_BYTES));
  const cell = { number: 1, interrupted: false } as unknown as Parameters<typeof begin>[0];
  const begun = begin(cell);
  signal();
  await begun;
  assert.equal(isInterrupted(cell), false);
  signal();
  assert.equal(isInterrupted(cell), true);
  end();
});

test("an interrupt while nothing runs leaves the next cell alone, and stops what earlier cells left running", async () => {
  await kernel.evaluate(
    "let beats = 0;\nvoid (async () => { for (;;) { await new Promise((r) => setTimeout(r, 5)); beats++ } })();",
  );
  await kernel.request("interrupt_request", {}, "control");
  assert.equal(await kernel.evaluate("let next = 0; await 1; for (let i = 0; i < 10; i++) next++; next"), "10");
  const before = await kernel.evaluate("await new Promise((r) => setTimeout(r, 30)); beats");
  assert.equal(await kernel.evaluate("await new Promise((r) => setTimeout(r, 60)); beats"), before);
});

test("what waits behind an interrupted cell is aborted, also when it is interrupted before it began", async () => {
  const requests = ["await new Promise(() => {})", "let second = 1", "let third = 1"].map((code) =>
    kernel.executeRequest(code),
  );
  const [first, ...behind] = await Promise.all(requests);
  await kernel.request("interrupt_request", {}, "control");
  assert.equal((await kernel.executed(first!)).reply["ename"], "InterruptError");
  for (const id of behind) assert.equal((await kernel.executed(id)).reply["status"], "aborted");
  assert.equal(await kernel.evaluate("1 + 1"), "2");
});

test("a cell that catches its interrupt goes on, and so does the one behind it", async () => {
  const first = await kernel.executeRequest(
    "console.log('started');\nlet caught = '';\ntry { for (;;); } catch (error) { caught = (error as Error).name }",
  );
  const second = await kernel.executeRequest("let sum = 0; for (let i = 0; i < 5; i++) sum += i; [caught, sum]");
  await kernel.until(() => kernel.published(first).find((m) => m.content["name"] === "stdout"), "the cell to start");
  await kernel.request("interrupt_request", {}, "control");
  assert.equal((await kernel.executed(first)).reply["status"], "ok");
  assert.equal((await kernel.executed(second)).result, "[ 'InterruptError', 10 ]");
});

test("a module that is still being read, and a result that never shows, stop too", async () => {
  const slow = "const end = Date.now() + 500;\nwhile (Date.now() < end);\nexport const slow = 1;\n";
  writeFileSync(join(kernel.folder, "slow.ts"), `console.log("started");\n${slow}`);
  const id = await kernel.executeRequest('import { slow } from "./slow.ts";\nlet behind = slow;');
  await kernel.until(() => kernel.published(id).find((m) => m.content["name"] === "stdout"), "the module to start");
  await kernel.request("interrupt_request", {}, "control");
  assert.equal((await kernel.executed(id)).reply["ename"], "InterruptError");
  assert.equal((await kernel.execute("behind")).reply["status"], "error");

  await interrupted('({ [Symbol.for("Jupyter.display")]: () => new Promise<undefined>(() => {}) })');
  assert.equal(await kernel.evaluate("1 + 1"), "2");
});

test("heartbeat, kernel_info and output while a cell computes", async () => {
  const id = await kernel.executeRequest("for (let i = 0; ; i++) { if (i % 1e7 === 0) console.log(i) }");
  const text = () =>
    kernel
      .published(id)
      .map((m) => m.content["text"] ?? "")
      .join("");
  await kernel.until(() => (text().split("\n").length > 3 ? true : undefined), "output of a synchronous loop");
  assert.equal(await kernel.heartbeat(), "ping");
  assert.equal((await kernel.request("kernel_info_request", {}, "control"))["status"], "ok");
  // A front end that hears our `idle` must hear `busy` again; it comes on another socket than the reply.
  await kernel.until(() => {
    const last = kernel.received.iopub.filter((m) => m.content["execution_state"]).at(-1);
    return last?.content["execution_state"] === "busy" && last.parentHeader["msg_id"] === id ? true : undefined;
  }, "busy, published again");
  await kernel.request("interrupt_request", {}, "control");
  assert.equal((await kernel.executed(id)).reply["ename"], "InterruptError");
});

/**
 * Interrupts `target` so many milliseconds after it was sent `code`, whatever it does by then. The cell must end within a second
 * of the time when the kernel's thread can take notice, which is after `free` milliseconds.
 */
async function interruptAfter(target: Client, code: string, milliseconds: number, free: number): Promise<void> {
  const start = performance.now();
  const id = await target.executeRequest(code);
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  await target.request("interrupt_request", {}, "control");
  const seen = Math.max(performance.now() - start, free);
  const { reply } = await target.executed(id);
  assert.equal(reply["ename"], "InterruptError", String(reply["evalue"]));
  const ended = performance.now() - start;
  assert.ok(
    ended < seen + 1000,
    `interrupted after ${milliseconds} ms, free after ${free} ms, ended after ${ended} ms`,
  );
}

/** The cell that declares `keep` was stopped: what it had done is kept, if it had begun, and the kernel works. */
async function assertUsable(target: Client): Promise<void> {
  assert.equal(await target.evaluate("let turns = 0; await 1; for (let i = 0; i < 10; i++) turns++; turns"), "10");
  const { reply, result } = await target.execute("keep");
  if (reply["status"] === "ok") assert.ok(Number(result) >= 5, result);
  else assert.match(String(reply["evalue"]), /^Cannot find name 'keep'/);
}

test("the first cell stops whenever the interrupt comes: before the compiler is there, while it checks, while it runs", async () => {
  /** How long the first cell takes when nobody interrupts it; a machine that has more to do may take longer the next time. */
  const free = await withKernel(async (fresh) => {
    const start = performance.now();
    await fresh.evaluate("0");
    return 2 * (performance.now() - start);
  });
  for (const delay of [20, 100, 300, 600, 1000, 2000]) {
    await withKernel(async (fresh) => {
      await interruptAfter(fresh, "let keep = 5; await 1; for (;;) { keep++ }", delay, free);
      await assertUsable(fresh);
    });
  }
});

test("a cell whose imports take long to check stops", async () => {
  for (const delay of [0, 300]) {
    await withKernel(async (fresh) => {
      await fresh.evaluate("0");
      const code = 'import { findClass } from "limpid"; let keep = 5; void findClass; for (;;) { keep++ }';
      await interruptAfter(fresh, code, delay, 8000);
      await assertUsable(fresh);
    });
  }
});

async function withKernel<T>(use: (fresh: Client) => Promise<T>): Promise<T> {
  const fresh = await startKernel();
  try {
    return await use(fresh);
  } finally {
    await fresh.stop();
  }
}

test("a program that a cell waits for is ended with it", async () => {
  await kernel.evaluate("import { execSync } from 'node:child_process'; await 0;");
  const id = await kernel.executeRequest("await 0; console.log('on'); execSync('sleep 60'); 'over'");
  await kernel.until(() => kernel.published(id).find((m) => m.content["name"] === "stdout"), "the cell");
  const start = performance.now();
  await kernel.request("interrupt_request", {}, "control");
  const { reply } = await kernel.executed(id);
  assert.equal(reply["status"], "error");
  assert.ok(performance.now() - start < 15_000);
  assert.equal(await kernel.evaluate("1 + 1"), "2");
});

test("what runs after an await, in callbacks, promises and modules is ended, too, and the process goes on", async () => {
  writeFileSync(join(kernel.folder, "spin.ts"), "export function spin(): void { for (;;) {} }\n");
  const forever = "new Function('for (;;) {}')()";
  const shown = "[Symbol.for('nodejs.util.inspect.custom')]() { /^(a+)+$/.test('a'.repeat(40) + '!') }";
  const ended = [
    "await 0; /^(a+)+$/.test('a'.repeat(40) + '!')",
    `await 0; ${forever}`,
    "import { spin } from './spin.ts'; await 0; console.log('on'); spin()",
    `setTimeout(() => ${forever}, 10); await new Promise(() => {})`,
    "function again(): Promise<void> { return Promise.resolve().then(again) }\nawait again()",
    `({ ${shown} })`,
    `throw { ${shown} }`,
  ];
  for (const code of ended) {
    const { reply } = await interruptedWhenOn(code);
    assert.equal(reply["status"], "error", code);
    assert.equal(await kernel.evaluate("await new Promise((r) => setTimeout(r, 2)); 1 + 1"), "2", code);
  }
});

test("what a cell leaves hanging when it has ended is ended by an interrupt, and the next cells are not", async () => {
  await kernel.evaluate("let whole = [1, 2, 3]");
  for (const code of [
    "function next() { queueMicrotask(next) }\nnext()",
    "function tick() { process.nextTick(tick) }\ntick()",
    "setImmediate(new Function('for (;;) {}') as () => void); 1",
    "setInterval(new Function('for (;;) {}') as () => void, 5); 1",
    "void new Function('(async () => { for (;;) await null })()')()",
  ]) {
    const { reply } = await interruptedWhenOn(code);
    assert.equal(reply["status"], "ok", code);
    assert.equal(await kernel.evaluate("await new Promise((r) => setTimeout(r, 2)); whole"), "[ 1, 2, 3 ]", code);
    assert.equal((await kernel.request("complete_request", { code: "who", cursor_pos: 3 }))["status"], "ok");
  }
});

/** Runs a cell and interrupts it when it hangs, or what it has started. */
async function interruptedWhenOn(code: string) {
  const id = await kernel.executeRequest(`console.log("on");\n${code}`);
  await kernel.until(
    () => kernel.published(id).find((m) => m.content["name"] === "stdout"),
    `${code} to begin`,
    60_000,
  );
  await new Promise((resolve) => setTimeout(resolve, 50));
  await kernel.request("interrupt_request", {}, "control");
  return kernel.executed(id);
}

test("what nothing can end is said to be so after five seconds", async () => {
  const other = await startKernel();
  try {
    await other.evaluate("import { execSync } from 'node:child_process'");
    const id = await other.executeRequest("console.log('on'); execSync(`trap '' INT; sleep 20`)");
    await other.until(() => other.published(id).find((m) => m.content["name"] === "stdout"), "the cell");
    await other.request("interrupt_request", {}, "control");
    const told = await other.until(
      () => other.published(id).find((m) => m.content["name"] === "stderr"),
      "what is said",
    );
    assert.match(String(told.content["text"]), /not heard.*a program that is waited for.*restart the kernel/s);
  } finally {
    await other.stop();
  }
});
