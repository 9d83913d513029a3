/**
 * Comms and widgets as a front end sees them, whatever carries the messages: the tests of `kernel/widgets`, `kernel/comms` (ZeroMQ, two threads)
 * and of `page/protocol` (a worker in a browser) are these.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { JsonObject } from "../../src/comms/message.js";
import type { WireMessage } from "../../src/kernel/server/link.js";
import { type Client, typeOf } from "../helpers/kernel.js";

/** What a front end does with a kernel. */
export type ProtocolClient = Pick<
  Client,
  "evaluate" | "execute" | "executed" | "executeRequest" | "idle" | "published" | "received" | "send" | "until"
> & { stop(): Promise<unknown> };

export type Data = { method?: string; state?: JsonObject; states?: JsonObject; buffer_paths?: (string | number)[][] };
export const dataOf = (message: WireMessage) => (message.content["data"] ?? {}) as Data;

/** What was published for a request, in short: message types, and for comm messages their method. */
export const kinds = (messages: WireMessage[]) =>
  messages.map((message) => {
    if (typeOf(message) === "status") return String(message.content["execution_state"]);
    return typeOf(message) === "comm_msg" ? String(dataOf(message).method) : typeOf(message);
  });

/** What tests of widgets do with a kernel. */
export function widgetsOf(kernel: () => ProtocolClient) {
  const send = (model: string, data: object, buffers: Uint8Array[] = []) =>
    kernel().send("shell", "comm_msg", { comm_id: model, data: data as JsonObject }, { buffers });
  const update = (model: string, state: JsonObject) => send(model, { method: "update", state, buffer_paths: [] });

  /** Executes a cell whose last expression is a widget, and returns its model id. */
  async function show(code: string): Promise<string> {
    const { published, reply } = await kernel().execute(code);
    const displayed = published.find((message) => typeOf(message) === "display_data");
    const view = (displayed?.content["data"] as JsonObject | undefined)?.["application/vnd.jupyter.widget-view+json"] as
      | { model_id: string }
      | undefined;
    assert.ok(view, JSON.stringify(reply));
    return view.model_id;
  }

  return { send, update, show };
}

