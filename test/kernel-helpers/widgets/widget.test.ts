import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { viewAs } from "../../../src/comms/buffers.js";
import { type MimeBundle, tellShown } from "../../../src/comms/host.js";
import {
  Button,
  Dropdown,
  display,
  FloatSlider,
  HBox,
  IntSlider,
  Label,
  link,
  TraitError,
  VBox,
  WidgetClosedError,
} from "../../../src/kernel-helpers/index.js";
import { drawing } from "../../../src/kernel-helpers/pictures/drawing/static-picture.js";
import { tag } from "../../../src/kernel-helpers/pictures/drawing/svg.js";
import { domWidgetClass, traits, widgetClass } from "../../../src/kernel-helpers/widgets/index.js";
import { FrontEnd, turn } from "../../comms/front-end.js";
import { until } from "../../helpers/until.js";

interface Numbers {
  shape: number[];
  data: ArrayBufferView;
}

/** A widget with binary parts, as a heatmap has. */
class PixelMap extends domWidgetClass<{ title: string; relevance: Numbers | null }, { click: { row: number } }>({
  model: { module: "limpid-test", version: "^1.0.0", name: "MapModel" },
  view: { name: "MapView" },
  traits: { title: traits.text("a map"), relevance: traits.data<Numbers | null>(null) },
  events: ["click"],
}) {
  readonly titles: string[] = [];

  constructor(initial: { title?: string; relevance?: Numbers | null } = {}) {
    super(initial);
    this.observe(({ new: title }) => this.titles.push(title), "title");
    this.on("click", ({ row }) => this.titles.push(`row ${row}`));
  }
}

/** A widget that can be drawn. */
class Swatch extends widgetClass<{ color: string }>({
  model: { module: "limpid-test", version: "^1.0.0", name: "SwatchModel" },
  view: { name: "SwatchView" },
  traits: { color: traits.text("#000000") },
}) {
  override staticPicture() {
    return drawing(20, 10, tag("rect", { width: 20, height: 10, fill: this.color }));
  }
}

const frontEndOf = () => new FrontEnd().attach();

test("a widget is announced with its whole state, what it refers to first", async () => {
  const frontEnd = frontEndOf();
  const slider = new IntSlider({ value: 3, description: "units", layout: { width: "50%" } });
  const box = new HBox([slider]);
  await turn();
  const state = frontEnd.models.get(box.id)!;
  assert.deepEqual(state["children"], [`IPY_MODEL_${slider.id}`]);
  const { layout, value, _model_name } = frontEnd.models.get(slider.id)!;
  assert.deepEqual({ value, _model_name }, { value: 3, _model_name: "IntSliderModel" });
  assert.equal(frontEnd.models.get(String(layout).replace("IPY_MODEL_", ""))!["width"], "50%");
  assert.deepEqual(
    Object.values(frontEnd.manager.info()).map(({ target_name }) => target_name),
    new Array(frontEnd.models.size).fill("jupyter.widget"),
  );
});

test("what a widget has come to refer to is announced before it, whatever was made or changed first", async () => {
  const frontEnd = frontEndOf();
  const [known, box, tower] = [new IntSlider(), new HBox(), new VBox()];
  await turn();
  // The change waits before the observer makes what it refers to then.
  known.observe(() => {
    tower.children = [new HBox([new Label({ value: "four" })])];
    box.children = [new Label({ value: "four" })];
  }, "value");
  box.box_style = "info";
  tower.box_style = "info";
  known.value = 4;
  await turn();
  // Not announced yet, and made before what it holds.
  const outer = new VBox();
  const inner = new HBox();
  outer.children = [inner];
  inner.children = [new Label({ value: "inner" })];
  await turn();
  box.holdSync(() => {
    box.children = [new Label({ value: "held" })];
  });
  const late = new HBox();
  const release = late.holdSync(async () => {
    box.children = [late];
    await turn();
    late.children = [new Label({ value: "late" })];
    await turn();
  });
  await release;
  await turn();
  assert.deepEqual(frontEnd.reported, []);
  for (const one of [tower, outer, inner, box, late]) {
    assert.deepEqual(
      frontEnd.models.get(one.id)!["children"],
      one.children.map(({ id }) => `IPY_MODEL_${id}`),
    );
  }
});

