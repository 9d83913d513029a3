import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  Accordion,
  AppLayout,
  Audio,
  BoundedFloatText,
  BoundedIntText,
  Box,
  Button,
  Checkbox,
  ColorPicker,
  ColorsInput,
  Combobox,
  Controller,
  DatePicker,
  DatetimePicker,
  Dropdown,
  display,
  FileUpload,
  FloatLogSlider,
  FloatProgress,
  FloatRangeSlider,
  FloatSlider,
  FloatsInput,
  FloatText,
  GridBox,
  HBox,
  HTML,
  HTMLMath,
  Image,
  IntProgress,
  IntRangeSlider,
  IntSlider,
  IntsInput,
  IntText,
  jsdlink,
  jslink,
  Label,
  link,
  NaiveDatetimePicker,
  Output,
  Password,
  Play,
  RadioButtons,
  Select,
  SelectionRangeSlider,
  SelectionSlider,
  SelectMultiple,
  Stack,
  Tab,
  TagsInput,
  Text,
  Textarea,
  TimePicker,
  ToggleButton,
  ToggleButtons,
  TwoByTwoLayout,
  Valid,
  VBox,
  Video,
} from "../../../src/kernel-helpers/index.js";
import type { Widget } from "../../../src/kernel-helpers/widgets/index.js";
import { FrontEnd, turn } from "../../comms/front-end.js";

/** Written by ipywidgets itself, see ipywidgets-states.py. */
const peer = JSON.parse(
  readFileSync(new URL("../../../../test/kernel-helpers/controls/ipywidgets-states.json", import.meta.url), "utf8"),
) as Record<string, unknown>;

const shared = () => {
  const slider = new IntSlider({ value: 9, max: 7, description: "units", layout: { width: "50%" } });
  return { slider, text: new Text({ value: "a" }) };
};
const label = (value: string) => new Label({ value });
const ours: Record<string, () => Widget> = {
  IntSlider: () => new IntSlider(),
  FloatSlider: () => new FloatSlider(),
  FloatLogSlider: () => new FloatLogSlider(),
  Dropdown: () => new Dropdown(),
  Checkbox: () => new Checkbox(),
  Button: () => new Button(),
  Label: () => new Label(),
  HTML: () => new HTML(),
  IntProgress: () => new IntProgress(),
  FloatProgress: () => new FloatProgress(),
  Text: () => new Text(),
  ToggleButtons: () => new ToggleButtons(),
  HBox: () => new HBox(),
  VBox: () => new VBox(),
  Output: () => new Output(),
  "clamped slider": () => shared().slider,
  "raised bounds": () => new FloatSlider({ min: 200, max: 300, step: null }),
  "power slider": () => new FloatLogSlider({ value: 1e-6, min: -9, max: -7 }),
  "labeled options": () => new Dropdown({ options: { one: 1, two: 2 }, value: 2 }),
  "first option": () => new ToggleButtons({ options: ["absorb", "ignore"] }),
  "styled button": () =>
    new Button({ description: "Stop", icon: "stop", button_style: "danger", style: { font_weight: "bold" } }),
  boxes: () => {
    const { slider, text } = shared();
    return new HBox([new VBox([slider]), text]);
  },
  link: () => {
    const { slider, text } = shared();
    return jslink([slider, "value"], [text, "value"]);
  },
  Box: () => new Box(),
  GridBox: () => new GridBox(),
  Tab: () => new Tab([shared().slider, shared().text], { titles: ["one"] }),
  Accordion: () => new Accordion([shared().slider, shared().text], { titles: ["one", "two"], selected_index: 1 }),
  Stack: () => new Stack([shared().slider]),
  IntText: () => new IntText(),
  FloatText: () => new FloatText({ value: 2.5 }),
  BoundedIntText: () => new BoundedIntText({ value: 300 }),
  BoundedFloatText: () => new BoundedFloatText({ max: 1.5, value: 2 }),
  Play: () => new Play({ max: 7 }),
  IntRangeSlider: () => new IntRangeSlider({ max: 63 }),
  FloatRangeSlider: () => new FloatRangeSlider({ value: [20, 30], min: 25 }),
  ToggleButton: () => new ToggleButton({ value: true, description: "on" }),
  Valid: () => new Valid(),
  Select: () => new Select({ options: ["a", "b"], value: "b" }),
  RadioButtons: () => new RadioButtons({ options: ["a", "b"] }),
  SelectionSlider: () => new SelectionSlider({ options: ["a", "b"], value: "b" }),
  SelectMultiple: () => new SelectMultiple({ options: ["a", "b", "c"], value: ["c", "a"] }),
  SelectionRangeSlider: () => new SelectionRangeSlider({ options: ["a", "b", "c"], index: [1, 2] }),
  HTMLMath: () => new HTMLMath({ value: "$x^2$" }),
  Textarea: () => new Textarea({ rows: 3 }),
  Password: () => new Password({ value: "secret" }),
  Combobox: () => new Combobox({ options: ["a", "b"], value: "a", ensure_option: true }),
  ColorPicker: () => new ColorPicker({ value: "#4682b4" }),
  TagsInput: () => new TagsInput({ value: ["a"], allowed_tags: ["a", "b"] }),
  ColorsInput: () => new ColorsInput({ value: ["red", "#00ff00"] }),
  IntsInput: () => new IntsInput({ value: [1, 2], min: 0 }),
  FloatsInput: () => new FloatsInput({ value: [1.5] }),
  DatePicker: () => new DatePicker({ value: "2026-01-05", min: "2026-02-28" }),
  TimePicker: () => new TimePicker({ value: "13:45:10.25", step: 1 }),
  DatetimePicker: () => new DatetimePicker({ value: new Date("2027-01-01T00:59:58.007+01:00") }),
  NaiveDatetimePicker: () => new NaiveDatetimePicker({ value: "2026-03-31T13:45" }),
  FileUpload: () => new FileUpload({ accept: ".csv" }),
  Image: () => new Image({ value: new TextEncoder().encode("abc"), format: "jpeg" }),
  Video: () => new Video({ width: "300" }),
  Audio: () => new Audio(),
  Controller: () => new Controller(),
  AppLayout: () => new AppLayout({ header: label("a"), center: label("b"), pane_widths: [1, "2fr", "30px"] }),
  "AppLayout without a center": () => new AppLayout({ left_sidebar: label("a"), right_sidebar: label("b") }),
  TwoByTwoLayout: () => new TwoByTwoLayout({ top_left: label("a"), bottom_right: label("b") }),
  "directional link": () => {
    const { slider, text } = shared();
    return jsdlink([slider, "value"], [text, "value"]);
  },
};