/** Widgets: echoes, updates, errors, progress, order. */
export function widgetSuite(start: () => Promise<ProtocolClient>): void {
  let kernel: ProtocolClient;
  before(async () => {
    kernel = await start();
  });
  after(async () => {
    await kernel?.stop();
  });
  const { send, update, show } = widgetsOf(() => kernel);

  test("binary frames come back bit for bit, whatever their number and length", async () => {
    await kernel.evaluate(`
      const { comms } = globalThis[Symbol.for("limpid.host")] as any;
      comms.registerTarget("echo", (comm: any) => {
        comm.onMessage = ({ data, buffers, metadata }: any) => comm.send(data, buffers, metadata);
      });`);
    await kernel.send("shell", "comm_open", { comm_id: "e1", target_name: "echo", data: {} });
    const bytes = Uint8Array.from({ length: 200_001 }, (_, i) => (i * i) % 251);
    const buffers = [bytes, new Uint8Array(0), bytes.subarray(3, 4), bytes.subarray(7, 1007)];
    const id = await send("e1", { n: 1 }, buffers);
    const echoed = (await kernel.idle(id)).find((message) => typeOf(message) === "comm_msg")!;
    assert.deepEqual(dataOf(echoed), { n: 1 });
    assert.equal(echoed.buffers.length, buffers.length);
    for (const [i, frame] of buffers.entries()) assert.deepEqual(Buffer.from(echoed.buffers[i]!), Buffer.from(frame));
  });

  test("a comm to an unknown target is closed; a message to an unknown comm harms nothing", async () => {
    const opening = await kernel.send("shell", "comm_open", { comm_id: "u1", target_name: "nobody", data: {} });
    const answers = await kernel.idle(opening);
    const closing = answers.find((message) => typeOf(message) === "comm_close")!;
    assert.deepEqual(closing.content, { comm_id: "u1", data: {} });
    const stray = await kernel.idle(await send("stray", { method: "update", state: {}, buffer_paths: [] }));
    assert.match(stray.map((message) => message.content["text"] ?? "").join(""), /unknown comm stray/);
    assert.equal(await kernel.evaluate("1 + 1"), "2");
  });

  test("a moved slider is echoed, observers' changes follow, all within that message", async () => {
    const slider = await show(`
      import { FloatSlider, Label, VBox } from "limpid";
      const gamma = new FloatSlider({ max: 1 });
      const text = new Label();
      gamma.observe(({ new: value }) => { text.value = "γ = " + value; console.log("moved to", value); }, "value");
      text; gamma`);
    const id = await update(slider, { value: 0.25 });
    const answers = await kernel.idle(id);
    assert.deepEqual(kinds(answers), ["echo_update", "stream", "update", "idle"]);
    const [echo, printed, changed] = answers as [WireMessage, WireMessage, WireMessage];
    assert.deepEqual(echo.content, {
      comm_id: slider,
      data: { method: "echo_update", state: { value: 0.25 }, buffer_paths: [] },
    });
    assert.equal(echo.parentHeader["msg_id"], id);
    assert.equal(echo.parentHeader["msg_type"], "comm_msg");
    assert.equal(printed.content["text"], "moved to 0.25\n");
    assert.deepEqual(dataOf(changed).state, { value: "γ = 0.25" });
    assert.equal(await kernel.evaluate("gamma.value"), "0.25");
  });

  test("an observer that throws is told beside its message, and the value is kept", async () => {
    const slider = await show(`
      import { IntSlider } from "limpid";
      const fragile = new IntSlider();
      fragile.observe(() => { throw new RangeError("no such layer"); }, "value");
      fragile`);
    const answers = await kernel.idle(await update(slider, { value: 7 }));
    const printed = answers.filter((message) => message.content["name"] === "stderr");
    assert.match(printed.map((message) => message.content["text"]).join(""), /RangeError: no such layer/);
    assert.equal(kinds(answers).at(-1), "idle");
    assert.equal(await kernel.evaluate("fragile.value"), "7");
  });

  test("a method that takes long shows how far it is, and its stop button ends it", async () => {
    const cell = await kernel.executeRequest(`
      import { loadModel, rise, tensorflow } from "limpid";
      const tf = await tensorflow();
      const dots = await loadModel((x: any) => tf.sum(tf.square(x), 1, true), { input: { shape: [12] } });
      await rise(dots, { masks: 20_000_000 })(tf.ones([1, 12]), { target: 0 })
        .then(() => "ended", (error) => [error.constructor.name, error.cause.name, error.message].join(": "));`);
    const opened = await kernel.until(
      () => kernel.published(cell).find((m) => dataOf(m).state?.["_model_name"] === "ButtonModel"),
      "the stop button",
      90_000,
    );
    await kernel.until(() => kernel.published(cell).find((m) => dataOf(m).method === "update"), "the bar to move");
    await send(String(opened.content["comm_id"]), { method: "custom", content: { event: "click" } });
    const { result } = await kernel.executed(cell);
    assert.match(String(result), /^'?AbortedError: StoppedError: The run was aborted after \d+ of \d+ steps/);
    // What is over soon, or followed by the cell, shows nothing.
    const quick = await kernel.execute("void (await rise(dots, { masks: 100 })(tf.ones([1, 12]), { target: 0 }))");
    assert.deepEqual(kinds(quick.published), ["execute_input"]);
  });

  test("binary updates arrive in order, each whole, one a frame", async () => {
    const [side, count] = [224, 30];
    const { reply } = await kernel.execute(`
      import { Heatmap } from "limpid";
      const fast = new Heatmap();
      for (let i = 1; i <= ${count}; i++) {
        fast.relevance = { shape: [${side}, ${side}], values: new Float32Array(${side * side}).fill(i) };
        await new Promise((done) => setTimeout(done, 20));
      }`);
    assert.equal(reply["status"], "ok");
    const id = await kernel.evaluate("fast.id");
    const updates = kernel.received.iopub.filter(
      (m) => `'${m.content["comm_id"]}'` === id && dataOf(m).buffer_paths?.some((path) => path[0] === "relevance"),
    );
    const seen = updates.map(({ buffers: [frame] }) => {
      assert.equal(frame!.length, 4 * side * side);
      const values = new Float32Array(frame!.slice().buffer);
      assert.equal(values[0], values.at(-1));
      return values[0];
    });
    assert.deepEqual(
      seen,
      Array.from({ length: count }, (_, i) => i + 1),
    );
  });
}

/** Code of a cell: the target `echo` answers with the sizes of its buffers and their bytes plus one; prints and throws when asked. */
export const ECHO = `
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
      });`;

/** Comms of any target: bytes, what handlers print and throw, unknown ones. */
export function commSuite(start: () => Promise<ProtocolClient>): void {
  let kernel: ProtocolClient;
  before(async () => {
    kernel = await start();
    await kernel.evaluate(ECHO);
    await request("comm_open", { comm_id: "c1", target_name: "echo", data: { hello: 1 } });
  });
  after(() => kernel?.stop());

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
}