test("references in circles end, and what refers to a widget whose state cannot be written is sent", async () => {
  const frontEnd = frontEndOf();
  const unwritable = () => {
    throw new Error("this cannot be written");
  };
  const Holder = widgetClass<{ other: unknown }>({
    model: { module: "limpid-test", version: "^1.0.0", name: "HolderModel" },
    view: { name: null },
    traits: { other: traits.data<unknown>(null) },
  });
  const Broken = widgetClass<{ other: unknown }>({
    model: { module: "limpid-test", version: "^1.0.0", name: "BrokenModel" },
    view: { name: null },
    traits: { other: { ...traits.data<unknown>(null), toWire: unwritable } },
  });
  const [a, b] = [new Holder(), new Holder()];
  await turn();
  a.other = { of: [`IPY_MODEL_${b.id}`] };
  b.other = `IPY_MODEL_${a.id}`;
  await turn();
  assert.deepEqual(frontEnd.reported, []);
  const [one, two] = [new Holder(), new Holder()];
  one.other = `IPY_MODEL_${two.id}`;
  two.other = `IPY_MODEL_${one.id}`;
  await turn();
  // No front end can open such a pair.
  assert.match(String(frontEnd.reported[0]), /not open/);
  frontEnd.reported.length = 0;
  const box = new HBox([new Broken() as unknown as Label]);
  await turn();
  assert.match(String(frontEnd.reported[0]), /cannot be written/);
  assert.ok(frontEnd.sent.some(({ content }) => content["comm_id"] === box.id));
});

test("changes of one turn leave as one update, with only what changed", async () => {
  const frontEnd = frontEndOf();
  const slider = new IntSlider();
  await turn();
  frontEnd.take();
  slider.value = 1;
  slider.value = 2;
  slider.description = "twice";
  slider.max = 100;
  assert.deepEqual(frontEnd.take(), []);
  await turn();
  const sent = frontEnd.take();
  assert.deepEqual(
    sent.map(({ kind, state }) => [kind, state]),
    [["update", { value: 2, description: "twice" }]],
  );
});

test("a synchronous loop's changes are seen while it runs", () => {
  const frontEnd = frontEndOf();
  const slider = new IntSlider();
  display(slider);
  frontEnd.take();
  const end = performance.now() + 100;
  while (performance.now() < end) slider.value = (slider.value + 1) % 100;
  const updates = frontEnd.take();
  assert.ok(updates.length >= 2 && updates.length <= 10, `${updates.length} updates in 100 ms`);
});

test("a view's change is echoed with that message as its parent, before idle, and is not sent back", async () => {
  const frontEnd = frontEndOf();
  const slider = new IntSlider();
  await turn();
  frontEnd.take();
  const request = frontEnd.update(slider.id, { value: 42 });
  assert.equal(slider.value, 42);
  await turn();
  assert.deepEqual(frontEnd.take(), [
    { kind: "echo_update", comm: slider.id, state: { value: 42 }, parent: request },
    { kind: "idle", comm: "", state: {}, parent: request },
  ]);
});

test("what observers change is sent within the message, once for each widget, before idle", async () => {
  const frontEnd = frontEndOf();
  const slider = new FloatSlider();
  const map = new PixelMap();
  slider.observe(({ new: value }) => {
    map.title = "first";
    map.title = `γ = ${value}`;
    map.relevance = { shape: [1, 2], data: new Float32Array([value, -value]) };
  }, "value");
  await turn();
  frontEnd.take();
  const request = frontEnd.update(slider.id, { value: 0.25 });
  const sent = frontEnd.take();
  assert.deepEqual(
    sent.map(({ kind, comm, parent }) => [kind, comm, parent]),
    [
      ["echo_update", slider.id, request],
      ["update", map.id, request],
      ["idle", "", request],
    ],
  );
  const { title, relevance } = frontEnd.models.get(map.id) as { title: string; relevance: Numbers };
  assert.equal(title, "γ = 0.25");
  assert.deepEqual(relevance.shape, [1, 2]);
  assert.deepEqual(viewAs(Float32Array, relevance.data), new Float32Array([0.25, -0.25]));
});

