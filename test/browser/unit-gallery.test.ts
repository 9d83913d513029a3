/** Units as cards: counts filter them, keys walk over them, and a page of them is all that the browser holds. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Locator } from "playwright-core";
import { long } from "../every.js";
import { type Lab, type Notebook, startLab } from "./lab.js";

const cells = [
  `import { loadConcepts, loadModel, UnitGallery } from "limpid";
const model = await loadModel("planted-objects");
const pictures = await loadConcepts("planted", model.input, { count: 60 });
const gallery = new UnitGallery(model, pictures, { layers: ["conv1", "conv2", "conv3"], share: 0.05, leastOverlap: 0.06 });
gallery`,
  `const long = new UnitGallery(model, pictures, { resolution: 300, memoryBudget: 1e6 });
setTimeout(() => long.stop());
long`,
  `new UnitGallery(model, pictures, { layers: "conv9" })`,
];

let lab: Lab;
let notebook: Notebook;
let widget: Locator;
before(async () => {
  lab = await startLab();
  await lab.write("units.ipynb", cells);
  notebook = await lab.open("units.ipynb", { height: 1500 });
  await notebook.start();
  widget = notebook.output(0).locator(".limpid-widget").first();
  await widget.locator(".limpid-units-card").first().waitFor();
});
after(async () => {
  await notebook?.close();
  await lab?.close();
});

const found = () => widget.locator(".limpid-units-found").innerText();
const places = () => widget.locator(".limpid-units-place").allInnerTexts();
const layerBar = (name: string) =>
  widget.getByRole("group", { name: "Detectors by layer" }).getByRole("button", { name });

test("each unit is a card with its pictures, and the counts stand beside a random rotation", async () => {
  assert.match(await found(), /^\d+ detectors$/);
  assert.equal(await widget.locator(".limpid-units-card").count(), 12);
  assert.equal(await widget.locator(".limpid-units-card canvas").count(), 48);
  const overlaps = (await widget.locator(".limpid-units-iou").allInnerTexts()).map((words) => Number(words.slice(4)));
  assert.deepEqual(
    overlaps,
    overlaps.toSorted((a, b) => b - a),
  );
  assert.match(
    (await layerBar("conv2").getAttribute("title"))!,
    /^\d+ of 24 units are detectors .*A random rotation has \d+, of \d+$/,
  );
  await notebook.picture("units-light", widget);
});

test("a click on a count filters cards and the other counts, and a second one lets it go", async () => {
  const all = await found();
  await layerBar("conv3").click();
  await widget.locator(".limpid-units-found", { hasText: "in conv3" }).waitFor();
  assert.ok((await places()).every((words) => words.startsWith("conv3")));
  const concept = widget.getByRole("group", { name: "Detectors by concept" }).getByRole("button").first();
  const name = await concept.locator(".limpid-units-name").innerText();
  const count = Number(await concept.locator(".limpid-units-count").innerText());
  await concept.click();
  await widget.locator(".limpid-units-found", { hasText: `of “${name}” in conv3` }).waitFor();
  assert.match(await found(), new RegExp(`^${count} detector`));
  assert.equal((await places()).length, Math.min(12, count));
  await widget.getByRole("button", { name: "Show all" }).click();
  await widget.locator(".limpid-units-found", { hasText: new RegExp(`^${all}$`) }).waitFor();
});

test("units are searched, sorted, paged and opened, by keys as by mouse", async () => {
  await widget.getByLabel("Search").fill("conv1");
  await widget.locator(".limpid-units-found", { hasText: "matching “conv1”" }).waitFor();
  assert.ok((await places()).every((words) => words.startsWith("conv1")));
  await widget.getByLabel("Search").fill("");
  await widget.getByLabel("Sort by").selectOption("layer");
  await widget.getByRole("radio", { name: "All", exact: true }).check();
  await widget.locator(".limpid-units-found", { hasText: /^68 units$/ }).waitFor();
  assert.equal((await places())[0], "conv1 · unit 0");
  assert.equal(await widget.locator(".limpid-units-page").innerText(), "page 1 of 6");
  await widget.locator(".limpid-units-card").first().focus();
  await notebook.page.keyboard.press("PageDown");
  await widget.locator(".limpid-units-page", { hasText: "page 2 of 6" }).waitFor();
  assert.equal((await places())[0], "conv2 · unit 0");
  await notebook.page.keyboard.press("ArrowRight");
  await notebook.page.keyboard.press("Enter");
  const open = widget.locator(".limpid-units-open");
  await open.waitFor();
  assert.match(await open.locator("h4").innerText(), /^conv2 · unit 1: where it is on, above /);
  assert.equal(await open.locator("canvas").count(), 4);
  await notebook.picture("units-open", widget);
  await notebook.page.keyboard.press("Escape");
  await open.waitFor({ state: "hidden" });
});

test("what runs can be stopped and run again, and what cannot run says why", async () => {
  const long = notebook.output(1).locator(".limpid-widget").first();
  // It was stopped from its cell: nothing else is kept waiting.
  await long.getByRole("button", { name: "Run again" }).click();
  await long.getByRole("button", { name: "Stop" }).click();
  await long.getByRole("button", { name: "Run again" }).waitFor();
  assert.match(await long.locator(".limpid-outcome").innerText(), /^Stopped at [<\d.\s]+%/);
  const wrong = notebook.output(2).locator(".limpid-widget").first();
  await wrong.locator(".limpid-units-error", { hasText: "conv9" }).waitFor();
});

test("in the dark and in narrow cells it stands as it should", long, async () => {
  await notebook.theme("dark");
  await notebook.picture("units-dark", widget);
  await notebook.theme("light");
  await notebook.page.setViewportSize({ width: 620, height: 1500 });
  await notebook.page.waitForTimeout(500);
  await notebook.picture("units-narrow", widget);
  assert.ok(await widget.evaluate((element) => element.scrollWidth <= element.clientWidth + 1));
});
