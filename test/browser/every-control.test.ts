/** Controls of ipywidgets 8, operated by keyboard and mouse in a real JupyterLab: what the kernel holds is what was entered. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { type Lab, type Notebook, startLab } from "./lab.js";

const cells = [
  `import * as limpid from "limpid";
   const { Label, VBox } = limpid;
   const says = new Label({ value: "nothing yet" });
   const options = ["a", "b", "c"];
   const all = {
     intRange: new limpid.IntRangeSlider(),
     floatRange: new limpid.FloatRangeSlider({ max: 1, step: 0.25, value: [0, 1] }),
     intText: new limpid.IntText(),
     boundedInt: new limpid.BoundedIntText(),
     floatText: new limpid.FloatText(),
     boundedFloat: new limpid.BoundedFloatText(),
     select: new limpid.Select({ options }),
     radio: new limpid.RadioButtons({ options }),
     toggle: new limpid.ToggleButton({ tooltip: "pressed or not" }),
     several: new limpid.SelectMultiple({ options }),
     over: new limpid.SelectionSlider({ options }),
     between: new limpid.SelectionRangeSlider({ options }),
     area: new limpid.Textarea(),
     password: new limpid.Password(),
     combo: new limpid.Combobox({ options }),
     tags: new limpid.TagsInput({ allowed_tags: ["dots", "stripes"] }),
     ints: new limpid.IntsInput(),
     floats: new limpid.FloatsInput(),
     color: new limpid.ColorPicker(),
     day: new limpid.DatePicker(),
     time: new limpid.TimePicker(),
     naive: new limpid.NaiveDatetimePicker(),
     moment: new limpid.DatetimePicker(),
     play: new limpid.Play({ max: 3, interval: 20 }),
   };
   for (const [name, control] of Object.entries(all)) {
     control.set({ description: name } as object);
     control.observe(({ new: value }: any) => { says.value = name + " = " + JSON.stringify(value); }, "value" as never);
   }
   const upload = new limpid.FileUpload();
   upload.observe(async ({ new: [file] }) => { says.value = file!.name + " has " + file!.content.length + " bytes"; }, "value");
   new VBox([says, ...Object.values(all), upload])`,
  `import { Accordion, AppLayout, Controller, GridspecLayout, HTMLMath, Image, Stack, Tab, Valid } from "limpid";
   const heard = new Label({ value: "nothing heard" });
   const tab = new Tab([new Label({ value: "one" }), new Label({ value: "two" })], { titles: ["first", "second"] });
   const folds = new Accordion([new Label({ value: "inside" })], { titles: ["fold"] });
   const stack = new Stack([new Label({ value: "lower" }), new Label({ value: "upper" })], { selected_index: 1 });
   for (const one of [tab, folds]) {
     one.observe(({ owner, new: at }) => { heard.value = owner.constructor.name + " " + at; }, "selected_index");
   }
   const pad = new Controller();
   pad.observe(({ new: [stick] }) => {
     stick?.observe(({ new: at }: any) => { heard.value = "stick at " + at; }, "value" as never);
   }, "axes");
   const dot = Uint8Array.from(atob("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="), (c) => c.charCodeAt(0));
   const grid = new GridspecLayout(1, 2).put(new Label({ value: "left" }), 0, 0).put(new Label({ value: "right" }), 0, 1);
   new VBox([heard, tab, folds, stack, pad, new Image({ value: dot, width: "20" }), new Valid({ description: "holds" }),
     new HTMLMath({ value: "<b>bold</b> $x^2$" }), grid, new AppLayout({ header: new Label({ value: "the header" }) })])`,
  `import { defineWidget, PlotlyFigure } from "limpid";
   const told = new Label({ value: "nothing told" });
   const Counter = defineWidget({
     name: "Counter",
     css: ".own-counter { color: rgb(1, 2, 3) }",
     esm: \`
       export default {
         initialize({ model }) { model.set("label", "begun"); model.save_changes(); },
         render({ model, el }) {
           const button = document.createElement("button");
           button.className = "own-counter";
           const show = () => { button.textContent = "count is " + model.get("count"); };
           button.onclick = () => { model.set("count", model.get("count") + 1); model.save_changes(); };
           model.on("change:count", show);
           show();
           el.append(button);
         },
       }\`,
     state: { count: 0, label: "" },
   });
   const counter = new Counter({ count: 5 });
   counter.observe(({ new: count }) => { told.value = counter.label + " and counted " + count; }, "count");
   const broken = new (defineWidget({ name: "Broken", esm: "export default { rendr() {} }" }))();
   const figure = new PlotlyFigure([{ x: [1, 2, 3], y: Float32Array.of(1, 3, 2), mode: "markers", marker: { size: 30 } }],
     { title: { text: "three points" } });
   figure.observe(({ new: chosen }) => { told.value = "selected " + JSON.stringify(chosen); }, "selected");
   figure.on("click", ({ points }) => { told.value = "clicked " + JSON.stringify(points); });
   const pointed = new Label({ value: "at nothing" });
   figure.on("hover", ({ points: [at] }) => { pointed.value = "at " + JSON.stringify(at); });
   figure.on("relayout", () => { told.value = "zoomed " + (figure.plotLayout as any).xaxis.range.map(Math.round); });
   new VBox([told, pointed, counter, broken, figure])`,
  `counter.count = 41;
   figure.restyle({ "marker.color": "rgb(10, 20, 30)", y: Float32Array.of(2, 2, 2) });
   figure.relayout({ dragmode: "lasso" });`,
];

let lab: Lab;
let notebook: Notebook;

/** A game controller as browsers show one, whose stick the test moves. */
const gamepad = (page: Page) =>
  page.addInitScript(() => {
    const pad = { id: "pad", index: 0, mapping: "standard", connected: true, timestamp: 1, axes: [0], buttons: [] };
    Object.assign(window, { pad });
    Object.defineProperty(navigator, "getGamepads", { value: () => [pad] });
  });

