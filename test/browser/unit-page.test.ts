/** Channels of a layer live, and one channel's page. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Locator } from "playwright-core";
import { type Lab, type Notebook, startLab } from "./lab.js";

const cells = [
  `import { dissect, DrawDigit, loadDigits, loadModel, tensorflow, UnitPage } from "limpid";
const [tf, model, digits] = await Promise.all([tensorflow(), loadModel("mnist-cnn"), loadDigits({ count: 60 })]);
const x = tf.tensor4d(Float32Array.from(digits.pixels, (ink) => ink / 255), [digits.count, 28, 28, 1]);
const data = { count: digits.count, take: (start: number, n: number) => tf.slice(x, start, n), labels: digits.labels };
const ink = { names: ["ink"], map: Uint8Array.from(digits.pixels, (byte) => Number(byte > 99)) };
const dissection = await dissect(model, { layers: ["conv1", "conv2"], share: 0.05 })({ x, concepts: { part: ink } });
const units = new UnitPage(model, { data, dissection, layer: "conv2", channel: 13, steps: 24, pad: new DrawDigit(model) });
units`,
  `new UnitPage(model, { data: { ...data, take: () => { throw new Error("The folder of digits is gone"); } } })`,
];

let lab: Lab;
let notebook: Notebook;
let widget: Locator;
before(async () => {
  lab = await startLab();
  await lab.write("units.ipynb", cells);
  notebook = await lab.open("units.ipynb", { height: 1400 });
  await notebook.runAll();
  widget = notebook.widget("unit-page");
  await settled();
});
after(async () => {
  await notebook?.close();
  await lab?.close();
});

/** Waits for the page of a channel, whole. */
async function settled(channel?: string): Promise<void> {
  if (channel !== undefined) await widget.locator(".limpid-title", { hasText: channel }).first().waitFor();
  await widget.and(notebook.page.locator("[aria-busy='false']")).waitFor();
  await widget.getByRole("button", { name: "again" }).waitFor();
}

const title = () => widget.locator(".limpid-title").first().innerText();
const painted = (canvas: Locator) =>
  canvas.evaluate((element) => {
    const { width, height } = element as HTMLCanvasElement;
    const { data } = (element as HTMLCanvasElement).getContext("2d")!.getImageData(0, 0, width, height);
    return new Set(new Uint32Array(data.buffer)).size;
  });

test("a channel's page has its strongest inputs, what it prefers, its concept and its neighbors", async () => {
  assert.equal(await title(), "What does channel 13 of conv2 look for?");
  for (const kind of ["activation", "relevance"]) {
    const samples = widget.getByRole("list", { name: `Strongest by ${kind}` }).getByRole("listitem");
    assert.equal(await samples.count(), 4);
    assert.equal(await samples.first().locator("canvas").count(), 3);
    for (const canvas of await samples.first().locator("canvas").all()) assert.ok((await painted(canvas)) > 2);
    const values = (await samples.locator(".limpid-unit-value").allInnerTexts()).map(Number);
    assert.deepEqual(
      values,
      values.toSorted((a, b) => b - a),
    );
  }
  assert.equal(await widget.locator(".limpid-unit-field").count(), 8);
  const statistics = await widget.locator(".limpid-unit-about").innerText();
  assert.match(statistics, /classes\s+\d .*\d .*/);
  assert.match(statistics, /concept\s+part “ink”, overlap 0?\.\d+/);
  assert.match(await widget.locator(".limpid-unit-wish").innerText(), /step 24 of 24 · mean activation/);
  assert.ok((await widget.locator(".limpid-unit-node").count()) > 2);
  await notebook.picture("unit-page-light", widget);
});

test("a click or an arrow key on the maps opens another channel, a neighbor is walked to, and another layer has its own", async () => {
  const maps = widget.getByRole("slider", { name: "Channel" });
  const box = (await maps.boundingBox())!;
  await notebook.page.mouse.click(box.x + 4, box.y + 4);
  await settled("channel 0 of conv2");
  await maps.focus();
  await notebook.page.keyboard.press("ArrowRight");
  await settled("channel 1 of conv2");
  await notebook.page.keyboard.press("End");
  await settled("channel 31 of conv2");
  assert.equal(await maps.getAttribute("aria-valuetext"), "channel 31 of 32");
  const below = widget.getByRole("group", { name: "Channels that its relevance goes to" }).getByRole("button").first();
  const name = (await below.getAttribute("aria-label"))!;
  const [, channel, layer] = /: Channel (\d+) of (\S+):/.exec(name)!;
  await below.click();
  await settled(`channel ${channel} of ${layer}`);
  assert.equal(await widget.getByLabel("Layer", { exact: true }).inputValue(), layer);
  await widget.getByLabel("Layer", { exact: true }).selectOption("dense");
  await settled("channel 0 of dense");
  await notebook.picture("unit-page-dense", widget);
  await widget.getByLabel("Layer", { exact: true }).selectOption("conv1");
  await settled("channel 0 of conv1");
});

test("the stream goes on by itself and step by step, and a digit is seen while it is drawn", async () => {
  await widget.getByRole("radio", { name: "stream" }).check();
  const shown = widget.locator(".limpid-unit-maps .limpid-unit-words").first();
  await widget.getByRole("button", { name: "next" }).click();
  await shown.and(notebook.page.locator(":text('#1 ')")).waitFor();
  await widget.getByRole("button", { name: "▶ play" }).click();
  await shown.and(notebook.page.locator(":text('#3 ')")).waitFor();
  await widget.getByRole("button", { name: "❚❚ pause" }).click();
  await widget.getByRole("radio", { name: "drawing" }).check();
  await widget.getByText("Draw a digit below.").waitFor();
  const pad = widget.locator(".limpid-pad");
  const box = (await pad.boundingBox())!;
  await notebook.page.mouse.move(box.x + box.width / 2, box.y + 0.2 * box.height);
  await notebook.page.mouse.down();
  await notebook.page.mouse.move(box.x + box.width / 2, box.y + 0.8 * box.height, { steps: 8 });
  await notebook.page.mouse.up();
  await shown.and(notebook.page.locator(":text('the network sees 1')")).waitFor();
  assert.ok((await painted(widget.getByRole("slider", { name: "Channel" }).locator("canvas"))) > 8);
  await notebook.picture("unit-page-drawing", widget);
  await widget.getByRole("radio", { name: "photo" }).check();
});

test("what cannot be passed over is said in its place, and can be tried again", async () => {
  const broken = notebook.widget("unit-page", 1);
  await broken.scrollIntoViewIfNeeded();
  await broken.getByText("The folder of digits is gone").first().waitFor();
  assert.ok(await broken.getByRole("button", { name: "Try again" }).isEnabled());
  await notebook.picture("unit-page-error", broken);
  assert.deepEqual(notebook.errors, []);
});
