import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { display, IntSlider, Label, Output, VBox } from "../../../src/kernel-helpers/index.js";
import { FrontEnd, turn } from "../../comms/front-end.js";

const attached = () => new FrontEnd().attach();

test("calls of an asynchronous observer do not overlap, and the newest value of each trait waits", async () => {
  const frontEnd = attached();
  const slider = new IntSlider({ max: 1000 });
  const seen: unknown[] = [];
  let [going, most] = [0, 0];
  slider.observe(
    async ({ name, old, new: value }) => {
      seen.push([name, old, value]);
      most = Math.max(most, ++going);
      await delay(5);
      going -= 1;
    },
    ["value", "max"],
  );
  await turn();
  for (let value = 1; value <= 100; value++) frontEnd.update(slider.id, { value });
  slider.max = 500;
  slider.value = 101;
  await delay(60);
  assert.equal(most, 1);
  assert.deepEqual(seen, [
    ["value", 0, 1],
    ["value", 1, 101],
    ["max", 1000, 500],
  ]);
  assert.equal(frontEnd.sent.filter(({ type }) => type === "idle").length, 100);
});

test("an observer that is to overlap is called at once", async () => {
  attached();
  const slider = new IntSlider();
  const seen: number[] = [];
  slider.observe(
    async ({ new: value }) => {
      seen.push(value);
      await delay(50);
    },
    "value",
    { overlap: true },
  );
  for (const value of [1, 2, 3]) slider.value = value;
  assert.deepEqual(seen, [1, 2, 3]);
});

test("what a waiting call fails with is reported once, and the next value comes all the same", async () => {
  const frontEnd = attached();
  const slider = new IntSlider();
  slider.observe(async ({ new: value }) => {
    await turn();
    throw new RangeError(`no ${value}`);
  }, "value");
  await turn();
  for (const value of [1, 2, 3]) frontEnd.update(slider.id, { value });
  await delay(20);
  slider.value = 4;
  await delay(20);
  assert.deepEqual(frontEnd.reported.map(String), ["RangeError: no 1", "RangeError: no 3", "RangeError: no 4"]);
});

test("an observer that never ends lets its message end after ten seconds, and other observers go on", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const frontEnd = attached();
  const slider = new IntSlider();
  const others: number[] = [];
  slider.observe(() => new Promise(() => {}), "value");
  slider.observe(({ new: value }) => others.push(value), "value");
  await turn();
  frontEnd.update(slider.id, { value: 3 });
  await turn();
  const idle = () => frontEnd.sent.filter(({ type }) => type === "idle").length;
  assert.equal(idle(), 0);
  context.mock.timers.tick(10_000);
  await turn();
  assert.equal(idle(), 1);
  frontEnd.update(slider.id, { value: 4 });
  assert.deepEqual(others, [3, 4]);
});

test("unobserve ends what observe began, by handler and names", () => {
  attached();
  const slider = new IntSlider();
  const seen: string[] = [];
  const tell = ({ name }: { name: string }) => seen.push(name);
  slider.observe(tell, "value");
  slider.observe(tell, ["min", "max"]);
  slider.unobserve(tell, ["max", "min"]);
  slider.set({ value: 1, max: 50 });
  slider.observe(tell);
  slider.unobserve(tell);
  slider.value = 2;
  assert.deepEqual(seen, ["value"]);
});

test("what refers to a widget that does not exist is refused, and no view hears of it", async () => {
  const frontEnd = attached();
  const slider = new IntSlider({ layout: { width: "50%" } });
  const { layout } = slider;
  await turn();
  frontEnd.take();
  frontEnd.update(slider.id, { layout: "IPY_MODEL_nope", value: 5 });
  assert.equal(slider.layout, layout);
  assert.match(String(frontEnd.reported[0]), /IntSlider.layout must be a Layout .* not "IPY_MODEL_nope"/);
  const [echo, back] = frontEnd.take();
  assert.deepEqual(echo?.state, { value: 5 });
  assert.deepEqual(back?.state, { layout: `IPY_MODEL_${layout.id}` });
});

test("ten thousand assignments leave as about one message a frame, the last value among them", async () => {
  const frontEnd = attached();
  const slider = new IntSlider({ max: 1e9 });
  await turn();
  frontEnd.take();
  const started = performance.now();
  for (let value = 1; value <= 10_000; value++) {
    slider.value = value;
    await null;
    if (value % 10 === 0) await turn();
  }
  frontEnd.manager.flush();
  const frames = (performance.now() - started) / 16;
  const sent = frontEnd.take();
  assert.deepEqual(sent.at(-1)?.state, { value: 10_000 });
  assert.ok(sent.length <= 1.1 * frames + 10, `${sent.length} messages in ${frames.toFixed(1)} frames`);
  slider.value = 7;
  await delay(40);
  assert.deepEqual(frontEnd.take().at(-1)?.state, { value: 7 }, "without a flush at the next frame");
});

test("a thousand lines printed one by one cost a few times what they are", async () => {
  const frontEnd = attached();
  const out = new Output();
  await turn();
  for (let i = 0; i < 1000; i++) {
    out.print(`line ${i} of a thousand`);
    await turn();
  }
  frontEnd.manager.flush();
  const bytes = frontEnd.sent.reduce((sum, { content }) => sum + JSON.stringify(content).length, 0);
  const [stream, ...more] = out.outputs;
  assert.equal(more.length, 0);
  const text = stream?.output_type === "stream" ? stream.text : "";
  assert.equal(text.split("\n").length, 1001);
  const last = frontEnd.models.get(out.id)?.["outputs"] as { text: string }[];
  assert.equal(last[0]?.text, text);
  assert.ok(bytes < 10 * text.length, `${bytes} bytes for ${text.length}`);
});

test("an output collects the errors of what it captures, at once and later", async () => {
  attached();
  const out = new Output();
  assert.equal(
    out.capture(() => 5),
    5,
  );
  assert.equal(await out.capture(async () => 6), 6);
  const nothing = out.capture(() => {
    display("before");
    throw new RangeError("first");
  });
  const later = await out.capture(async () => {
    await turn();
    throw new TypeError("second");
  });
  assert.deepEqual([nothing, later], [undefined, undefined]);
  const names = out.outputs.map((one) => (one.output_type === "error" ? one.ename : one.output_type));
  assert.deepEqual(names, ["display_data", "RangeError", "TypeError"]);
});

test("closing leaves no listener, no comm and no model behind", async () => {
  const frontEnd = attached();
  const box = new VBox(Array.from({ length: 50 }, () => new Label()));
  await turn();
  assert.ok(frontEnd.models.size > 150);
  const [signal, seen] = [new AbortController(), [] as unknown[]];
  box.observe((change) => seen.push(change), undefined, { signal: signal.signal });
  const waits = box.next("box_style").catch(String);
  for (const child of box.children) child.close();
  box.close();
  assert.match(String(await waits), /WidgetClosedError/);
  assert.deepEqual([frontEnd.models.size, Object.keys(frontEnd.manager.info()).length], [0, 0]);
  assert.deepEqual(frontEnd.requestStates(), {});
});
