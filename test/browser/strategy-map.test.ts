/** Strategies of a Clever Hans: the plane, the eigenvalues, clusters, a line drawn around maps, and the measurement without their region. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Locator } from "playwright-core";
import { long } from "../every.js";
import { changed } from "../helpers/until.js";
import { type Lab, type Notebook, startLab } from "./lab.js";

const cells = [
  `import { loadModel, plantedPictures, StrategyMap, tensorflow } from "limpid";
const [tf, model] = await Promise.all([tensorflow(), loadModel("planted-watermark")]);
const { pixels, objects, count } = plantedPictures({ count: 240, seed: 3, watermark: { object: "disc", share: 0.4 } });
const data = { x: tf.tensor4d(pixels, [count, 48, 48, 3]), classes: objects };
const strategies = new StrategyMap({ model, data, target: "disc", neighbors: 5 });
strategies`,
  `new StrategyMap({ model, data, target: "disc", neighbors: 500 })`,
];

let lab: Lab;
let notebook: Notebook;
let widget: Locator;
before(async () => {
  lab = await startLab();
  await lab.write("strategies.ipynb", cells);
  notebook = await lab.open("strategies.ipynb", { height: 1500 });
  await notebook.runAll();
  widget = notebook.widget("strategy-map");
  await widget.getByText("UMAP", { exact: true }).waitFor();
});
after(async () => {
  await notebook?.close();
  await lab?.close();
});

test("shows the maps in a plane, eigenvalues with the gap, and a mean map for each cluster", async () => {
  assert.equal(await widget.locator(".limpid-title").innerText(), "Strategies for disc");
  await widget.getByText("The largest gap comes after 2: 2 clusters.").waitFor();
  assert.equal(await widget.locator(".limpid-cluster").count(), 2);
  await notebook.picture("strategies-light", widget);
});

test("more clusters are there at once, by slider or by the eigenvalues", async () => {
  const slider = widget.getByRole("slider", { name: "Clusters" });
  await slider.focus();
  await notebook.page.keyboard.press("ArrowRight");
  await widget.locator(".limpid-cluster").nth(2).waitFor();
  await widget.locator(".limpid-eigen-dot").nth(1).click();
  await widget.locator(".limpid-cluster").nth(2).waitFor({ state: "detached" });
});

test("the map that is pointed at, or walked to, is shown with its picture", async () => {
  const plane = widget.getByRole("application", { name: /^Maps in a plane/ });
  await plane.focus();
  await notebook.page.keyboard.press("ArrowRight");
  await widget.locator(".limpid-strategy-caption", { hasText: /^picture \d+ · relevance/ }).waitFor();
  const caption = () => widget.locator(".limpid-strategy-caption").innerText();
  const first = await caption();
  // The first map may be the one at the right: then there is one to its left.
  for (const key of ["ArrowRight", "ArrowLeft"]) {
    await notebook.page.keyboard.press(key);
    const moved = await changed(caption, first, "no other picture", 5000).catch(() => first);
    if (moved !== first) return;
  }
  assert.fail(`no other map is walked to: ${first}`);
});

test("a line drawn around maps, or a cluster by keyboard, is filled in and measured", async () => {
  const plane = widget.getByRole("application", { name: /^Maps in a plane/ });
  await plane.scrollIntoViewIfNeeded();
  const box = (await plane.boundingBox())!;
  const { mouse } = notebook.page;
  await mouse.move(box.x + 4, box.y + 4);
  await mouse.down();
  for (const [u, v] of [
    [0.6, 0.01],
    [0.6, 0.99],
    [0.01, 0.99],
  ] as const)
    await mouse.move(box.x + u * box.width, box.y + v * box.height, { steps: 4 });
  await mouse.up();
  await widget.getByLabel("Group").locator("option", { hasText: "group 1" }).waitFor({ state: "attached" });

  await widget.getByRole("button", { name: /^Take cluster 2/ }).focus();
  await notebook.page.keyboard.press("Enter");
  await widget.getByLabel("Group").locator("option", { hasText: "cluster 2 of 2" }).waitFor({ state: "attached" });
  await widget.getByRole("button", { name: "Fill in and measure" }).click();
  const disc = widget.locator(".limpid-strategy-explained");
  await disc.waitFor();
  assert.match(await disc.innerText(), /^disc/);
  assert.match((await disc.locator("td").nth(3).innerText()).trim(), /^−/);
  await notebook.picture("strategies-measured", widget);

  // A region of one's own, by keyboard.
  const region = widget.getByRole("application", { name: /^Region of the group/ });
  await region.focus();
  await notebook.page.keyboard.press("ArrowDown");
  await notebook.page.keyboard.press("Shift+ArrowRight");
  await widget.locator(".limpid-region-frame").waitFor();
  await notebook.page.keyboard.press("Escape");
  await widget.locator(".limpid-region-frame").waitFor({ state: "hidden" });
});

test("patterns instead of places move the maps anew; what fails is said", async () => {
  await widget.getByRole("radio", { name: "Pattern" }).check();
  await widget.getByText(/^UMAP, \d/).waitFor();
  await widget.getByText("UMAP", { exact: true }).waitFor();
  await notebook.page
    .getByText(/neighbors must be/)
    .first()
    .waitFor();
});

test("it is seen in the dark and in a narrow cell", long, async () => {
  await notebook.theme("dark");
  await notebook.picture("strategies-dark", widget);
  await notebook.page.setViewportSize({ width: 700, height: 1500 });
  await notebook.picture("strategies-narrow", widget);
  const wide = await widget.evaluate((view) => view.scrollWidth - view.clientWidth);
  assert.ok(wide <= 1, `${wide} pixels too wide`);
});