before(async () => {
  lab = await startLab();
  await lab.write("every-control.ipynb", cells);
  notebook = await lab.open("every-control.ipynb", { height: 2400, prepare: gamepad });
  await notebook.start();
  await notebook.settled();
});
after(async () => {
  await notebook?.close();
  await lab?.close();
});

const says = (cell: number, text: string) => notebook.output(cell).getByText(text, { exact: true }).first().waitFor();
const box = (name: string) =>
  notebook.output(0).locator(`.jupyter-widgets:has(> .widget-label:text-is("${name}"))`).first();

test("what is entered in numbers, texts and selections is what the kernel holds", async () => {
  await says(0, "nothing yet");
  const { page } = notebook;
  const handles = notebook.output(0).locator(".noUi-handle");
  const press = async (place: number, key: string) => handles.nth(place).press(key);
  await press(0, "ArrowRight");
  await says(0, "intRange = [26,75]");
  await press(3, "ArrowLeft");
  await says(0, "floatRange = [0,0.75]");
  await press(4, "ArrowRight");
  await says(0, 'over = "b"');
  await press(6, "ArrowRight");
  await says(0, 'between = ["a","b"]');
  // By the mouse, from the handle to the right end of the track.
  const track = (await box("intRange").locator(".noUi-base").boundingBox())!;
  const handle = (await box("intRange").locator(".noUi-handle").nth(1).boundingBox())!;
  await page.mouse.move(handle.x + handle.width / 2, handle.y + handle.height / 2);
  await page.mouse.down();
  await page.mouse.move(track.x + track.width + 30, handle.y + handle.height / 2, { steps: 4 });
  await page.mouse.up();
  await says(0, "intRange = [26,100]");
  for (const [name, typed, held] of [
    ["intText", "-7", "-7"],
    ["boundedInt", "200", "100"],
    ["floatText", "2.5", "2.5"],
    ["boundedFloat", "12.25", "12.25"],
    ["password", "hunter2", '"hunter2"'],
    ["combo", "b", '"b"'],
    ["color", "tomato", '"tomato"'],
  ] as const) {
    const field = box(name).locator("input:not([type=color])").first();
    await field.fill(typed);
    await field.press("Enter");
    await field.blur();
    await says(0, `${name} = ${held}`);
  }
  await box("area").locator("textarea").fill("two\nlines");
  await says(0, 'area = "two\\nlines"');
  await box("select").locator("select").selectOption("c");
  await says(0, 'select = "c"');
  await box("several").locator("select").selectOption(["a", "c"]);
  await says(0, 'several = ["a","c"]');
  await notebook.output(0).locator("input[type=radio]").nth(1).check();
  await says(0, 'radio = "b"');
  const toggle = notebook.output(0).getByRole("button", { name: "toggle" });
  assert.equal(await toggle.getAttribute("title"), "pressed or not");
  await toggle.click();
  await says(0, "toggle = true");
  await toggle.press("Space");
  await says(0, "toggle = false");
  await notebook.picture("every-control");
});