test("an asynchronous observer keeps the message busy, also through a second widget's observer", async () => {
  const frontEnd = frontEndOf();
  const slider = new FloatSlider();
  const map = new PixelMap();
  slider.observe(({ new: value }) => {
    map.title = `γ = ${value}`;
  }, "value");
  map.observe(async () => {
    await delay(20);
    map.relevance = { shape: [1], data: new Float32Array([7]) };
  }, "title");
  await turn();
  frontEnd.take();
  const request = frontEnd.update(slider.id, { value: 0.5 });
  assert.ok(!frontEnd.take().some(({ kind }) => kind === "idle"), "the answer is not computed yet");
  await delay(60);
  assert.deepEqual(
    frontEnd.take().map(({ kind, comm, parent }) => [kind, comm, parent]),
    [
      ["update", map.id, request],
      ["idle", "", request],
    ],
  );
});

test("binary values arrive bit for bit in both directions, nested too", async () => {
  const frontEnd = frontEndOf();
  const values = Float32Array.from({ length: 1000 }, (_, i) => Math.sin(i) * 10 ** ((i % 70) - 35));
  const map = new PixelMap({ relevance: { shape: [1000], data: values } });
  await turn();
  const { relevance } = frontEnd.models.get(map.id) as { relevance: Numbers };
  assert.deepEqual(Buffer.from(relevance.data.buffer), Buffer.from(values.buffer));
  const frame = new Uint8Array(values.buffer).slice().subarray(400);
  frontEnd.update(map.id, { relevance: { shape: [900] } }, [["relevance", "data"]], [frame]);
  assert.deepEqual(map.relevance!.shape, [900]);
  assert.deepEqual(viewAs(Float32Array, map.relevance!.data), values.subarray(100));
  const echo = frontEnd.sent.findLast(
    ({ content }) => (content["data"] as { method?: string })?.method === "echo_update",
  );
  assert.deepEqual(new Uint8Array(echo!.buffers[0]!.buffer), new Uint8Array(frame));
});

test("an array that was written to is sent again when it is assigned again", async () => {
  const frontEnd = frontEndOf();
  const pixels = { shape: [2], data: new Float32Array([1, 2]) };
  const map = new PixelMap({ relevance: pixels });
  await turn();
  pixels.data[0] = 5;
  map.relevance = pixels;
  await turn();
  const { relevance } = frontEnd.models.get(map.id) as { relevance: Numbers };
  assert.deepEqual(viewAs(Float32Array, relevance.data), new Float32Array([5, 2]));
});

test("a value that a view may not set is reported, and the view gets back what holds", async () => {
  const frontEnd = frontEndOf();
  const slider = new IntSlider({ value: 5, max: 10 });
  await turn();
  frontEnd.take();
  frontEnd.update(slider.id, { value: "many", description: "kept" });
  assert.equal(slider.value, 5);
  assert.equal(slider.description, "kept");
  assert.match(String(frontEnd.reported[0]), /TraitError: IntSlider.value must be an integer, not "many"/);
  assert.deepEqual(frontEnd.take().at(-2)!.state, { value: 5 });
  frontEnd.update(slider.id, { value: 99, something_newer: 1 });
  assert.equal(slider.value, 10);
  assert.deepEqual(frontEnd.take().at(-2)!.state, { value: 10 }, "the clamped value is sent, the unknown trait is not");
});

test("a page that is loaded again gets every live widget in the shape that it expects", async () => {
  const frontEnd = frontEndOf();
  const slider = new IntSlider({ value: 3 });
  const map = new PixelMap({ relevance: { shape: [2], data: new Float32Array([1, 2]) } });
  const gone = new IntSlider();
  await turn();
  slider.value = 4;
  gone.close();
  const states = frontEnd.requestStates();
  assert.deepEqual(new Set(Object.keys(states)), new Set(frontEnd.models.keys()));
  assert.ok(!(gone.id in states));
  const { model_name, model_module, model_module_version, state } = states[slider.id]!;
  assert.deepEqual(
    { model_name, model_module, model_module_version },
    { model_name: "IntSliderModel", model_module: "@jupyter-widgets/controls", model_module_version: "2.0.0" },
  );
  assert.equal(state["value"], 4);
  assert.deepEqual(state, frontEnd.models.get(slider.id));
  assert.deepEqual(states[map.id]!.state, frontEnd.models.get(map.id));
  assert.equal(frontEnd.reported.length, 0);
});