for (const [name, make] of Object.entries(ours)) {
  test(`${name}: the state is the one that ipywidgets sends`, async () => {
    const frontEnd = new FrontEnd().attach();
    const { id } = make();
    await turn();
    const expand = (value: unknown): unknown => {
      if (typeof value === "string" && value.startsWith("IPY_MODEL_"))
        return expand(frontEnd.models.get(value.slice(10)));
      if (Array.isArray(value)) return value.map(expand);
      if (ArrayBuffer.isView(value)) {
        return { bytes: [...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)] };
      }
      if (value === null || typeof value !== "object") return value;
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, expand(item)]));
    };
    assert.deepEqual(expand(frontEnd.models.get(id)), peer[name]);
  });
}

test("every state of the peer is compared", () => {
  assert.deepEqual(Object.keys(ours), Object.keys(peer));
});

test("a selection is found by value, label or position, and tells all three", async () => {
  const frontEnd = new FrontEnd().attach();
  const [plus, box] = [{ name: "ε-plus" }, { name: "ε-γ-box" }];
  const composite = new Dropdown<{ name: string }>({
    options: [
      ["plus", plus],
      ["box", box],
    ],
  });
  const seen: unknown[] = [];
  composite.observe(({ new: value }) => seen.push(value), "value");
  composite.observe(({ new: label }) => seen.push(label), "label");
  await turn();
  assert.equal(composite.value, plus);
  frontEnd.update(composite.id, { index: 1 });
  assert.equal(composite.value, box);
  assert.deepEqual(new Set(seen.splice(0)), new Set([box, "box"]));
  composite.value = plus;
  assert.equal(composite.index, 0);
  composite.label = "box";
  assert.equal(composite.value, box);
  await turn();
  assert.equal(frontEnd.models.get(composite.id)!["index"], 1);
  composite.value = null;
  assert.equal(composite.index, null);
  assert.throws(() => composite.set({ index: 2 }), /Dropdown.index must be null or from 0 to 1, not 2/);
  assert.throws(() => composite.set({ value: 3 }), /Dropdown.value must be one of the options \(plus, box\), not 3/);
  frontEnd.update(composite.id, { index: -1 });
  assert.match(String(frontEnd.reported[0]), /Dropdown.index must be null or from 0 to 1, not -1/);
});

test("new options select the first, unless nothing was selected", () => {
  new FrontEnd().attach();
  const menu = new Dropdown<string>({ options: ["a", "b"], value: "b" });
  menu.set({ options: ["c", "d"] as never });
  assert.equal(menu.value, "c");
  menu.value = null;
  menu.set({ options: ["e"] as never });
  assert.equal(menu.value, null);
  assert.deepEqual(menu._options_labels, ["e"]);
});