test("tags, days and times, files and what plays: what is entered is what the kernel holds", async () => {
  const { page } = notebook;
  const output = notebook.output(0);
  const tags = (place: number) => output.locator(".jupyter-widget-tagsinput").nth(place);
  // The mouse shows the field, the keyboard fills it; what is not allowed is no tag.
  const enter = async (place: number, text: string) => {
    await tags(place).click({ position: { x: 4, y: 4 } });
    await tags(place).locator("input").fill("");
    await page.keyboard.type(text);
    await page.keyboard.press("Tab");
  };
  await enter(0, "squares");
  await enter(0, "dots");
  await says(0, 'tags = ["dots"]');
  await enter(0, "stripes");
  await says(0, 'tags = ["dots","stripes"]');
  await tags(0).locator(".jupyter-widget-tag-close").first().click();
  await says(0, 'tags = ["stripes"]');
  await enter(1, "7");
  await says(0, "ints = [7]");
  await enter(2, "0.5");
  await says(0, "floats = [0.5]");

  for (const [name, type, typed, held] of [
    ["day", "date", "2026-03-15", '"2026-03-15"'],
    ["time", "time", "13:45", '"13:45:00"'],
    ["naive", "datetime-local", "2026-03-31T13:45", '"2026-03-31T13:45:00"'],
  ] as const) {
    const field = box(name).locator(`input[type=${type}]`);
    await field.fill(typed);
    await field.blur();
    await says(0, `${name} = ${held}`);
  }
  // Of a moment the reader picks what the clock of the browser says.
  const picked = await page.evaluate(() => new Date(2026, 2, 31, 13, 45).toISOString());
  const moment = box("moment").locator("input[type=datetime-local]");
  await moment.fill("2026-03-31T13:45");
  await moment.blur();
  await says(0, `moment = "${picked}"`);
  // By the keyboard alone: one up of what stands first, the month or the day.
  await box("day").locator("input[type=date]").press("ArrowUp");
  await box("day").locator("input[type=date]").blur();
  await output.getByText(/^day = "2026-(04-15|03-16)"$/).waitFor();

  const play = output.locator(".widget-play button");
  await play.first().click();
  await says(0, "play = 3");
  await play.nth(1).press("Enter");
  await says(0, "play = 0");

  // The control's field for files stands nowhere in the page, where Playwright could hear of its question.
  await page.evaluate(() => {
    HTMLInputElement.prototype.click = function () {
      this.id = "asked";
      document.body.append(this);
    };
  });
  await output.locator("button.widget-upload").press("Enter");
  await page
    .locator("#asked")
    .setInputFiles({ name: "five.txt", mimeType: "text/plain", buffer: Buffer.from("12345") });
  await says(0, "five.txt has 5 bytes");
  await notebook.picture("every-entry");
});

test("tabs, folds and game controllers are heard; pictures, formulas and grids are seen", async () => {
  const output = notebook.output(1);
  await output.getByText("second", { exact: true }).click();
  await says(1, "Tab 1");
  await output.getByText("two", { exact: true }).waitFor();
  await output.getByText("fold", { exact: true }).click();
  await says(1, "Accordion 0");
  await output.getByText("upper", { exact: true }).waitFor();
  assert.equal(await output.getByText("lower", { exact: true }).isVisible(), false);
  await notebook.page.waitForTimeout(500);
  await notebook.page.evaluate(() => {
    const { pad } = window as unknown as { pad: { axes: number[]; timestamp: number } };
    Object.assign(pad, { axes: [-0.5], timestamp: 2 });
  });
  await says(1, "stick at -0.5");
  const size = await output.locator("img.widget-image").evaluate((image) => (image as HTMLImageElement).naturalWidth);
  assert.equal(size, 1);
  const [left, right] = await Promise.all(
    ["left", "right"].map((word) => output.getByText(word, { exact: true }).boundingBox()),
  );
  assert.ok(left!.x < right!.x && Math.abs(left!.y - right!.y) < 2, "side by side");
  await notebook.picture("every-container");
});

test("a module of one's own runs, and a figure of plotly answers the pointer and the keyboard", async () => {
  const output = notebook.output(2);
  const counter = output.getByRole("button", { name: /count is/ });
  await output.getByText("count is 41").waitFor();
  assert.equal(await counter.evaluate((button) => getComputedStyle(button).color), "rgb(1, 2, 3)");
  await counter.press("Enter");
  await says(2, "begun and counted 42");
  await output
    .getByText(/The module of Broken does not run: TypeError: its default export has no function render/)
    .waitFor();
  const points = output.locator(".scatterlayer .point");
  await points.nth(2).waitFor();
  assert.equal(await points.nth(1).evaluate((point) => (point as SVGElement).style.fill), "rgb(10, 20, 30)");
  const middle = (await points.nth(1).boundingBox())!;
  await notebook.page.mouse.click(middle.x + middle.width / 2, middle.y + middle.height / 2);
  await says(2, 'clicked [{"trace":0,"point":1,"x":2,"y":2}]');
  await says(2, 'at {"trace":0,"point":1,"x":2,"y":2}');
  const last = (await points.nth(2).boundingBox())!;
  await notebook.page.mouse.move(last.x + last.width / 2, last.y + last.height / 2, { steps: 5 });
  await says(2, 'at {"trace":0,"point":2,"x":3,"y":2}');
  // Around the first two.
  const { x, y, width, height } = (await output.locator(".nsewdrag").first().boundingBox())!;
  await notebook.page.mouse.move(x + 4, y + 8);
  await notebook.page.mouse.down();
  for (const [right, down] of [
    [0.75, 0.05],
    [0.75, 0.95],
    [0.01, 0.95],
  ] as const) {
    await notebook.page.mouse.move(x + right * width, y + down * height, { steps: 6 });
  }
  await notebook.page.mouse.up();
  await says(2, 'selected [{"trace":0,"points":[0,1]}]');
  const chart = output.getByRole("figure");
  assert.match(String(await chart.getAttribute("aria-label")), /three points/);
  await chart.press("+");
  await output.getByText(/^zoomed \d,\d$/).waitFor();
  await notebook.picture("own-module-and-figure");
  assert.deepEqual(notebook.errors, []);
});
