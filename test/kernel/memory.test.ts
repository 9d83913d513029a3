/** Memory that gives out: the cell is stopped before, and where the process has ended all the same its reader hears of it. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { plain, startKernel } from "../helpers/kernel.js";

test("a cell that fills the memory is stopped, and what was there stays", async () => {
  const kernel = await startKernel({ env: { NODE_OPTIONS: "--max-old-space-size=400" } });
  try {
    await kernel.evaluate("const kept = { a: [1, 2, 3] };");
    const { reply } = await kernel.execute(
      "const lists: number[][] = []; for (;;) lists.push(Array.from({ length: 100 }, (_, i) => i / 3))",
    );
    assert.equal(reply["ename"], "OutOfMemoryError", plain(reply));
    assert.match(String(reply["evalue"]), /took \d+ of the \d+ MB.*--max-old-space-size=\d+/);
    assert.equal(await kernel.evaluate("lists.length = 0; kept"), "{ a: [ 1, 2, 3 ] }");
    // An interrupt of the reader's is called so.
    const id = await kernel.executeRequest("await new Promise(() => {})");
    await kernel.until(
      () => kernel.published(id).find((m) => m.header["msg_type"] === "execute_input"),
      "its beginning",
    );
    await kernel.request("interrupt_request", {}, "control");
    assert.equal((await kernel.executed(id)).reply["ename"], "InterruptError");
  } finally {
    await kernel.stop();
  }
});

test("after the process has ended in a cell, the first cell of the next kernel says so, once", async () => {
  const first = await startKernel();
  const id = await first.executeRequest("while (true) {}");
  await first.until(() => first.published(id).find((m) => m.header["msg_type"] === "execute_input"), "its beginning");
  // The note is written when a cell has run for a second.
  const note = `${first.connectionFile}.running`;
  while (!existsSync(note)) await first.heartbeat();
  first.child.kill("SIGKILL");
  await first.exited;
  await first.stop();
  const second = await startKernel({ connectionFile: first.connectionFile });
  try {
    assert.match((await second.execute("1")).stderr, /^The kernel before this one ended in the midst of Cell In\[1\]/);
    assert.equal((await second.execute("2")).stderr, "");
    assert.equal(existsSync(note), false);
  } finally {
    await second.stop();
  }
});
