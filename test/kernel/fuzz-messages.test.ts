/**
 * Random and broken messages on all channels, interrupts among them: the kernel answers afterwards, its variables are whole, and nothing
 * that was not signed had an effect. `LIMPID_SEEDS=50 LIMPID_MESSAGES=10000 npm test -- fuzz-messages` sends more.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { JsonObject } from "../../src/comms/message.js";
import { type JsonFrames, makeHeader } from "../../src/kernel/server/wire.js";
import { type Client, startKernel } from "../helpers/kernel.js";

const SEEDS = Number(process.env["LIMPID_SEEDS"] ?? 2);
const MESSAGES = Number(process.env["LIMPID_MESSAGES"] ?? 250);
/** So often in between it is looked whether the kernel still answers. */
const ROUND = 250;

const EFFECT = "(globalThis as any).bad = ((globalThis as any).bad ?? 0) + 1";
const CODES = [
  ..."1|1 + |const q = 1|let z = {a: 1}; z|throw new Error('x')|for (let i = 0; i < 10; i++) console.log(i)|await null".split(
    "|",
  ),
  ..."import 'node:fs'|`${|/*|@x|class {|😀|\u0000|export default 3|type A = A[]|knob.value = 3|keep.a.length|({})".split(
    "|",
  ),
  ..."function* g() { yield 1 }|enum E { A }|x?|?x|using a = null|delete (keep as any).b|a\r\nb|import x from './no.ts'".split(
    "|",
  ),
  ..."<div>|#!x|\ufeff1|setTimeout(() => {}, 1)|queueMicrotask(() => {})|process.emit('SIGINT' as any)".split("|"),
  "await new Promise((r) => setTimeout(r, 20))",
  "(".repeat(200),
  `'${"x".repeat(3000)}'`,
];

const code = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...CODES) },
  fc.string({ unit: "binary", maxLength: 20 }),
);
const json = fc.jsonValue({ maxDepth: 3 });
const cursor = fc.integer({ min: -2, max: 30 });

const contents: Record<string, (comm: string) => fc.Arbitrary<unknown>> = {
  execute_request: () =>
    fc.record({
      code,
      silent: fc.boolean(),
      store_history: fc.boolean(),
      user_expressions: fc.dictionary(fc.string(), code, { maxKeys: 1 }),
      allow_stdin: fc.constant(false),
      stop_on_error: fc.boolean(),
    }),
  complete_request: () => fc.record({ code, cursor_pos: cursor }),
  inspect_request: () => fc.record({ code, cursor_pos: cursor, detail_level: fc.integer({ min: 0, max: 1 }) }),
  is_complete_request: () => fc.record({ code }),
  history_request: () =>
    fc.record({
      hist_access_type: fc.constantFrom("tail", "range", "search", "x"),
      n: json,
      output: json,
      pattern: fc.constantFrom("*", "[", "?*(", "\\"),
    }),
  comm_info_request: () => fc.record({ target_name: json }),
  interrupt_request: () => fc.constant({}),
  kernel_info_request: () => fc.constant({}),
  connect_request: () => fc.constant({}),
  input_reply: () => fc.record({ value: json }),
  debug_request: () => fc.record({ seq: json, type: fc.constant("request"), command: fc.string() }),
  usage_request: () => fc.constant({}),
  status: () => fc.constant({ execution_state: "dead" }),
  nothing_request: () => json,
  comm_open: () =>
    fc.record({
      comm_id: fc.string(),
      target_name: fc.constantFrom("jupyter.widget", "jupyter.widget.control", "no", "__proto__"),
      data: json,
    }),
  comm_close: () => fc.record({ comm_id: fc.string(), data: json }),
  comm_msg: (comm) =>
    fc.record({
      comm_id: fc.oneof(fc.constant(comm), fc.string()),
      data: fc.oneof(
        fc.record({
          method: fc.constant("update"),
          state: fc.dictionary(fc.constantFrom("value", "min", "layout", "x"), json),
          buffer_paths: json,
        }),
        fc.record({ method: fc.constantFrom("request_state", "custom", "echo_update"), content: json }),
        json,
      ),
    }),
};

