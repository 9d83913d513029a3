/** Signals over their relevance: pointed at, brushed and zoomed, by mouse and by keys, and what is brushed reaches the kernel. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Locator } from "playwright-core";
import { long } from "../every.js";
import { fingerprint, type Lab, type Notebook, startLab } from "./lab.js";

/** Two channels of sines; relevance where the first is pulled down by a bump, and against it in the second. */
const cells = [
  `import { display, Label, SignalHeatmap } from "limpid";
const wave = (channel: number, time: number) => 10 * Math.sin(time / (4 + channel)) - (channel === 0 && time >= 60 && time < 70 ? 15 : 0);
const told = (channel: number, time: number) => (time >= 60 && time < 70 ? (channel === 0 ? 0.5 : -0.1) : 0);
const fill = (of: (channel: number, time: number) => number) => Float32Array.from({ length: 400 }, (_, at) => of(Math.floor(at / 200), at % 200));
const signals = { name: "waves", rate: 100, start: -1, event: "the bump", classNames: [], annotations: [],
  channels: [{ name: "C3", unit: "µV" }, { name: "C4", unit: "µV" }], series: [{ values: fill(wave), samples: 200 }] };
const heatmap = new SignalHeatmap({ signals, relevance: { shape: [2, 200], values: fill(told) }, title: "Relevance for *left*" });
const brushed = new Label({ value: "none" });
heatmap.observe(({ new: range }) => { brushed.value = "samples " + range.join(" to "); }, "brush");
display(heatmap);
brushed`,
];

let lab: Lab;
let notebook: Notebook;
let widget: Locator;
let canvas: Locator;
before(async () => {
  lab = await startLab();
  await lab.write("signals.ipynb", cells);
  notebook = await lab.open("signals.ipynb", { height: 1100 });
  await notebook.runAll();
  widget = notebook.panel.locator(".limpid-signal-heatmap").first();
  canvas = widget.locator("canvas").first();
  await canvas.waitFor();
});
after(async () => {
  await notebook?.close();
  await lab?.close();
});

const reading = () => widget.locator(".limpid-signal-reading").innerText();
const brush = () => widget.locator(".limpid-signal-brushed").innerText();
const label = () => notebook.panel.locator(".widget-label").last();
const frame = () =>
  canvas.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

/** Where the traces begin and end, in CSS pixels of the canvas: found by the light ground that they have in every theme. */
async function traces(): Promise<{ left: number; right: number }> {
  return canvas.evaluate((element) => {
    const { width, height } = element as HTMLCanvasElement;
    const scale = width / element.clientWidth;
    const { data } = (element as HTMLCanvasElement).getContext("2d")!.getImageData(0, 0, width, height);
    // Alpha is full where rows are, and nowhere else on this line, which crosses no letter.
    const line = 3;
    const opaque = Array.from({ length: width }, (_, x) => x).filter((x) => data[4 * (line * width + x) + 3] === 255);
    return { left: opaque[0]! / scale, right: (opaque.at(-1)! + 1) / scale };
  });
}

/** A place in the rows: which of 200 samples, and which of two rows. */
async function place(sample: number, row: number, samples = 200): Promise<{ x: number; y: number }> {
  await canvas.scrollIntoViewIfNeeded();
  const box = (await canvas.boundingBox())!;
  const { left, right } = await traces();
  return { x: box.x + left + ((sample + 0.5) / samples) * (right - left), y: box.y + 34 + 68 * row };
}

test("pointing reads channel, time, value and relevance", async () => {
  const { x, y } = await place(65, 0);
  await notebook.page.mouse.move(x, y);
  await widget.locator(".limpid-signal-reading", { hasText: "C3, −0.35 s" }).waitFor();
  const value = 10 * Math.sin(65 / 4) - 15;
  assert.equal(await reading(), `C3, −0.35 s · ${value.toFixed(1).replace("-", "−")} µV · relevance +0.500`);
  assert.equal(await widget.locator(".limpid-marker").isVisible(), true);
  await notebook.picture("signals-light", widget);
});

