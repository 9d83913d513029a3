/** Heads with values at electrodes: read by mouse and keys, linked in time to signals, with and without contours. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Locator } from "playwright-core";
import { long } from "../every.js";
import { until } from "../helpers/until.js";
import { fingerprint, type Lab, type Notebook, startLab } from "./lab.js";

const cells = [
  `import { display, jslink, ScalpMap, SignalHeatmap } from "limpid";
const names = ["F3", "Fz", "F4", "C3", "Cz", "C4", "P3", "Pz", "P4"];
// Electrode e has e at every time before the tenth, and −e from then on.
const values = Float32Array.from({ length: 180 }, (_, at) => Math.floor(at / 20) * (at % 20 < 10 ? 1 : -1));
const signals = { name: "nine", rate: 100, start: -0.2, event: "key press", classNames: [], annotations: [],
  channels: names.map((name) => ({ name, unit: "µV" })), series: [{ values, samples: 20 }] };
const heatmap = new SignalHeatmap({ signals, relevance: { shape: [9, 20], values }, title: "signals" });
const scalp = new ScalpMap({ signals, title: "heads", maps: [
  { title: "Relevance", values: { shape: [9, 20], values }, over: "sum" }, { title: "Pattern", values: names.map((_, at) => at - 4), unit: "µV", ends: ["negative", "positive"] }] });
jslink([heatmap, "brush"], [scalp, "brush"]);
display(scalp);
heatmap`,
  `[heatmap.brush.join(), scalp.brush.join(), scalp.scale].join(" ")`,
];

let lab: Lab;
let notebook: Notebook;
let scalp: Locator;
let heads: Locator;
before(async () => {
  lab = await startLab();
  await lab.write("heads.ipynb", cells);
  notebook = await lab.open("heads.ipynb", { height: 1300 });
  await notebook.runAll();
  scalp = notebook.panel.locator(".limpid-scalp-map").first();
  heads = scalp.locator("canvas");
  await heads.first().waitFor();
});
after(async () => {
  await notebook?.close();
  await lab?.close();
});

const reading = (words: string | RegExp) => scalp.locator(".limpid-scalp-reading", { hasText: words }).waitFor();
const frame = () =>
  scalp.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

test("pointing reads an electrode in every map, and between electrodes what is interpolated", async () => {
  await heads.first().scrollIntoViewIfNeeded();
  const box = (await heads.first().boundingBox())!;
  const at = (x: number, y: number) =>
    notebook.page.mouse.move(box.x + (box.width / 2) * (1 + 0.84 * x), box.y + (box.width / 2) * (1 - 0.84 * y));
  // C3 lies two fifths of the way from the top to the ear; its relevance sums to nothing over all times.
  await at(-0.4, 0);
  await reading("C3 · Relevance 0 · Pattern −1.00 µV");
  await at(-0.2, 0.18);
  await reading(/^Between electrodes, interpolated · Relevance/);
  await notebook.picture("heads-light", scalp);
});

test("keys go from electrode to electrode, and to the extremes", async () => {
  const { page } = notebook;
  await heads.nth(1).focus();
  await page.mouse.move(0, 0);
  await page.keyboard.press("Home");
  await reading("P4 · Relevance 0 · Pattern +4.00 µV");
  await page.keyboard.press("ArrowUp");
  await reading(/^C4/);
  await page.keyboard.press("ArrowLeft");
  await reading(/^Cz/);
  await page.keyboard.press("End");
  await reading(/^F3/);
  await page.keyboard.press("Escape");
  await reading("Point at an electrode");
});

test("what is brushed in the signals is what the heads show, and the other way round", async () => {
  const before = await fingerprint(heads.first());
  const canvas = notebook.panel.locator(".limpid-signal-heatmap canvas").first();
  await canvas.focus();
  const { page } = notebook;
  // From the strongest, P4 at the first time, ten samples on.
  await page.keyboard.press("Home");
  for (let turn = 0; turn < 9; turn++) await page.keyboard.press("Shift+ArrowRight");
  await scalp.locator(".limpid-scalp-when", { hasText: "−0.2 to −0.1 s (10 samples); 0: key press" }).waitFor();
  await frame();
  assert.notEqual(await fingerprint(heads.first()), before);
  await heads.first().focus();
  await page.keyboard.press("Home");
  await reading("P4 · Relevance +80.0 · Pattern +4.00 µV");
  await scalp.getByRole("slider", { name: "From" }).press("ArrowRight");
  await notebook.panel.locator(".limpid-signal-brushed", { hasText: "−0.19 to −0.1 s (9 samples)" }).waitFor();
  await scalp.getByRole("radio", { name: "Shared" }).check();
  await notebook.codeCell(1).click();
  // A widget sends what was last done once the kernel has answered what was done before: a cell may be run sooner.
  const told = async () => {
    await page.keyboard.press("Control+Enter");
    await page.waitForTimeout(500);
    return (await notebook.output(1).allInnerTexts()).join().includes("1,10 1,10 shared");
  };
  await until(told, "the kernel knows what was brushed");
  await scalp.getByRole("button", { name: "All times" }).click();
  await scalp.locator(".limpid-scalp-when", { hasText: "(20 samples)" }).waitFor();
});

test("contours and names can be left out", async () => {
  for (const name of ["Contours", "Names"]) {
    const before = await fingerprint(heads.nth(1));
    await scalp.getByRole("checkbox", { name }).uncheck();
    await frame();
    assert.notEqual(await fingerprint(heads.nth(1)), before, name);
  }
});

test("in the dark and in narrow cells it stands as it should", long, async () => {
  await notebook.theme("dark");
  await notebook.picture("heads-dark", scalp);
  await notebook.theme("light");
  await notebook.page.setViewportSize({ width: 600, height: 1300 });
  await notebook.page.waitForTimeout(500);
  await notebook.picture("heads-narrow", scalp);
  assert.ok(await scalp.evaluate((element) => element.scrollWidth <= element.clientWidth + 1));
  assert.deepEqual(notebook.errors, []);
});
