/** Concept relevance by hand: a region, its channels, samples of one of them, and the channel's map of a sample. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Locator } from "playwright-core";
import { long } from "../every.js";
import { type Lab, type Notebook, startLab } from "./lab.js";

const cells = [
  `import { ConceptExplorer, loadModel, plantedPictures, tensorflow } from "limpid";
const [tf, model] = await Promise.all([tensorflow(), loadModel("planted-objects")]);
const { pixels, count } = plantedPictures({ count: 80, seed: 5 });
const x = tf.tensor4d(pixels, [count, 48, 48, 3]);
const explorer = new ConceptExplorer({ model, image: tf.slice(x, 7, 1), data: { x } });
explorer`,
  "new ConceptExplorer({ model, image: tf.slice(x, 3, 1) })",
];

let lab: Lab;
let notebook: Notebook;
let widget: Locator;
before(async () => {
  lab = await startLab();
  await lab.write("concepts.ipynb", cells);
  notebook = await lab.open("concepts.ipynb", { height: 1500 });
  await notebook.runAll();
  widget = notebook.widget("concept-explorer");
  await widget.and(notebook.page.locator("[aria-busy='false']")).waitFor();
  await rows().first().waitFor();
});
after(async () => {
  await notebook?.close();
  await lab?.close();
});

const rows = () => widget.locator(".limpid-concept-channels [role=option]");
const values = () => rows().evaluateAll((all) => all.map((row) => row.lastElementChild!.textContent!));
const heading = () => widget.locator("h4", { hasText: /^Channels within/ });

test("shows the map, the channels it came through, and that they add up", async () => {
  assert.match(await widget.locator(".limpid-title").innerText(), /^Concepts of \w+ in /);
  assert.match(await widget.locator(".limpid-concept-sum").innerText(), /together [+−][\d.]+.*the region's relevance$/);
  await notebook.picture("concepts-light", widget);
});

test("a region that is dragged, or moved by keys, is what channels are summed over", async () => {
  const before = await values();
  const region = widget.getByRole("application", { name: /^Region of the picture/ });
  const box = (await region.boundingBox())!;
  const { mouse, keyboard } = notebook.page;
  await mouse.move(box.x + 0.3 * box.width, box.y + 0.3 * box.height);
  await mouse.down();
  await mouse.move(box.x + 0.6 * box.width, box.y + 0.7 * box.height, { steps: 5 });
  await mouse.up();
  await heading()
    .getByText(/rows \d+–\d+, columns \d+–\d+/)
    .waitFor();
  assert.notDeepEqual(await values(), before);
  const dragged = await heading().innerText();
  await region.focus();
  await keyboard.press("ArrowLeft");
  await widget.page().waitForFunction((words) => {
    const found = [...document.querySelectorAll(".limpid-concept-side h4")].find((one) =>
      one.textContent!.startsWith("Channels"),
    );
    return found !== undefined && !words.startsWith(found.textContent!.replace(/whole picture$/, ""));
  }, dragged);
  await keyboard.press("Escape");
  await heading()
    .getByText(/within the whole picture/)
    .waitFor();
  assert.deepEqual(await values(), before);
});

test("a channel, chosen by keys, opens its samples by both rankings; one of them opens its map", async () => {
  await widget.getByRole("listbox").focus();
  await notebook.page.keyboard.press("ArrowDown");
  await widget.getByText(/contributed most \(RelMax\)/).waitFor();
  await widget.getByText(/answered most \(ActMax\)/).waitFor();
  await widget.locator(".limpid-concept-mask").first().waitFor();
  assert.ok(await widget.getByRole("radio", { name: "Chosen channel" }).isChecked());
  const tile = widget.locator(".limpid-concept-tile").first();
  await tile.focus();
  await notebook.page.keyboard.press("Enter");
  await widget.getByText(/^sample \d+ · channel \d+ contributed most/).waitFor();
  assert.equal(await tile.getAttribute("aria-pressed"), "true");
  await notebook.picture("concepts-sample", widget);
});

test("another layer and another class are explained anew, and without data it says what is missing", async () => {
  const layer = widget.getByLabel("Layer");
  const options = await layer.locator("option").evaluateAll((all) => all.map((one) => one.textContent!));
  await layer.selectOption(options[0]!);
  await widget.locator(".limpid-title", { hasText: `in ${options[0]}` }).waitFor();
  await widget.getByLabel("Class").fill("star");
  await notebook.page.keyboard.press("Enter");
  await widget.locator(".limpid-title", { hasText: "Concepts of star" }).waitFor();
  await widget.and(notebook.page.locator("[aria-busy='false']")).waitFor();
  await notebook.page.getByText("Give the explorer data, and samples").first().waitFor();
});

test("it is seen in the dark and in a narrow cell", long, async () => {
  await notebook.theme("dark");
  await rows().first().click();
  await widget.locator(".limpid-concept-tile").first().waitFor();
  await notebook.picture("concepts-dark", widget);
  await notebook.page.setViewportSize({ width: 700, height: 1500 });
  await notebook.picture("concepts-narrow", widget);
  const wide = await widget.evaluate((view) => view.scrollWidth - view.clientWidth);
  assert.ok(wide <= 1, `${wide} pixels too wide`);
});