test("a time that is dragged over is brushed, summed by channel, and heard of in the kernel", async () => {
  const [from, to] = [await place(60, 0), await place(69, 1)];
  await notebook.page.mouse.move(from.x, from.y);
  await notebook.page.mouse.down();
  await notebook.page.mouse.move((from.x + to.x) / 2, from.y);
  await notebook.page.mouse.move(to.x, to.y);
  await notebook.page.mouse.up();
  await label().getByText("samples 60 to 70").waitFor();
  assert.equal(
    await brush(),
    "Brushed: −0.4 to −0.3 s (10 samples) · relevance +4.00, 100\u202f% of the magnitude · most in C3 +5.00, C4 −1.00",
  );
  await notebook.picture("signals-brushed", widget);
  await widget.getByRole("button", { name: "Zoom to brush" }).click();
  const { x, y } = await place(0, 1, 10);
  await notebook.page.mouse.move(x, y);
  await widget.locator(".limpid-signal-reading", { hasText: "C4, −0.4 s" }).waitFor();
  await widget.getByRole("button", { name: "Show all" }).click();
  // Where it was pressed there is nothing to press any more: the keys are the traces'.
  assert.equal(await canvas.evaluate((element) => element === document.activeElement), true);
  await widget.getByRole("button", { name: "Clear brush" }).click();
  await label()
    .getByText(/^samples $/)
    .waitFor();
});

test("keys read, brush and zoom", async () => {
  const { page } = notebook;
  await canvas.focus();
  await page.mouse.move(0, 0);
  await page.keyboard.press("Home");
  await widget.locator(".limpid-signal-reading", { hasText: "relevance +0.500" }).waitFor();
  assert.match(await reading(), /^C3, −0\.4 s/);
  await page.keyboard.press("ArrowDown");
  assert.match(await reading(), /^C4, −0\.4 s .* relevance −0\.100$/);
  for (let turn = 0; turn < 4; turn++) await page.keyboard.press("Shift+ArrowRight");
  await label().getByText("samples 60 to 65").waitFor();
  const whole = await fingerprint(canvas);
  await page.keyboard.press("Enter");
  await frame();
  assert.notEqual(await fingerprint(canvas), whole);
  // Back beyond where it began.
  for (let turn = 0; turn < 6; turn++) await page.keyboard.press("Shift+ArrowLeft");
  await label().getByText("samples 58 to 61").waitFor();
  await page.keyboard.press("0");
  await page.keyboard.press("Escape");
  await label()
    .getByText(/^samples $/)
    .waitFor();
  for (const key of ["+", "+", "-", "0"]) {
    const before = await fingerprint(canvas);
    await page.keyboard.press(key);
    await frame();
    assert.notEqual(await fingerprint(canvas), before, key);
  }
  await page.keyboard.press("End");
  assert.match(await reading(), /^C4, −0\.4 s .* relevance −0\.100$/);
});

test("the wheel zooms where it points, once the traces have the focus", async () => {
  const { x, y } = await place(65, 0);
  await notebook.page.mouse.move(x, y);
  for (let turn = 0; turn < 3; turn++) await notebook.page.mouse.wheel(0, -300);
  await frame();
  await notebook.page.mouse.move(x + 1, y);
  // Whole samples are in sight: it may be off by the one beside it.
  await widget.locator(".limpid-signal-reading", { hasText: /^C3, −0\.3[456] s/ }).waitFor();
  assert.equal(await widget.getByRole("button", { name: "Show all" }).isEnabled(), true);
  await notebook.page.keyboard.press("0");
});

test("order, gain and contrast draw anew", async () => {
  for (const name of ["By relevance", "Each its own"]) {
    const before = await fingerprint(canvas);
    await widget.getByRole("radio", { name }).check();
    await frame();
    // C3 has most relevance already.
    if (name !== "By relevance") assert.notEqual(await fingerprint(canvas), before, name);
  }
  assert.match(await widget.locator(".limpid-signal-rows").innerText(), /^Rows span C3 \d+ µV, C4 \d+ µV\.$/);
  await widget.getByRole("button", { name: "Hold scale" }).click();
  await widget.getByRole("button", { name: "Scale held" }).waitFor();
});

test("in the dark and in narrow cells it stands as it should", long, async () => {
  await notebook.theme("dark");
  await notebook.picture("signals-dark", widget);
  await notebook.theme("light");
  await notebook.page.setViewportSize({ width: 600, height: 1100 });
  await notebook.page.waitForTimeout(500);
  await notebook.picture("signals-narrow", widget);
  assert.ok(await widget.evaluate((element) => element.scrollWidth <= element.clientWidth + 1));
  assert.deepEqual(notebook.errors, []);
});
