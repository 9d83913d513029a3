/** Comms and widgets through the real kernel: ZeroMQ, two threads, compiled cells. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { JsonObject } from "../../src/comms/message.js";
import type { WireMessage } from "../../src/kernel/server/link.js";
import { type Client, startKernel, typeOf } from "../helpers/kernel.js";

let kernel: Client;
before(async () => {
  kernel = await startKernel();
});
after(async () => {
  await kernel.stop();
});

type Data = { method?: string; state?: JsonObject; states?: JsonObject; buffer_paths?: (string | number)[][] };
const dataOf = (message: WireMessage) => (message.content["data"] ?? {}) as Data;

/** What was published for a request, in short: message types, and for comm messages their method. */
const kinds = (messages: WireMessage[]) =>
  messages.map((message) => {
    if (typeOf(message) === "status") return String(message.content["execution_state"]);
    return typeOf(message) === "comm_msg" ? String(dataOf(message).method) : typeOf(message);
  });

const send = (model: string, data: object, buffers: Uint8Array[] = []) =>
  kernel.send("shell", "comm_msg", { comm_id: model, data: data as JsonObject }, { buffers });

const update = (model: string, state: JsonObject) => send(model, { method: "update", state, buffer_paths: [] });

/** Executes a cell whose last expression is a widget, and returns its model id. */
async function show(code: string): Promise<string> {
  const { published, reply } = await kernel.execute(code);
  const displayed = published.find((message) => typeOf(message) === "display_data");
  const view = (displayed?.content["data"] as JsonObject | undefined)?.["application/vnd.jupyter.widget-view+json"] as
    | { model_id: string }
    | undefined;
  assert.ok(view, JSON.stringify(reply));
  return view.model_id;
}

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

test("a cell waits for the slider, and the kernel is busy again after the slider's message", async () => {
  const slider = await show(`
    const asked = new IntSlider({ max: 9 });
    asked`);
  const cell = await kernel.executeRequest(`
    const answer = await asked.next("value");
    const again = await asked.next("value");
    [answer, again]`);
  const busyAgain = () =>
    kernel.received.iopub.filter(
      (message) => message.parentHeader["msg_id"] === cell && message.content["execution_state"] === "busy",
    ).length;
  const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  await kernel.until(() => (busyAgain() > 0 ? true : undefined), "the cell to start");
  await wait(200);
  const first = await update(slider, { value: 4 });
  assert.deepEqual(kinds(await kernel.idle(first)), ["echo_update", "idle"]);
  await kernel.until(() => (busyAgain() > 1 ? true : undefined), "busy after the message's idle");
  await kernel.idle(await update(slider, { value: 5 }));
  const { result } = await kernel.executed(cell);
  assert.equal(result, "[ 4, 5 ]");
});

test("a reloaded page gets all widgets, pictures included", async () => {
  const map = await show(`
    import { Heatmap } from "limpid";
    const relevance = { shape: [2, 3], values: new Float32Array([0, 1, -2, 3, -4, 5]) };
    const map = new Heatmap({ title: "Relevance", relevance });
    map`);
  const info = await kernel.request("comm_info_request", { target_name: "jupyter.widget" });
  const live = Object.keys(info["comms"] as JsonObject);
  assert.ok(live.includes(map));
  const control = { comm_id: "reload", target_name: "jupyter.widget.control", data: {} };
  await kernel.idle(await kernel.send("shell", "comm_open", control, { metadata: { version: "1.0.0" } }));
  const answers = await kernel.idle(await send("reload", { method: "request_states" }));
  const answer = answers.find((message) => typeOf(message) === "comm_msg")!;
  const { method, states, buffer_paths } = dataOf(answer) as Required<Data>;
  assert.equal(method, "update_states");
  assert.deepEqual(new Set(Object.keys(states)), new Set(live));
  const entry = states[map] as JsonObject;
  assert.deepEqual(Object.keys(entry).sort(), ["model_module", "model_module_version", "model_name", "state"]);
  assert.deepEqual([entry["model_module"], entry["model_name"]], ["limpid", "HeatmapModel"]);
  const place = buffer_paths.findIndex((path) => path.join("/") === `${map}/state/relevance/data`);
  const frame = answer.buffers[place]!;
  assert.deepEqual(new Float32Array(frame.slice().buffer), new Float32Array([0, 1, -2, 3, -4, 5]));
});

test("an asynchronous observer keeps its message busy and no other", async () => {
  const slider = await show(`
    const slow = new IntSlider();
    let release = () => {};
    slow.observe(() => new Promise<void>((resolve) => { release = resolve; }), "value");
    slow`);
  const id = await update(slider, { value: 1 });
  await kernel.until(() => kernel.published(id).find((m) => dataOf(m).method === "echo_update"), "the echo");
  assert.equal(await kernel.evaluate("slow.value"), "1");
  assert.ok(!kinds(kernel.published(id)).includes("idle"));
  // That it keeps the kernel busy is said once it does so for long.
  await kernel.until(() => (kinds(kernel.published(id)).includes("busy") ? true : undefined), "busy");
  await kernel.execute("release()");
  assert.deepEqual(kinds(await kernel.idle(id)), ["echo_update", "busy", "idle"]);
});

test("the stop button of a progress bar ends a loop that never awaits", async () => {
  const cell = await kernel.executeRequest(`
    import { progress, StoppedError } from "limpid";
    await progress("Counting", ({ report }) => { for (let i = 0; ; i++) report((i % 1000) / 1000); })
      .catch((error) => error instanceof StoppedError ? error.message : String(error));`);
  const opened = await kernel.until(
    () => kernel.published(cell).find((m) => dataOf(m).state?.["_model_name"] === "ButtonModel"),
    "the stop button",
  );
  await kernel.until(() => kernel.published(cell).find((m) => dataOf(m).method === "update"), "the bar to move");
  await send(String(opened.content["comm_id"]), { method: "custom", content: { event: "click" } });
  const { result } = await kernel.executed(cell);
  assert.match(String(result), /^'?Counting was stopped at \d+ %'?$/);
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
    30_000,
  );
  await kernel.until(() => kernel.published(cell).find((m) => dataOf(m).method === "update"), "the bar to move");
  await send(String(opened.content["comm_id"]), { method: "custom", content: { event: "click" } });
  const { result } = await kernel.executed(cell);
  assert.match(String(result), /^'?AbortedError: StoppedError: The run was aborted after \d+ of \d+ steps/);
  // What is over soon, or followed by the cell, shows nothing.
  const quick = await kernel.execute("void (await rise(dots, { masks: 100 })(tf.ones([1, 12]), { target: 0 }))");
  assert.deepEqual(kinds(quick.published), ["execute_input"]);
});

test("binary updates arrive in order, each whole, as fast as a slider asks", async () => {
  const [side, count] = [224, 60];
  const { reply } = await kernel.execute(`
    const fast = new Heatmap();
    for (let i = 1; i <= ${count}; i++) {
      fast.relevance = { shape: [${side}, ${side}], values: new Float32Array(${side * side}).fill(i) };
      await new Promise(setImmediate);
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
