import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { JsonObject } from "../../src/comms/message.js";
import { type Client, startKernel, typeOf } from "../helpers/kernel.js";

let kernel: Client;
before(async () => {
  kernel = await startKernel();
  await kernel.evaluate(`
    const host = (globalThis as any)[Symbol.for("limpid.host")];
    const heard: string[] = [];
    let waiter: ((text: string) => void) | undefined;
    host.comms.registerTarget("echo", (comm: any, { data }: any) => {
      comm.send({ opened: data });
      comm.onMessage = ({ data, buffers }: any) => {
        heard.push(data.text);
        waiter?.(data.text);
        if (data.print) console.log(data.print);
        if (data.throw) throw new Error(data.throw);
        comm.send({ text: data.text, sizes: buffers.map((b: any) => b.byteLength) }, buffers.map((b: any) => new Uint8Array(b.buffer, b.byteOffset, b.byteLength).map((x) => x + 1)));
      };
    });`);
  await request("comm_open", { comm_id: "c1", target_name: "echo", data: { hello: 1 } });
});
after(() => kernel.stop());

/** Sends a comm message and returns all that was published for it once it is idle. */
async function request(type: string, content: JsonObject, buffers: Uint8Array[] = []) {
  return kernel.idle(await kernel.send("shell", type, content, { buffers }));
}

const say = (data: JsonObject, buffers?: Uint8Array[]) => request("comm_msg", { comm_id: "c1", data }, buffers);

test("binary buffers go to a comm and back, as children of the message", async () => {
  const large = Uint8Array.from({ length: 300_000 }, (_, i) => i % 251);
  const published = await say({ text: "bytes" }, [Uint8Array.of(1, 2, 254), new Uint8Array(0), large]);
  const answer = published.find((m) => typeOf(m) === "comm_msg");
  assert.deepEqual(answer?.content, { comm_id: "c1", data: { text: "bytes", sizes: [3, 0, 300_000] } });
  assert.deepEqual(
    answer?.buffers.map((b) => b.length),
    [3, 0, 300_000],
  );
  assert.deepEqual([...(answer?.buffers[0] ?? [])], [2, 3, 255]);
  assert.ok(answer?.buffers[2]?.every((byte, i) => byte === (i % 251) + 1));
  assert.deepEqual(published.map(typeOf), ["comm_msg", "status"]);
});

test("what a handler prints or throws belongs to its message, and the comm goes on", async () => {
  const printed = await say({ text: "p", print: "from the handler" });
  assert.ok(printed.some((m) => m.content["text"] === "from the handler\n"));
  const thrown = await say({ text: "t", throw: "in the handler" });
  const error = thrown.find((m) => m.content["name"] === "stderr");
  assert.match(String(error?.content["text"]), /in the handler/);
  assert.ok((await say({ text: "again" })).some((m) => typeOf(m) === "comm_msg"));
});

test("a message for an unknown comm is reported and nothing is lost", async () => {
  const published = await request("comm_msg", { comm_id: "nobody", data: {} });
  assert.match(String(published.find((m) => m.content["name"] === "stderr")?.content["text"]), /unknown comm nobody/);
  assert.ok((await say({ text: "still" })).some((m) => typeOf(m) === "comm_msg"));
});

test("an unknown target is closed at once", async () => {
  const published = await request("comm_open", { comm_id: "c2", target_name: "no.such.target", data: {} });
  assert.ok(published.some((m) => typeOf(m) === "comm_close" && m.content["comm_id"] === "c2"));
});

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

test("the kernel opens a comm, and the array it sends stays usable", async () => {
  const { published, result } = await kernel.execute(
    "const sent = new Float32Array([1, 2]); host.comms.open('view', { a: 1 }, { v: 2 }, [sent]); sent.length",
  );
  const open = published.find((m) => typeOf(m) === "comm_open");
  assert.deepEqual(open?.content["data"], { a: 1 });
  assert.equal(open?.content["target_name"], "view");
  assert.deepEqual(open?.metadata, { v: 2 });
  assert.equal(open?.buffers[0]?.length, 8);
  assert.equal(result, "2");
});
