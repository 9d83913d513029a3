import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { commSuite, ECHO } from "../comms/protocol-suite.js";
import { type Client, startKernel, typeOf } from "../helpers/kernel.js";

describe("comms", () => commSuite(startKernel));

describe("comms of a kernel that also runs cells", () => {
  let kernel: Client;
  before(async () => {
    kernel = await startKernel();
    await kernel.evaluate(ECHO);
    await kernel.idle(
      await kernel.send("shell", "comm_open", { comm_id: "c1", target_name: "echo", data: { hello: 1 } }),
    );
  });
  after(() => kernel.stop());

  test("comm_info lists open comms, of one target or of all", async () => {
    const all = { status: "ok", comms: { c1: { target_name: "echo" } } };
    assert.deepEqual(await kernel.request("comm_info_request", {}), all);
    assert.deepEqual(await kernel.request("comm_info_request", { target_name: "echo" }), all);
    assert.deepEqual(await kernel.request("comm_info_request", { target_name: "other" }), { status: "ok", comms: {} });
  });

  test("a comm message arrives while a cell awaits it, and the kernel stays busy", async () => {
    const id = await kernel.executeRequest(
      "const got = await new Promise<string>((resolve) => { waiter = resolve }); got",
    );
    await kernel.until(() => kernel.published(id).find((m) => typeOf(m) === "execute_input"), "the cell to start");
    const other = await kernel.idle(await kernel.send("shell", "comm_msg", { comm_id: "c1", data: { text: "moved" } }));
    assert.ok(other.length > 0);
    assert.equal((await kernel.executed(id)).result, "'moved'");
  });

  test("after a comm message the front end hears that the cell is still busy", async () => {
    const id = await kernel.executeRequest("waiter = undefined; await new Promise((r) => setTimeout(r, 400))");
    await kernel.until(() => kernel.published(id).find((m) => typeOf(m) === "execute_input"), "the cell to start");
    const comm = await kernel.send("shell", "comm_msg", { comm_id: "c1", data: { text: "x" } });
    await kernel.idle(comm);
    const after = () => {
      const all = kernel.received.iopub.filter((m) => typeOf(m) === "status");
      const idle = all.findIndex((m) => m.parentHeader["msg_id"] === comm && m.content["execution_state"] === "idle");
      return all[idle + 1];
    };
    const next = await kernel.until(after, "the next status");
    assert.deepEqual([next.content["execution_state"], next.parentHeader["msg_id"]], ["busy", id]);
    await kernel.executed(id);
  });

  test("a synchronous loop can take waiting comm messages", async () => {
    const id = await kernel.executeRequest(
      "console.log('looping'); const from = heard.length; while (heard.length === from) host.poll(); heard.at(-1)",
    );
    await kernel.until(() => kernel.published(id).find((m) => m.content["name"] === "stdout"), "the loop");
    await kernel.send("shell", "comm_msg", { comm_id: "c1", data: { text: "polled" } });
    assert.equal((await kernel.executed(id)).result, "'polled'");
  });
});
