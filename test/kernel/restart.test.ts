/** A restart, as front ends ask for it, whatever the kernel is doing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { share } from "../every.js";
import { type Client, startKernel, typeOf } from "../helpers/kernel.js";

/** Milliseconds, on a busy machine; nobody kills the process meanwhile. Alone it takes up to three seconds, and front ends wait for five. */
const PATIENCE = 20_000;

const states: Readonly<Record<string, string>> = {
  "a loop that never ends": "for (;;);",
  "a loop after an await": "await null;\nfor (;;);",
  "a promise that never settles": "await new Promise(() => {});",
  "timers that never stop": "setInterval(() => {}, 1);\nawait new Promise(() => {});",
  "a `finally` that does not end": "try { await new Promise(() => {}); } finally { for (;;); }",
  "a synchronous wait": "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);",
  "a program that it waits for": 'import { execFileSync } from "node:child_process";\nexecFileSync("sleep", ["60"]);',
  "a flood of output": 'for (;;) { console.log("x".repeat(100)); await null; }',
};

/** Asks for a restart; milliseconds until the process is gone. */
async function restarted(kernel: Client): Promise<number> {
  const begin = performance.now();
  const request = await kernel.send("control", "shutdown_request", { restart: true });
  const { content } = await kernel.replyTo(request, "control");
  assert.deepEqual([content["status"], content["restart"]], ["ok", true]);
  await kernel.exited;
  return performance.now() - begin;
}

for (const [name, state] of share(Object.entries(states), 2)) {
  test(`${name}: the kernel answers, ends by itself, and nothing that waits behind is run`, async () => {
    const kernel = await startKernel();
    try {
      const said = (request: string, text: string) =>
        kernel.published(request).find(({ content }) => String(content["text"]).includes(text));
      const running = await kernel.executeRequest(`console.log("there");\n${state}`);
      const behind = await kernel.executeRequest('console.log("behind")');
      await kernel.until(() => said(running, "there"), "the cell does not start");
      const took = await restarted(kernel);
      assert.ok(took < PATIENCE, `${took} ms`);
      assert.equal(said(behind, "behind"), undefined);
    } finally {
      await kernel.stop();
    }
  });
}

test("before its first cell, and while that is read", async () => {
  for (const first of [undefined, 'import { lrp } from "limpid"; lrp']) {
    const kernel = await startKernel();
    try {
      if (first !== undefined) await kernel.executeRequest(first);
      assert.ok((await restarted(kernel)) < PATIENCE);
    } finally {
      await kernel.stop();
    }
  }
});

test("while a question waits, and while a widget's handler does not end", async () => {
  const asked = await startKernel();
  try {
    await asked.executeRequest('await input("Name?")', { allow_stdin: true });
    await asked.until(() => asked.received.stdin.find((one) => typeOf(one) === "input_request"), "the question");
    assert.ok((await restarted(asked)) < PATIENCE);
  } finally {
    await asked.stop();
  }
  const handled = await startKernel();
  try {
    const { published } = await handled.execute(`import { IntSlider } from "limpid";
      const slider = new IntSlider();
      slider.observe(() => { console.log("there"); for (;;); }, "value");
      slider`);
    const models = published.filter((one) => typeOf(one) === "comm_open");
    const comm_id = models
      .map((one) => one.content)
      .find((content) => JSON.stringify(content).includes("IntSliderModel"))!["comm_id"];
    const update = await handled.send("shell", "comm_msg", {
      comm_id,
      data: { method: "update", state: { value: 7 }, buffer_paths: [] },
    });
    const there = () => handled.published(update).find(({ content }) => String(content["text"]).includes("there"));
    await handled.until(there, "the handler does not start");
    assert.ok((await restarted(handled)) < PATIENCE);
  } finally {
    await handled.stop();
  }
});