/** A message with what is to be done to it on its way. */
const message = (comm: string) =>
  fc.record({
    sent: fc.oneof(
      ...Object.entries(contents).map(([type, content]) => content(comm).map((given) => ({ type, content: given }))),
    ),
    socket: fc.oneof(
      { weight: 7, arbitrary: fc.constant("shell" as const) },
      { weight: 2, arbitrary: fc.constant("control" as const) },
      { weight: 1, arbitrary: fc.constant("stdin" as const) },
    ),
    fate: fc.constantFrom("whole", "whole", "whole", "part", "torn", "unsigned"),
    at: fc.nat(),
    other: json,
  });

type Sent = Awaited<ReturnType<typeof message>> extends fc.Arbitrary<infer T> ? T : never;

/** Sends one; of what is unsigned each would have an effect. */
async function dispatch(kernel: Client, comm: string, { sent, socket, fate, at, other }: Sent): Promise<void> {
  const header: JsonObject = makeHeader(sent.type, "fuzz");
  if (fate === "unsigned") {
    const effects: [string, JsonObject][] = [
      ["execute_request", { code: EFFECT, silent: false }],
      ["comm_msg", { comm_id: comm, data: { method: "update", state: { value: 77 }, buffer_paths: [] } }],
      ["shutdown_request", { restart: false }],
    ];
    const [type, content] = effects[at % effects.length]!;
    await kernel.send(socket, type, content, { key: "another key" });
    return;
  }
  const parts: unknown[] = [header, {}, {}, sent.content];
  const place = at % 4;
  if (fate === "part") parts[place] = other;
  const texts = parts.map((part) => JSON.stringify(part));
  if (fate === "torn") texts[place] = texts[place]!.slice(0, at % (texts[place]!.length + 1));
  if (texts.some((text) => text.includes("shutdown"))) return;
  await kernel.sendFrames(socket, texts as JsonFrames, at % 5 === 0 ? [new Uint8Array(at % 100)] : []);
}

for (let seed = 1; seed <= SEEDS; seed++) {
  test(`${MESSAGES} random messages, seed ${seed}`, { timeout: 20 * 60_000 }, async () => {
    const kernel = await startKernel();
    try {
      await kernel.evaluate(
        "import { IntSlider } from 'limpid'; let keep = { a: [1, 2, 3] }; const knob = new IntSlider({ value: 5, max: 50 });",
      );
      const comm = String(await kernel.evaluate("knob.id")).replaceAll("'", "");
      const all = fc.sample(message(comm), { seed, numRuns: MESSAGES });
      for (let from = 0; from < all.length; from += ROUND) {
        for (const one of all.slice(from, from + ROUND)) await dispatch(kernel, comm, one);
        assert.equal((await kernel.request("kernel_info_request"))["status"], "ok", `after ${from + ROUND}`);
        // What waits behind a cell that fails is aborted, and so may this be until all have had their turn.
        let reply: JsonObject = {};
        for (let tries = 0; tries < ROUND && reply["status"] !== "ok"; tries++) {
          ({ reply } = await kernel.execute("1", { silent: true, stop_on_error: false }));
          assert.ok(reply["status"] !== "error" || reply["ename"] === "InterruptError", String(reply["evalue"]));
        }
        assert.equal(reply["status"], "ok", `after ${from + ROUND}`);
        for (const list of Object.values(kernel.received)) list.length = 0;
      }
      assert.equal(await kernel.evaluate("JSON.stringify(keep)"), `'{"a":[1,2,3]}'`);
      assert.equal(await kernel.evaluate("typeof (globalThis as any).bad"), "'undefined'");
      assert.notEqual(await kernel.evaluate("knob.value"), "77");
      assert.equal(await kernel.evaluate("Object.keys(Object.prototype).length"), "0");
      assert.equal(kernel.child.exitCode, null);
    } finally {
      await kernel.stop();
    }
  });
}