test("a kernel without widgets answers with none, buffer_paths and all", () => {
  const frontEnd = frontEndOf();
  assert.deepEqual(frontEnd.requestStates(), {});
  const answer = frontEnd.sent.find(
    ({ content }) => (content["data"] as { method?: string })?.method === "update_states",
  );
  assert.deepEqual(answer!.content["data"], { method: "update_states", states: {}, buffer_paths: [] });
});

test("request_state is answered with the whole state; an unknown method is reported", async () => {
  const frontEnd = frontEndOf();
  const slider = new IntSlider({ value: 3 });
  await turn();
  frontEnd.take();
  frontEnd.deliver("comm_msg", { comm_id: slider.id, data: { method: "request_state" } });
  const [answer] = frontEnd.take();
  assert.equal(answer!.kind, "update");
  assert.deepEqual(answer!.state, frontEnd.models.get(slider.id));
  frontEnd.deliver("comm_msg", { comm_id: slider.id, data: { method: "dance" } });
  assert.match(String(frontEnd.reported[0]), /unknown method "dance"/);
});

test("the front end cannot open widgets, nor speak another control protocol", () => {
  const frontEnd = frontEndOf();
  frontEnd.deliver("comm_open", { comm_id: "w", target_name: "jupyter.widget", data: { state: {} } });
  frontEnd.deliver("comm_open", { comm_id: "c", target_name: "jupyter.widget.control", data: {} }, [], {
    version: "2.0",
  });
  assert.deepEqual(
    frontEnd.take().map(({ kind }) => kind),
    ["comm_close", "idle", "comm_close", "idle"],
  );
  assert.match(String(frontEnd.reported[1]), /speaks version 1 here, the front end asked for "2.0"/);
});

test("next waits for the view, and the message that resolves it is not held up by the waiting", async () => {
  const frontEnd = frontEndOf();
  const slider = new IntSlider();
  const seen: number[] = [];
  // This observer waits for the slider that it observes: without an idle in between the view would never send again.
  slider.observe(async ({ new: value }) => {
    seen.push(value);
    if (seen.length === 1) seen.push(-(await slider.next("value")));
  }, "value");
  await turn();
  const first = frontEnd.update(slider.id, { value: 1 });
  await turn();
  assert.ok(frontEnd.sent.some(({ type, parent }) => type === "idle" && parent === first));
  frontEnd.update(slider.id, { value: 2 });
  await turn();
  assert.deepEqual(seen, [1, -2, 2], "the second call waits for the first");
});

test("next also resolves for the kernel's own changes, and ends with its signal or its widget", async () => {
  frontEndOf();
  const slider = new IntSlider();
  const next = slider.next("value");
  slider.value = 8;
  assert.equal(await next, 8);
  const stop = new AbortController();
  const aborted = slider.next("value", { signal: stop.signal });
  const closed = slider.next("max");
  stop.abort(new Error("enough"));
  await assert.rejects(aborted, /enough/);
  slider.close();
  await assert.rejects(closed, WidgetClosedError);
  await assert.rejects(slider.next("value"), /IntSlider was closed while value was waited for/);
  await assert.rejects(slider.next("valve" as "value"), /IntSlider has no trait or event named "valve"; it has layout/);
});

