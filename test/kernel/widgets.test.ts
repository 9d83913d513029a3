/** Comms and widgets through the real kernel: ZeroMQ, two threads, compiled cells. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { JsonObject } from "../../src/comms/message.js";
import { type Data, dataOf, kinds, widgetSuite, widgetsOf } from "../comms/protocol-suite.js";
import { type Client, startKernel, typeOf } from "../helpers/kernel.js";

describe("the widgets' protocol", () => widgetSuite(startKernel));

describe("and what only a kernel of its own does", () => {
  let kernel: Client;
  before(async () => {
    kernel = await startKernel();
    await kernel.evaluate('import { Heatmap, IntSlider } from "limpid";');
  });
  after(async () => {
    await kernel.stop();
  });
  const { send, update, show } = widgetsOf(() => kernel);

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

  test("a question waits for a reader, and takes the stated answer where the cell's request allows no input", async () => {
    const code = `
      import { Choice } from "limpid";
      await new Choice("Which?", ["this", "that"], { answer: "that" }).next()`;
    assert.equal((await kernel.execute(code, { allow_stdin: false })).result, "'that'");
    const cell = await kernel.executeRequest(code, { allow_stdin: true });
    const opened = await kernel.until(
      () => kernel.published(cell).find((m) => dataOf(m).state?.["_model_name"] === "ChoiceModel"),
      "the question",
    );
    await kernel.until(() => kernel.published(cell).find((m) => dataOf(m).state?.["phase"] === "waiting"), "the wait");
    await kernel.idle(await update(String(opened.content["comm_id"]), { given: [0] }));
    assert.equal((await kernel.executed(cell)).result, "'this'");
    // Who presses a button can be asked by what it does.
    const button = await show(`
      import { Button } from "limpid";
      const asking = new Button();
      let said = "nothing";
      asking.on("click", async () => { said = await new Choice("Which?", ["this", "that"], { answer: "that" }).next(); });
      asking`);
    const click = await send(button, { method: "custom", content: { event: "click" } });
    const second = await kernel.until(
      () => kernel.published(click).find((m) => dataOf(m).state?.["_model_name"] === "ChoiceModel"),
      "the second question",
    );
    await kernel.idle(await update(String(second.content["comm_id"]), { given: [0] }));
    await kernel.idle(click);
    assert.equal(await kernel.evaluate("said"), "'this'");
  });

  test("a reloaded page gets all widgets, pictures included", async () => {
    const map = await show(`
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
    // The stored picture follows the value a while later, on its behalf.
    const told = kinds(await kernel.idle(id)).filter((kind) => kind !== "update_display_data");
    assert.deepEqual(told, ["echo_update", "busy", "idle"]);
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
    assert.match(String(result), /^'?Counting was stopped at [\d.]+\s%'?$/);
  });
});
