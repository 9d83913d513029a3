import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { DisplayOptions, Host, MimeBundle } from "../../../src/comms/host.js";
import { provideHost } from "../../../src/comms/host.js";
import {
  Checkbox,
  clearOutput,
  Dropdown,
  display,
  FloatSlider,
  IntSlider,
  interact,
  Output,
  progress,
  StoppedError,
  Text,
} from "../../../src/kernel-helpers/index.js";
import type { ProgressHandle } from "../../../src/kernel-helpers/notebook/progress.js";
import { FrontEnd, turn } from "../../comms/front-end.js";

const texts = (output: Output) =>
  output.outputs.map((item) => (item.output_type === "display_data" ? item.data["text/plain"] : item));

test("an output collects what is displayed in it, and replaces and clears it", async () => {
  const frontEnd = new FrontEnd().attach();
  const out = new Output();
  await out.capture(async () => {
    const first = display("one");
    await turn();
    display("two");
    first.update("uno");
  });
  display("elsewhere");
  assert.deepEqual(texts(out), ["uno", "two"]);
  assert.deepEqual(frontEnd.displayed, [{ "text/plain": "elsewhere" }]);
  out.capture(() => clearOutput({ wait: true }));
  assert.deepEqual(texts(out), ["uno", "two"], "nothing jumps");
  out.print("three");
  out.fail(new RangeError("four"));
  await turn();
  const state = frontEnd.models.get(out.id)!["outputs"] as Record<string, unknown>[];
  assert.deepEqual(state[0], { output_type: "stream", name: "stdout", text: "three\n" });
  assert.deepEqual([state[1]!["ename"], state[1]!["evalue"]], ["RangeError", "four"]);
  out.clear();
  assert.deepEqual(out.outputs, []);
});

test("interact makes the control that fits, and shows results for its values", async () => {
  const frontEnd = new FrontEnd().attach();
  const own = new FloatSlider({ value: 0.5, max: 1 });
  const box = interact(
    ({ units, gamma, level, bias, name, on, own }) =>
      [units + 1, gamma, level, bias.toUpperCase(), name, on, own].join(" "),
    { units: [1, 9], gamma: [0, 1, 0.25], level: 4, bias: ["absorb", "ignore"], name: "cat", on: true, own },
  );
  const [units, gamma, level, bias, name, on, same, out] = box.children as [
    IntSlider,
    FloatSlider,
    IntSlider,
    Dropdown,
    Text,
    Checkbox,
    FloatSlider,
    Output,
  ];
  await turn();
  assert.deepEqual(
    box.children.map((child) => child.constructor),
    [IntSlider, FloatSlider, IntSlider, Dropdown, Text, Checkbox, FloatSlider, Output],
  );
  assert.deepEqual([units.min, units.max, gamma.step, level.min, level.max, same], [1, 9, 0.25, -4, 12, own]);
  assert.deepEqual([name.description, on.value], ["name", true]);
  assert.deepEqual(texts(out), ["6 0.5 4 ABSORB cat true 0.5"]);
  frontEnd.take();
  const request = frontEnd.update(bias.id, { index: 1 });
  await turn();
  assert.deepEqual(texts(out), ["6 0.5 4 IGNORE cat true 0.5"]);
  const update = frontEnd.take().find(({ comm, kind }) => comm === out.id && kind === "update");
  assert.equal(update!.parent, request);
  assert.throws(() => interact(() => {}, { x: [3, 1] }), /x: the range from 3 to 1 is empty/);
  assert.throws(() => interact(() => {}, { x: [] as string[] }), /x: no control for \[\]/);
});

test("a slow earlier result does not replace a later one, and an error shows in the result's place", async () => {
  new FrontEnd().attach();
  const aborted: number[] = [];
  const box = interact(
    async ({ x }, { signal }) => {
      signal.addEventListener("abort", () => aborted.push(x));
      if (x === 9) throw new Error("no nine");
      await delay(x === 1 ? 60 : 5);
      return x;
    },
    { x: new IntSlider({ value: 1 }) },
  );
  const [x, out] = box.children as [IntSlider, Output];
  x.value = 2;
  await delay(90);
  assert.deepEqual(texts(out), ["2"]);
  assert.deepEqual(aborted, [1]);
  x.value = 9;
  await turn();
  assert.deepEqual(
    out.outputs.map((item) => item.output_type === "error" && item.evalue),
    ["no nine"],
  );
});

/** A host that keeps displays by identifier, and whose `poll` does what the test says. */
function screen(poll: (frontEnd: FrontEnd) => void) {
  const frontEnd = new FrontEnd();
  const shown = new Map<string, MimeBundle>();
  const host: Host = {
    comms: frontEnd.manager,
    display: (bundle: MimeBundle, options?: DisplayOptions) => shown.set(options!.displayId!, bundle),
    clearOutput: () => {},
    format: (value) => ({ "text/plain": String(value) }),
    poll: () => {
      poll(frontEnd);
      return 0;
    },
    check: () => {},
  };
  provideHost(host);
  return { frontEnd, shown: () => [...shown.values()].map((bundle) => bundle["text/plain"]) };
}

