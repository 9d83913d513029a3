import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Accordion,
  AppLayout,
  BoundedIntText,
  Button,
  ColorPicker,
  ColorsInput,
  Combobox,
  Controller,
  type ControllerAxis,
  DatePicker,
  DatetimePicker,
  dlink,
  FileUpload,
  GridspecLayout,
  Image,
  IntRangeSlider,
  IntSlider,
  IntsInput,
  Label,
  NaiveDatetimePicker,
  ParameterError,
  Password,
  SelectionRangeSlider,
  SelectionSlider,
  SelectMultiple,
  Tab,
  TagsInput,
  TimePicker,
  TraitError,
  TwoByTwoLayout,
  Valid,
  VBox,
} from "../../../src/kernel-helpers/index.js";
import { FrontEnd, turn } from "../../comms/front-end.js";

const attached = () => new FrontEnd().attach();

test("ranges stay within their bounds, whole and in order, and start in the middle", () => {
  const range = new IntRangeSlider({ min: 10, max: 31 });
  assert.deepEqual(range.value, [15, 25]);
  range.value = [0, 20];
  assert.deepEqual(range.value, [10, 20]);
  assert.throws(() => {
    range.value = [20, 12];
  }, /IntRangeSlider.value must be a range whose first number is not above its second/);
  assert.throws(() => range.set({ value: [1, 2, 3] as unknown as [number, number] }), TraitError);
  assert.throws(() => range.set({ value: [1.5, 2] }), /each an integer/);
  range.max = 15;
  assert.deepEqual(range.value, [10, 15]);
  assert.throws(() => {
    range.min = 16;
  }, /min must be at most max, which is 15/);
});

test("days and times are texts of the calendar, moments are dates", async () => {
  const frontEnd = attached();
  const day = new DatePicker({ value: "2024-02-29", min: "2024-01-01", max: "2024-12-31" });
  await turn();
  assert.deepEqual(frontEnd.models.get(day.id)?.["value"], { year: 2024, month: 1, date: 29 });
  frontEnd.update(day.id, { value: { year: 2025, month: 0, date: 5 } });
  assert.equal(day.value, "2024-12-31", "the nearer bound");
  frontEnd.update(day.id, { value: null });
  assert.equal(day.value, null);
  for (const wrong of ["2023-02-29", "29.2.2024", "2024-1-1", new Date(), 0]) {
    assert.throws(() => day.set({ value: wrong as string }), /must be a text such as "2026-03-31" or null/);
  }
  assert.throws(() => {
    day.min = "2025-01-01";
  }, /min must be not later than max, which is 2024-12-31/);
  const time = new TimePicker({ value: "08:05" });
  assert.equal(time.value, "08:05:00");
  for (const wrong of ["24:00", "8:05", "08:60"]) assert.throws(() => time.set({ value: wrong }), TraitError);
  const naive = new NaiveDatetimePicker({ value: "2026-03-29T02:30" });
  await turn();
  frontEnd.update(naive.id, {
    value: { year: 2026, month: 2, date: 29, hours: 2, minutes: 30, seconds: 0, milliseconds: 0 },
  });
  assert.equal(naive.value, "2026-03-29T02:30:00", "an hour that clocks leave out is a text like others");
  const at = new DatetimePicker({ value: new Date(1e12) });
  let changes = 0;
  at.observe(() => changes++, "value");
  at.value = new Date(1e12);
  assert.equal(changes, 0, "the same moment");
  await turn();
  frontEnd.update(at.id, {
    value: { year: 2026, month: 11, date: 31, hours: 23, minutes: 59, seconds: 1, milliseconds: 5 },
  });
  assert.equal(at.value?.toISOString(), "2026-12-31T23:59:01.005Z");
  assert.throws(() => at.set({ value: new Date(Number.NaN) }), TraitError);
  assert.throws(() => at.set({ value: "2026-01-01" as unknown as Date }), /must be a Date/);
});

