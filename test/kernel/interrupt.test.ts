import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Client, startKernel } from "./client.js";

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
