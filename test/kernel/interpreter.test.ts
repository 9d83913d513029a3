import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type Client, startKernel } from "../helpers/kernel.js";

let kernel: Client;
before(async () => {
  const program = fileURLToPath(new URL("./arithmetic.js", import.meta.url));
  kernel = await startKernel({ program });
});
after(() => kernel.stop());

test("a kernel runs any language that is an interpreter", async () => {
  const info = await kernel.request("kernel_info_request");
  assert.deepEqual(info["language_info"], {
    name: "arithmetic",
    version: "1.0",
    mimetype: "text/plain",
    file_extension: ".sum",
  });
  assert.equal(info["protocol_version"], "5.3");
  assert.equal(await kernel.evaluate("answer = 40 + 3 - 1"), undefined);
  assert.equal(await kernel.evaluate("answer + answer - 2"), "82");
});

test("what it throws is the cell's error", async () => {
  const { reply } = await kernel.execute("1 + many");
  assert.equal(reply["ename"], "ReferenceError");
  assert.equal(reply["evalue"], '"many" is neither a number nor a name');
  assert.deepEqual(reply["traceback"], ['ReferenceError: "many" is neither a number nor a name']);
  assert.equal(await kernel.evaluate("1 + 1"), "2");
});

test("completion, completeness and history come from it; what it does not answer is answered", async () => {
  await kernel.evaluate("total = 5");
  const completed = await kernel.request("complete_request", { code: "'𝛼' + to", cursor_pos: 8 });
  assert.ok((completed["matches"] as string[]).includes("total"));
  assert.deepEqual([completed["cursor_start"], completed["cursor_end"]], [6, 8]);
  assert.equal((await kernel.request("is_complete_request", { code: "1 +" }))["status"], "incomplete");
  assert.equal((await kernel.request("is_complete_request", { code: "1 + 2" }))["status"], "complete");
  assert.equal((await kernel.request("inspect_request", { code: "total", cursor_pos: 5 }))["found"], false);
  const { history } = await kernel.request("history_request", { hist_access_type: "tail", n: 1 });
  assert.match(JSON.stringify(history), /total = 5/);
});

test("an interrupt ends what waits and what looks, and the cell behind is aborted", async () => {
  for (const code of ["wait", "spin"]) {
    const id = await kernel.executeRequest(code);
    const behind = await kernel.executeRequest("2 + 2");
    await kernel.until(() => kernel.published(id).find((m) => "code" in m.content), "the cell to start");
    await kernel.request("interrupt_request", {}, "control");
    assert.equal((await kernel.executed(id)).reply["ename"], "InterruptError");
    assert.equal((await kernel.executed(behind)).reply["status"], "aborted");
  }
  assert.equal(await kernel.evaluate("1 + 1"), "2");
});