test("options are set in every form that the constructor takes", () => {
  const forms = [["a", "b"], [["A", 1] as const, ["B", 2] as const], { one: 1, two: 2 }, [] as string[]] as const;
  const [words, pairs, byLabel, none] = forms;
  for (const made of [new Dropdown({ options: ["z"] }), new ToggleButtons({ options: ["z"] })]) {
    made.options = words;
    assert.deepEqual([made._options_labels, made.value], [["a", "b"], "a"]);
    made.options = pairs;
    assert.deepEqual([made._options_labels, made.value], [["A", "B"], 1]);
    made.options = byLabel;
    assert.deepEqual([made._options_labels, made.value], [["one", "two"], 1]);
    made.options = none;
    assert.deepEqual([made._options_labels, made.value], [[], null]);
  }
});

test("a list cannot be edited in place, where no view would hear of it", () => {
  const box = new HBox([new IntSlider()]);
  assert.throws(() => box.children.push(new IntSlider()), TypeError);
  assert.throws(() => new HBox().children.push(new IntSlider()), TypeError);
  const dropdown = new Dropdown({ options: ["a"] });
  assert.throws(() => (dropdown.options as unknown[]).push({ label: "b", value: "b" }), TypeError);
  assert.throws(() => Object.assign(dropdown.options[0]!, { label: "b" }), TypeError);
  const given = [new IntSlider()];
  box.children = given;
  given.push(new IntSlider());
  assert.equal(box.children.length, 1, "the caller's own list stays the caller's");
  box.children = [...box.children, new IntSlider()];
  assert.equal(box.children.length, 2);
});

test("a closed widget that is set, shown or put into a box says so", () => {
  const slider = new IntSlider({ value: 3 });
  const box = new VBox([slider]);
  slider.close();
  const closed = (what: RegExp) => ({ name: "WidgetClosedError", message: what });
  assert.throws(
    () => {
      slider.value = 4;
    },
    closed(/^This IntSlider is closed: its value cannot be set. Make a new one.$/),
  );
  assert.throws(() => display(slider), closed(/no view to show/));
  assert.throws(() => new HBox([slider]), closed(/cannot be part of another/));
  assert.throws(
    () => {
      box.children = [...box.children];
    },
    closed(/cannot be part of another/),
  );
  assert.equal(slider.value, 3);
  slider.close();
});

test("a button tells of its clicks", async () => {
  const frontEnd = new FrontEnd().attach();
  const button = new Button({ description: "Go" });
  let clicks = 0;
  button.on("click", () => clicks++);
  await turn();
  frontEnd.custom(button.id, { event: "click" });
  const next = button.next("click");
  frontEnd.custom(button.id, { event: "click" });
  await next;
  assert.equal(clicks, 2);
});

test("linked traits follow each other from either side until unlinked", async () => {
  const frontEnd = new FrontEnd().attach();
  const exponent = new IntSlider({ value: -3, min: -9, max: 0 });
  const epsilon = new FloatSlider({ min: 1e-6, max: 1 });
  const unlink = link<number, number>([exponent, "value"], [epsilon, "value"], {
    to: (power) => 10 ** power,
    from: (value) => Math.round(Math.log10(value)),
  });
  assert.equal(epsilon.value, 1e-3);
  await turn();
  frontEnd.take();
  frontEnd.update(exponent.id, { value: -2 });
  assert.equal(epsilon.value, 1e-2);
  frontEnd.update(epsilon.id, { value: 0.11 });
  assert.equal(exponent.value, -1);
  frontEnd.update(exponent.id, { value: -8 });
  assert.equal(epsilon.value, 1e-6, "clamped");
  assert.equal(exponent.value, -8, "and not sent back");
  unlink();
  exponent.value = -2;
  assert.equal(epsilon.value, 1e-6);
});

test("without a kernel widgets work, with nobody to see them", () => {
  const holder = globalThis as { [key: symbol]: unknown };
  const key = Symbol.for("limpid.host");
  const host = holder[key];
  delete holder[key];
  try {
    const slider = new IntSlider({ value: 3 });
    const seen: number[] = [];
    slider.observe(({ new: value }) => seen.push(value), "value");
    slider.value = 400;
    assert.deepEqual(seen, [100]);
    assert.throws(() => slider.set({ max: -1 }), /IntSlider.max must be at least min, which is 0, not -1/);
    const display = slider[Symbol.for("Jupyter.display") as unknown as keyof IntSlider] as () => object;
    assert.deepEqual(display.call(slider), { "text/plain": "IntSlider({ value: 100 })" });
    slider.close();
  } finally {
    holder[key] = host;
  }
});