test("several options are chosen by value, label or place", () => {
  const several = new SelectMultiple({ options: { one: 1, two: 2, three: 3 } });
  assert.deepEqual([several.value, several.index], [[], []]);
  several.value = [3, 1];
  assert.deepEqual(
    [several.label, several.index],
    [
      ["three", "one"],
      [2, 0],
    ],
  );
  assert.throws(() => {
    several.value = [4];
  }, /SelectMultiple.value must be one of the options \(one, two, three\)/);
  several.options = ["a", "b"];
  assert.deepEqual(several.value, []);
  const range = new SelectionRangeSlider({ options: ["a", "b", "c"], value: ["b", "c"] });
  assert.deepEqual(range.index, [1, 2]);
  assert.throws(() => range.set({ value: ["c", "a"] }), /the first not behind the second/);
  assert.throws(() => new SelectionRangeSlider({ options: [] }), /options must be a list that is not empty/);
  const one = new SelectionSlider({ options: ["a", "b"] });
  assert.equal(one.value, "a");
  assert.throws(() => one.set({ value: null as unknown as string }), /a slider has no place for none/);
});

test("colors, tags and texts refuse what they cannot hold, by name", () => {
  const color = new ColorPicker({ value: "rgb(70 130 180 / 50%)".replace(/ \/.*/, ")").replaceAll(" ", ", ") });
  for (const value of ["#fff", "#4682b4", "tomato", "hsl(120, 50%, 50%)"]) color.value = value;
  assert.throws(() => {
    color.value = "reddish";
  }, /ColorPicker.value must be a CSS color such as "steelblue".*not "reddish"/);
  assert.throws(() => new ColorsInput({ value: ["red", "no"] }), TraitError);
  const tags = new TagsInput({ value: ["stripes"], allowed_tags: ["stripes", "dots"] });
  assert.throws(() => {
    tags.value = ["stripes", "dot"];
  }, /must be a list of tags that are allowed \(stripes, dots\)/);
  tags.allow_duplicates = false;
  assert.throws(() => tags.set({ value: ["dots", "dots"] }), /holds each tag once/);
  assert.throws(() => new IntsInput({ value: [1, 9], max: 5 }), /numbers up to 5/);
  assert.throws(() => new Combobox({ options: ["a"], ensure_option: true, value: "b" }), /one of the options \(a\)/);
  assert.equal(new BoundedIntText({ value: 200 }).value, 100);
  assert.equal(String(new Password({ value: "hunter2" })), "Password()");
  assert.doesNotMatch(new Password({ value: "hunter2" }).staticPicture()!.svg, /hunter2/);
});

test("files come with their bytes, and pictures go out as they are", async () => {
  const frontEnd = attached();
  const upload = new FileUpload();
  const picture = new Image({ value: new Uint8Array([1, 2, 3]), format: "jpeg" });
  await turn();
  const sent = frontEnd.models.get(picture.id)?.["value"] as Uint8Array;
  assert.deepEqual([...sent], [1, 2, 3]);
  const next = upload.next("value");
  frontEnd.take();
  const about = { name: "a.csv", type: "text/csv", size: 3, last_modified: 1e12 };
  frontEnd.update(upload.id, { value: [about], error: "" }, [["value", 0, "content"]], [new Uint8Array([97, 44, 98])]);
  const [file] = await next;
  assert.deepEqual(
    [file?.name, file?.size, file?.last_modified.getTime(), Buffer.from(file!.content).toString()],
    ["a.csv", 3, 1e12, "a,b"],
  );
  const echo = frontEnd.take().find(({ kind }) => kind === "echo_update");
  assert.deepEqual(echo?.state, { error: "" }, "the bytes do not come back");
  upload.value = [];
  assert.throws(() => Image.fromUrl("no address"), ParameterError);
  assert.equal(Buffer.from(Image.fromUrl("https://example.org/a.png").value).toString(), "https://example.org/a.png");
});

test("tabs have titles for their children, and one of them open", () => {
  const [a, b] = [new Label({ value: "a" }), new Label({ value: "b" })];
  const tab = new Tab([a, b], { titles: ["first"] });
  assert.deepEqual([tab.titles, tab.selected_index], [["first", ""], 0]);
  assert.throws(() => {
    tab.selected_index = 2;
  }, /Tab.selected_index must be null or from 0 to 1/);
  tab.selected_index = 1;
  tab.children = [a];
  assert.deepEqual([tab.titles, tab.selected_index], [["first"], 0]);
  const accordion = new Accordion([a, b], { selected_index: 1 });
  accordion.children = [b];
  assert.equal(accordion.selected_index, null);
  assert.match(tab.staticPicture()!.svg, /first/);
});

