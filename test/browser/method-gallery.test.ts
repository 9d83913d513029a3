/** All methods on one picture, each under its question: walked by keys, sorted, opened. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Locator } from "playwright-core";
import { type Lab, type Notebook, startLab } from "./lab.js";

const opening = `import { loadDigits, loadModel, MethodGallery, tensorflow } from "limpid";
const tf = await tensorflow();
const [model, digits] = await Promise.all([loadModel("mnist-cnn"), loadDigits({ count: 14 })]);
const three = tf.tensor4d(Float32Array.from(digits.pixels.subarray(13 * 784, 14 * 784), (ink) => ink / 255), [1, 28, 28, 1]);`;
const source = `const gallery = new MethodGallery(model, three, { methods: ["lrp", "deep-taylor", "sensitivity", "gradient-times-input", "grad-cam", "occlusion"],
  parameters: { occlusion: { window: 7 } }, target: 3, scores: [{ label: "Sparseness", better: "higher", values: [[0.5, 0.7, 0.6, 0.8, 0.2, 0.3]] }] });
gallery`;

let lab: Lab;
let notebook: Notebook;
let gallery: Locator;
before(async () => {
  lab = await startLab();
  await lab.write("gallery.ipynb", [opening, source]);
  notebook = await lab.open("gallery.ipynb", { height: 1400 });
  await notebook.runAll();
  gallery = notebook.output(1).locator(".limpid-method-grid").first();
  await gallery.and(notebook.page.locator("[aria-busy='false']")).waitFor();
});
after(async () => {
  await notebook?.close();
  await lab?.close();
});

const names = async () =>
  (await gallery.locator(".limpid-tile-name > span:first-child").allTextContents()).map((name) => name.trim());
const focused = () =>
  notebook.page.evaluate(() => document.activeElement?.querySelector(".limpid-tile-name > span")?.textContent ?? "");

describe("the gallery", () => {
  test("families head their methods, and each method has its question in sight and in its name", async () => {
    assert.deepEqual(await gallery.locator(".limpid-grid-group").allTextContents(), [
      "Relevance propagation",
      "Gradients",
      "Perturbation",
    ]);
    const questions = await gallery.locator(".limpid-tile-caption").allTextContents();
    assert.equal(questions.length, 6);
    assert.match(questions[2]!, /\?$|\? $/);
    for (const [at, question] of questions.entries()) {
      const name = (await gallery.locator(".limpid-tile").nth(at).getAttribute("aria-label"))!;
      assert.ok(name.includes(question.trim()), name);
    }
    assert.deepEqual(notebook.errors, []);
    await notebook.picture("method-gallery", gallery);
  });

  test("arrow keys walk line by line over the headings, and Enter opens the explorer on that method", async () => {
    const { page } = notebook;
    await gallery.locator(".limpid-tile[tabindex='0']").focus();
    await page.keyboard.press("Home");
    const walked = [await focused()];
    for (const key of ["ArrowDown", "ArrowDown", "ArrowUp", "ArrowRight", "End", "ArrowRight"]) {
      await page.keyboard.press(key);
      walked.push(await focused());
    }
    // At the last map a step further stays.
    assert.deepEqual(walked, [
      "LRP, ε-γ-box",
      "Sensitivity",
      "Occlusion",
      "Sensitivity",
      "Gradient × input",
      "Occlusion",
      "Occlusion",
    ]);
    await page.keyboard.press("Enter");
    const explorer = gallery.locator(".limpid-explorer");
    await explorer.waitFor();
    assert.equal(await explorer.getByLabel("Method").inputValue(), "occlusion");
    assert.equal(await explorer.getByLabel("Window", { exact: true }).inputValue(), "7");
    await page.keyboard.press("Escape");
    await explorer.waitFor({ state: "detached" });
    assert.equal(await focused(), "Occlusion");
  });

  test("sorted by a measure the maps stand in one list, and under their families again afterwards", async () => {
    const before = await names();
    const sort = gallery.getByLabel("Sort by");
    await sort.selectOption("Sparseness");
    assert.deepEqual(
      await names(),
      [3, 1, 2, 0, 5, 4].map((at) => before[at]!),
    );
    assert.equal(await gallery.locator(".limpid-grid-group").count(), 0);
    await sort.selectOption("");
    assert.deepEqual(await names(), before);
    assert.equal(await gallery.locator(".limpid-grid-group").count(), 3);
  });

  for (const [width, theme] of [
    [800, "dark"],
    [480, "light"],
  ] as const) {
    test(`at ${width} pixels, ${theme}, nothing sticks out and maps can be seen`, async () => {
      await notebook.page.setViewportSize({ width, height: 1400 });
      await notebook.theme(theme);
      const outer = (await gallery.boundingBox())!;
      for (const tile of await gallery.locator(".limpid-tile").all()) {
        const box = (await tile.boundingBox())!;
        assert.ok(box.width >= 140 && box.x + box.width <= outer.x + outer.width + 1, JSON.stringify(box));
      }
      await notebook.picture(`method-gallery-${width}-${theme}`, gallery);
    });
  }
});