test("events of the view come as handlers, promises and loops; a loop misses none", async () => {
  const frontEnd = frontEndOf();
  const map = new PixelMap();
  const rows: number[] = [];
  map.on("click", ({ row, buffers }) => rows.push(row, buffers.length));
  await turn();
  const loop = (async () => {
    const taken: number[] = [];
    for await (const { row } of map.events("click")) {
      taken.push(row);
      await delay(5);
    }
    return taken;
  })();
  const first = map.next("click");
  for (const row of [1, 2, 3]) frontEnd.custom(map.id, { event: "click", row }, [new Uint8Array(1)]);
  frontEnd.custom(map.id, { event: "other" });
  frontEnd.custom(map.id, "no event at all");
  assert.equal((await first).row, 1);
  await delay(30);
  map.close();
  assert.deepEqual(await loop, [1, 2, 3]);
  assert.deepEqual(rows, [1, 1, 2, 1, 3, 1]);
  assert.deepEqual(frontEnd.reported, []);
});

test("a loop over a trait's values takes the newest, and a signal ends it", async () => {
  const frontEnd = frontEndOf();
  const slider = new IntSlider();
  await turn();
  const stop = new AbortController();
  const taken: number[] = [];
  const loop = (async () => {
    for await (const value of slider.events("value", { signal: stop.signal })) {
      taken.push(value);
      await delay(20);
    }
  })();
  for (const value of [1, 2, 3]) frontEnd.update(slider.id, { value });
  await delay(60);
  assert.deepEqual(taken, [1, 3]);
  stop.abort(new Error("stop"));
  await assert.rejects(loop, /stop/);
});

test("observers end by disposer and by signal; one that fails is told and the others run", async () => {
  const frontEnd = frontEndOf();
  const slider = new IntSlider();
  const seen: string[] = [];
  const stop = new AbortController();
  const dispose = slider.observe(() => seen.push("disposer"), "value");
  slider.observe(() => seen.push("signal"), ["value", "max"], { signal: stop.signal });
  slider.observe(() => {
    throw new Error("failing observer");
  });
  slider.observe(({ name, old, new: value }) => seen.push(`${name}: ${old} to ${value}`));
  await turn();
  frontEnd.update(slider.id, { value: 1 });
  assert.deepEqual(seen.splice(0), ["disposer", "signal", "value: 0 to 1"]);
  assert.match(String(frontEnd.reported[0]), /failing observer/);
  dispose();
  stop.abort();
  assert.throws(() => {
    slider.value = 2;
  }, /failing observer/);
  assert.deepEqual(seen, ["value: 1 to 2"]);
  assert.equal(slider.value, 2);
  assert.throws(() => slider.observe(() => {}, "valve" as "value"), /no trait or event named "valve"/);
});

test("a rejection in an asynchronous observer is reported and ends the message", async () => {
  const frontEnd = frontEndOf();
  const slider = new IntSlider();
  slider.observe(() => Promise.reject(new Error("later")), "value");
  await turn();
  const request = frontEnd.update(slider.id, { value: 1 });
  await turn();
  assert.match(String(frontEnd.reported[0]), /later/);
  assert.equal(frontEnd.take().at(-1)!.parent, request);
});

test("hold keeps changes back over awaits", async () => {
  const frontEnd = frontEndOf();
  const label = new Label();
  await turn();
  frontEnd.take();
  await label.holdSync(async () => {
    label.value = "one";
    await turn();
    label.description = "two";
    await turn();
    assert.deepEqual(frontEnd.take(), []);
  });
  assert.deepEqual(
    frontEnd.take().map(({ state }) => state),
    [{ value: "one", description: "two" }],
  );
});

test("closing removes the widget with its layout and style; either side may", async () => {
  const frontEnd = frontEndOf();
  const [mine, theirs] = [new IntSlider(), new IntSlider()];
  await turn();
  mine.close();
  assert.equal(frontEnd.models.has(mine.id), false);
  assert.equal(frontEnd.models.size, 3);
  frontEnd.deliver("comm_close", { comm_id: theirs.id, data: {} });
  assert.equal(theirs.closed, true);
  theirs.value = 7;
  await turn();
  assert.equal(theirs.value, 7, "a closed widget still holds values");
  assert.deepEqual(frontEnd.manager.info(), {});
  assert.deepEqual(frontEnd.requestStates(), {});
});

