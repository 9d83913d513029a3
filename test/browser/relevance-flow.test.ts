/** Where relevance goes, as a reader of the notebook follows it: clicks and keys on layers, a run that is stopped, a narrow cell. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Locator } from "playwright-core";
import { long } from "../every.js";
import { changed } from "../helpers/until.js";
import { fingerprint, type Lab, type Notebook, startLab } from "./lab.js";

const cells = [
  `import { loadImage, loadModel, RelevanceFlow } from "limpid";
const model = await loadModel("mnist-cnn");
const photo = await loadImage("coffee.png", model.input);
const flow = new RelevanceFlow(model, photo, { parameters: { composite: "epsilon-plus" } });
await flow.settled();
flow`,
];

let lab: Lab;
let notebook: Notebook;
let flow: Locator;
before(async () => {
  lab = await startLab();
  await lab.write("flow.ipynb", cells);
  notebook = await lab.open("flow.ipynb", { height: 1000 });
  await notebook.runAll();
  flow = notebook.output(0).locator(".limpid-relevance-flow").first();
  await flow.locator(".limpid-flow-row").first().waitFor();
});
after(async () => {
  await notebook?.close();
  await lab?.close();
});

const caption = () => flow.locator(".limpid-flow-caption").textContent();
const canvas = () => fingerprint(flow.locator(".limpid-canvas"));
const saysSoon = (words: RegExp) => flow.locator(".limpid-flow-caption", { hasText: words }).waitFor();

test("a click on a layer shows its map, its caption and its books; arrow keys walk on, and no key reaches the notebook", async () => {
  assert.match((await caption())!, /^pixels · input · 28×28×1/);
  assert.equal(
    await flow.locator("[role='option'][aria-selected='true']").getAttribute("aria-label"),
    "pixels 4.06: relevance, input",
  );
  const before = await canvas();
  await flow.locator(".limpid-flow-row", { hasText: "conv1" }).click();
  await saysSoon(/^conv1 · conv2d · \d+×\d+×\d+ · .*channels summed$/);
  await changed(canvas, before, "the map stayed");
  assert.match(
    (await flow.locator(".limpid-flow-books").textContent())!,
    /^in4\.09101.%out4\.06100.%biases keep0\.02890\.7.%/,
  );
  const { page } = notebook;
  await flow.locator(".limpid-flow-rows").focus();
  await page.keyboard.press("ArrowUp");
  await saysSoon(/^pool1 · /);
  await page.keyboard.press("Home");
  await saysSoon(/^logits · dense · 10/);
  assert.equal(await flow.locator(".limpid-looks").getByRole("radio", { name: "Overlay" }).isDisabled(), true);
  await page.keyboard.press("End");
  await saysSoon(/^pixels · /);
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("role")), "listbox");
  const active = await flow.locator(".limpid-flow-rows").getAttribute("aria-activedescendant");
  assert.equal(await flow.locator(`#${active}`).textContent(), "pixels 4.06");
  assert.deepEqual(notebook.errors, []);
});

test("at 480 pixels in the dark nothing stands out of the widget", long, async () => {
  await flow.locator(".limpid-flow-row", { hasText: "conv2" }).click();
  await saysSoon(/^conv2 · /);
  await notebook.page.setViewportSize({ width: 480, height: 1200 });
  await notebook.theme("dark");
  const outside = await flow.evaluate((root) => {
    const { left, right } = root.getBoundingClientRect();
    return [...root.querySelectorAll("*")]
      .filter((part) => part.checkVisibility() && part.getBoundingClientRect().width > 1)
      .filter((part) => part.getBoundingClientRect().right > right + 1 || part.getBoundingClientRect().left < left - 1)
      .map((part) => part.className);
  });
  assert.deepEqual(outside, []);
  await notebook.picture("relevance-flow-480-dark", flow);
});