test("grids put widgets into named areas", () => {
  const [a, b, c] = [new Label(), new Label(), new Label()];
  const grid = new GridspecLayout(2, 3).put(a, [0, 2], 0).put(b, 0, [1, 3]);
  assert.equal(grid.layout.grid_template_areas, '"widget001 widget002 widget002"\n"widget001 . ."');
  assert.equal(grid.at(-1, 0), a);
  grid.put(c, 0, 2);
  assert.deepEqual(grid.children, [a, c], "b lost a cell");
  assert.throws(() => grid.put(b, 2, 0), /rows/);
  assert.throws(() => new GridspecLayout(0, 1), ParameterError);
  const app = new AppLayout({ center: a });
  assert.equal(
    app.layout.grid_template_areas,
    '"center center center"\n"center center center"\n"center center center"',
  );
  app.set({ header: b, left_sidebar: c });
  assert.equal(app.layout.grid_template_areas, '"header header header"\n"left-sidebar center center"');
  assert.equal(app.layout.grid_template_rows, "1fr 3fr");
  app.merge = false;
  assert.match(String(app.layout.grid_template_areas), /right-sidebar/);
  assert.throws(() => app.set({ pane_widths: ["1em", "1fr", "1fr"] }), /three sizes/);
  const two = new TwoByTwoLayout({ top_left: a, top_right: b, bottom_left: c });
  assert.equal(two.layout.grid_template_areas, '"top-left top-right"\n"bottom-left top-right"');
});

test("a front end makes the axes and buttons of a game controller, and nothing else", async () => {
  const frontEnd = attached();
  const pad = new Controller();
  await turn();
  const open = (comm_id: string, name: string) =>
    frontEnd.deliver(
      "comm_open",
      { comm_id, target_name: "jupyter.widget", data: { state: { _model_name: name } } },
      [],
      { version: "2.1.0" },
    );
  open("axis0", "ControllerAxisModel");
  open("button0", "ControllerButtonModel");
  open("slider0", "IntSliderModel");
  assert.match(String(frontEnd.reported.at(-1)), /widgets are created in the kernel/);
  const axes = pad.next("axes");
  frontEnd.update(pad.id, { connected: true, name: "pad", axes: ["IPY_MODEL_axis0"], buttons: ["IPY_MODEL_button0"] });
  const [stick] = (await axes) as [ControllerAxis];
  const moved = stick.next("value");
  frontEnd.update("axis0", { value: -0.5 });
  assert.equal(await moved, -0.5);
  assert.equal(Object.keys(frontEnd.requestStates()).includes("axis0"), true);
});

test("a link of one direction follows, and a button's clicks are heard until their signal", async () => {
  const frontEnd = attached();
  const [slider, label] = [new IntSlider({ value: 3 }), new Label()];
  const unlink = dlink([slider, "value"], [label, "value"], { to: (value) => `${value} units` });
  assert.equal(label.value, "3 units");
  slider.value = 4;
  label.value = "mine";
  assert.equal(slider.value, 4);
  unlink();
  slider.value = 5;
  assert.equal(label.value, "mine");
  const [button, stop] = [new Button(), new AbortController()];
  let clicks = 0;
  const messages: unknown[] = [];
  button.onClick(() => clicks++, { signal: stop.signal });
  button.onMsg(({ content }) => messages.push(content));
  await turn();
  frontEnd.custom(button.id, { event: "click" });
  frontEnd.custom(button.id, { other: 1 });
  stop.abort();
  frontEnd.custom(button.id, { event: "click" });
  assert.deepEqual([clicks, messages], [1, [{ event: "click" }, { other: 1 }, { event: "click" }]]);
});

test("every control has a picture for the file, or its words", () => {
  const controls = new VBox([
    new IntRangeSlider({ description: "range", value: [20, 40] }),
    new SelectMultiple({ options: ["a", "b"], value: ["b"] }),
    new ColorPicker({ value: "tomato" }),
    new DatePicker({ value: "2026-03-31" }),
    new Valid({ value: true }),
    new FileUpload(),
    new TagsInput({ value: ["stripes"] }),
  ]);
  const { svg } = controls.staticPicture();
  for (const part of ["20 – 40", "tomato", "2026-03-31", "Upload", "stripes"]) assert.ok(svg.includes(part), part);
});