test("values that depend on each other are set together, and all or none", () => {
  frontEndOf();
  const slider = new IntSlider({ value: 50 });
  slider.set({ min: 200, max: 300 });
  assert.equal(slider.value, 200);
  assert.throws(() => slider.set({ description: "new", min: 400 }), {
    name: "TraitError",
    message: "IntSlider.min must be at most max, which is 300, not 400",
    widget: "IntSlider",
    trait: "min",
    value: 400,
  });
  assert.equal(slider.description, "");
  assert.throws(() => Object.assign(slider, { step: 0.5 }), /IntSlider.step must be an integer, not 0.5/);
  assert.throws(() => new FloatSlider({ value: Number.NaN }), /FloatSlider.value must be a finite number, not NaN/);
  assert.throws(
    () => new Button({ button_style: "loud" as "danger" }),
    /Button.button_style must be one of "", "primary"/,
  );
  assert.throws(() => new HBox([new Date() as never]), /HBox.children must be a list in which each item is a widget/);
  assert.throws(
    () => new IntSlider({ valve: 1 } as object),
    /IntSlider has no trait or event named "valve"; it has .*\. Did you mean "value"\?$/,
  );
  assert.throws(() => new PixelMap({ relevance: { shape: [1], data: () => 0 } as never }), TraitError);
});

test("a displayed widget shows a view, and text where there are none", async () => {
  const frontEnd = frontEndOf();
  const slider = new IntSlider({ value: 3, max: 7 });
  display(slider);
  assert.deepEqual(frontEnd.displayed, [
    {
      "text/plain": "IntSlider({ value: 3, max: 7 })",
      "application/vnd.jupyter.widget-view+json": { version_major: 2, version_minor: 0, model_id: slider.id },
      "application/vnd.limpid.stored-widget+json": { version: 1 },
    },
  ]);
  assert.ok(frontEnd.models.has(slider.id), "the model is announced before its view is shown");
  const map = new PixelMap({ title: "a cat", relevance: { shape: [2], data: new Float32Array(2) } });
  assert.equal(String(map), 'PixelMap({ title: "a cat", relevance: {"shape":[2],"data":"(8 bytes)"} })');
});

test("a box carries the pictures of all that is in it, and what changes in one of them renews it", async () => {
  frontEndOf();
  const [red, blue] = [new Swatch({ color: "#ff0000" }), new Swatch({ color: "#0000ff" })];
  const slider = new IntSlider({ value: 3, description: "units" });
  const box = new VBox([slider, new HBox([red, blue])]);
  const renewed: MimeBundle[] = [];
  const showing = tellShown(box, (forms) => renewed.push(forms))!;
  await showing.stored;
  assert.equal(renewed.length, 1);
  const svg = (place: number) => String(renewed[place]!["image/svg+xml"]);
  for (const seen of ['fill="#ff0000"', 'fill="#0000ff"', ">units<", ">3<"]) assert.ok(svg(0).includes(seen), seen);
  assert.match(String(renewed[0]!["text/plain"]), /^VBox of IntSlider.*; HBox of Swatch.*; Swatch/);
  // Many changes are one picture, and what looks the same is none.
  for (const value of [4, 5, 6]) slider.value = value;
  blue.color = "#00ff00";
  await until(() => renewed.length > 1, "the picture was not renewed");
  for (const seen of ['fill="#00ff00"', ">6<"]) assert.ok(svg(1).includes(seen), seen);
  box.box_style = "info";
  await new Promise((resolve) => setTimeout(resolve, 1500));
  assert.equal(renewed.length, 2);
  showing.end();
});

test("different widgets are observed alike, and the compiler knows what a trait holds", async () => {
  frontEndOf();
  const [units, gamma, bias] = [new IntSlider(), new FloatSlider(), new Dropdown({ options: ["absorb", "ignore"] })];
  const seen: unknown[] = [];
  for (const control of [units, gamma, bias]) control.observe(({ new: value }) => seen.push(value), "value");
  const any = Promise.race([units, gamma, bias].map((control) => control.next("value")));
  const next: Promise<number> = gamma.next("value");
  gamma.value = 0.5;
  bias.value = "ignore";
  assert.equal((await next) + 1, 1.5);
  assert.equal(await any, 0.5);
  assert.deepEqual(seen, [0.5, "ignore"]);
  // @ts-expect-error: labels have no bounds
  assert.throws(() => new Label().observe(() => {}, "max"), /Label has no trait or event named "max"/);
  const map = new PixelMap();
  map.title = "another";
  assert.deepEqual(map.titles, ["another"]);
});