const stopButton = (frontEnd: FrontEnd) =>
  [...frontEnd.models].find(([, state]) => state["_model_name"] === "ButtonModel")?.[0];

test("quick work shows no bar", async () => {
  const { frontEnd, shown } = screen(() => {});
  const work = ({ report }: ProgressHandle) => {
    report(0.5);
    return 7;
  };
  assert.equal(await progress("Quick", work), 7);
  assert.deepEqual(shown(), []);
  assert.equal(frontEnd.models.size, 0);
});

test("slow work shows a bar, and a line with its time when it is done", async () => {
  const { frontEnd, shown } = screen(() => {});
  const seen: unknown[] = [];
  await progress(
    "Slow",
    async ({ report }) => {
      await delay(40);
      report(0.25, "a quarter");
      await turn();
      const bar = [...frontEnd.models.values()].find((state) => state["_model_name"] === "FloatProgressModel")!;
      seen.push(bar["value"], bar["description"]);
    },
    { after: 20 },
  );
  assert.deepEqual(seen, [0.25, "Slow"]);
  assert.match(String(shown()[0]), /^Slow: done after 0\.\d s$/);
  assert.equal(frontEnd.models.size, 0, "the bar's models are gone");
});

test("the stop button ends asynchronous work, and a synchronous loop by poll", async () => {
  const click = (frontEnd: FrontEnd) => {
    const button = stopButton(frontEnd);
    if (button !== undefined) frontEnd.custom(button, { event: "click" });
  };
  const loop = screen((frontEnd) => click(frontEnd));
  const endless = progress(
    "Loop",
    ({ report }) => {
      for (;;) report(0.5);
    },
    { after: 20 },
  );
  await assert.rejects(
    endless,
    (error) => error instanceof StoppedError && /Loop was stopped at 50 %/.test(error.message),
  );
  assert.match(String(loop.shown()[0]), /^Loop: stopped at 50 % after 0\.\d s$/);

  const waiting = screen(() => {});
  const patient = progress("Wait", ({ signal }) => delay(10_000, undefined, { signal }), { after: 5 });
  await delay(30);
  click(waiting.frontEnd);
  await assert.rejects(patient, (error) => (error as Error).name === "AbortError");
  assert.match(String(waiting.shown()[0]), /^Wait: stopped at 0 %/);
});

test("the caller's own signal ends the work too", async () => {
  screen(() => {});
  const reason = new Error("changed my mind");
  await assert.rejects(
    progress("Never", () => assert.fail("it must not start"), { signal: AbortSignal.abort(reason) }),
    reason,
  );
});

test("items come one by one, with what is done, how fast, and a line at the end", async () => {
  const { frontEnd, shown } = screen(() => {});
  const labels = () =>
    [...frontEnd.models.values()]
      .filter((state) => state["_model_name"] === "LabelModel")
      .map((state) => String(state["value"]));
  const taken: number[] = [];
  for await (const item of progress(new Set([3, 1, 2]), { title: "Items", after: 5 })) {
    taken.push(item);
    await delay(15);
    if (taken.length === 3) assert.match(labels()[0]!, /^67 % · .*2 of 3 · [\d.]+ a second$/);
  }
  assert.deepEqual(taken, [3, 1, 2]);
  assert.match(String(shown()[0]), /^Items: done after 0\.\d s$/);
  assert.equal(frontEnd.models.size, 0);
});

test("loops over items nest, end by break and by an error, and take what comes later", async () => {
  const { frontEnd, shown } = screen(() => {});
  async function* later() {
    yield* ["a", "b"];
  }
  const seen: string[] = [];
  for await (const letter of progress(later(), { title: "Outer", after: 0 })) {
    for (const digit of progress([1, 2, 3], { title: `Inner ${letter}`, after: 0 })) {
      await delay(2);
      if (digit === 3) break;
      seen.push(`${letter}${digit}`);
    }
  }
  assert.deepEqual(seen, ["a1", "a2", "b1", "b2"]);
  const lines = shown().map(String);
  assert.ok(
    lines.some((line) => /^Inner a: ended at 67 % after/.test(line)),
    lines.join(),
  );
  assert.ok(
    lines.some((line) => /^Outer: done after/.test(line)),
    lines.join(),
  );
  assert.equal(frontEnd.models.size, 0);
  assert.throws(() => [...(progress(later()) as unknown as Iterable<string>)], /for await/);
  assert.throws(() => progress(5 as never), /items is 5|items/);
});

test("the stop button ends a loop over items", () => {
  const { shown } = screen((frontEnd) => {
    const button = stopButton(frontEnd);
    if (button !== undefined) frontEnd.custom(button, { event: "click" });
  });
  const endless = function* () {
    for (;;) yield 1;
  };
  let turns = 0;
  assert.throws(() => {
    for (const _ of progress(endless(), { title: "Endless", after: 10, total: 1e9 })) turns += 1;
  }, StoppedError);
  assert.ok(turns > 0);
  assert.match(String(shown()[0]), /^Endless: stopped at 0 %/);
});