test("a state that cannot be written is reported, and the other widgets get their updates", async () => {
  const frontEnd = frontEndOf();
  class Broken extends widgetClass<{ size: number }>({
    model: { module: "limpid-test", version: "^1.0.0", name: "BrokenModel" },
    view: { name: null },
    traits: {
      size: {
        ...traits.number(),
        toWire: (size) => {
          if (size > 1) throw new RangeError("too large to write");
          return size;
        },
      },
    },
  }) {}
  const [broken, slider] = [new Broken(), new IntSlider()];
  await turn();
  broken.size = 2;
  slider.value = 2;
  await turn();
  assert.equal(frontEnd.models.get(slider.id)!["value"], 2);
  assert.match(String(frontEnd.reported[0]), /too large to write/);
});

test("a widget that does not come about leaves no layout and no style behind", async () => {
  const frontEnd = frontEndOf();
  assert.throws(() => new IntSlider({ min: 5, max: 1 }));
  assert.throws(() => new IntSlider({ value: "many" as never, layout: { width: "50%" } }), TraitError);
  await turn();
  assert.deepEqual([...frontEnd.models.keys()], []);
});

class Room extends widgetClass<{ celsius: number; fahrenheit: number; isWarm: boolean }>({
  model: { module: "limpid-test", version: "^1.0.0", name: "RoomModel" },
  view: { name: "RoomView" },
  traits: {
    celsius: traits.number(20),
    fahrenheit: traits.unsynced(
      traits.accessor<{ celsius: number }, number>(
        traits.number(),
        ({ celsius }) => 1.8 * celsius + 32,
        (held, value) => {
          held.celsius = (value - 32) / 1.8;
        },
      ),
    ),
    isWarm: traits.accessor<{ celsius: number }, boolean>(traits.flag(), ({ celsius }) => celsius > 18),
  },
}) {}

test("an accessor holds nothing: it reads other traits, sets them, and is observed, awaited and linked like one", async () => {
  const frontEnd = frontEndOf();
  const room = new Room({ fahrenheit: 50 });
  await turn();
  assert.deepEqual([room.celsius, room.isWarm], [10, false]);
  const state = () => {
    const { celsius, fahrenheit, isWarm } = frontEnd.models.get(room.id)!;
    return { celsius, fahrenheit, isWarm };
  };
  assert.deepEqual(state(), { celsius: 10, fahrenheit: undefined, isWarm: false });

  const heard: unknown[] = [];
  room.observe(({ name, old, new: value }) => heard.push([name, old, value]));
  const warm = room.next("isWarm");
  room.celsius = 25;
  assert.deepEqual(heard, [
    ["celsius", 10, 25],
    ["fahrenheit", 50, 77],
    ["isWarm", false, true],
  ]);
  assert.equal(await warm, true);
  assert.deepEqual(state(), { celsius: 25, fahrenheit: undefined, isWarm: true });
  // In the order of the traits, whatever that of the values.
  room.set({ fahrenheit: 32, celsius: 90 });
  assert.equal(room.celsius, 0);

  const slider = new FloatSlider({ value: 212, max: 300 });
  const unlink = link([slider, "value"], [room, "fahrenheit"]);
  assert.equal(room.celsius, 100);
  room.celsius = 5;
  assert.equal(slider.value, 41);
  unlink();

  assert.throws(() => room.set({ fahrenheit: "hot" as never }), TraitError);
  assert.throws(
    () => room.set({ isWarm: false }),
    /Room.isWarm must be left as it is \(it follows from other traits\), not false/,
  );
  // A view that sets what follows gets back what holds.
  frontEnd.update(room.id, { isWarm: true });
  await turn();
  assert.match(String(frontEnd.reported), /isWarm must be left as it is/);
  assert.deepEqual([room.isWarm, state()["isWarm"]], [false, false]);
  room.close();
});
