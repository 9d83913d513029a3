/** Maps side by side, as a reader of the notebook has them: `compare`, its controls and keys, and heatmaps in boxes. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Locator } from "playwright-core";
import { share } from "../every.js";
import { changed } from "../helpers/until.js";
import { fingerprint, type Lab, type Notebook, startLab } from "./lab.js";

const METHODS = ["LRP, ε-γ-box", "Integrated gradients", "own", "Occlusion", "Sensitivity", "Grad-CAM"];

const opening = `import { AbortedError, compare, type Explain, HBox, Heatmap, loadImage, loadModel } from "limpid";
const model = await loadModel("mnist-cnn");
const photo = await loadImage("coffee.png", model.input);
const large = await loadImage("chelsea.png");`;
const six = `const grid = compare(model, photo, { "LRP, ε-γ-box": "lrp", "Integrated gradients": "integrated-gradients",
  own: async () => { throw new Error("There is no <i>such</i> layer"); },
  Occlusion: { method: "occlusion", parameters: { window: 7 } }, Sensitivity: "sensitivity", "Grad-CAM": "grad-cam" }, { target: 3 });
grid`;
const boxed = `const { height, width } = large;
const relevance = { shape: [height, width], values: Float32Array.from({ length: height * width }, (_, i) => Math.sin(i / 999)) };
const maps = ["LRP", "integrated gradients", "smoothgrad", "occlusion", "grad-cam", "guided-backprop"];
new HBox(maps.map((title) => new Heatmap({ image: large, relevance, title, limit: 1, output: 5.43, compact: true })))`;
const full = `new HBox(maps.map((title) => new Heatmap({ image: large, relevance, title, limit: 1, output: 5.43 })))`;
const slow = `const second: Explain = async (_, { signal, onProgress } = {}) => {
  onProgress?.({ done: 1, total: 2 });
  for (let turn = 0; !signal?.aborted; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (turn === 300) onProgress?.({ done: 3, total: 5 });
  }
  throw new AbortedError(1, 2, "stopped");
};
const waiting = compare(model, photo, { first: "lrp", second, third: "lrp" });
waiting`;
const scored = `const measured = compare(model, photo, ["lrp", "sensitivity", "grad-cam", "gradient-times-input"], { scores: [
  { label: "Deletion of the most relevant pixels", better: "lower", values: [[0.31, 0.12, null, 0.245]], reasons: [[null, null, "too coarse", null]] },
  { label: "Sparseness", better: "higher", values: [[0.5, 0.7, 0.6, 0.8]] }] });
measured`;

let lab: Lab;
before(async () => {
  lab = await startLab();
  await lab.write("compare.ipynb", [opening, six, boxed, full, slow, scored]);
});
after(() => lab?.close());

const gridOf = (notebook: Notebook, cell: number) => notebook.output(cell).locator(".limpid-method-grid").first();

async function computed(grid: Locator): Promise<void> {
  await grid.and(grid.page().locator("[aria-busy='false']")).waitFor();
  await painted(grid);
}

async function painted(within: Locator): Promise<void> {
  await within.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

/** Pairs of elements with words or controls that lie over each other, and what sticks out of its widget. */
function collisions(widget: Locator): Promise<string[]> {
  return widget.evaluate((root) => {
    const found: string[] = [];
    const seen = (element: Element) => {
      const style = getComputedStyle(element);
      const box = element.getBoundingClientRect();
      return box.width > 1 && box.height > 1 && style.visibility !== "hidden" && style.opacity !== "0";
    };
    const parts = [...root.querySelectorAll("*")]
      .filter((element) => {
        const isControl = element.matches("input[type=range], .limpid-segments label, .limpid-hold");
        const hasWords = [...element.childNodes].some(
          (child) => child.nodeType === 3 && child.textContent?.trim() !== "",
        );
        return (
          (isControl || hasWords) &&
          seen(element) &&
          !element.closest(".limpid-tools, .limpid-tip, [hidden], .limpid-segments label *")
        );
      })
      .map((element) => {
        // The letters line by line, not the box that they may leave empty: words that wrap begin beside what is before them.
        const range = document.createRange();
        range.selectNodeContents(element);
        const isCut = getComputedStyle(element).overflowX === "hidden";
        const drawn = isCut || element.matches("input, label, button") ? element : range;
        const boxes = [...drawn.getClientRects()];
        return { element, boxes, words: element.textContent?.trim() || element.className || element.tagName };
      });
    const outer = root.getBoundingClientRect();
    for (const { boxes, words } of parts) {
      if (boxes.some((box) => box.left < outer.left - 1 || box.right > outer.right + 1)) {
        found.push(`"${words}" sticks out`);
      }
    }
    const overlap = (a: DOMRect, b: DOMRect) =>
      Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 &&
      Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3;
    for (const [i, a] of parts.entries()) {
      for (const b of parts.slice(i + 1)) {
        if (a.element.contains(b.element) || b.element.contains(a.element)) continue;
        if (a.boxes.some((one) => b.boxes.some((other) => overlap(one, other)))) {
          found.push(`"${a.words}" lies over "${b.words}"`);
        }
      }
    }
    return found;
  });
}

describe("compare", () => {
  let notebook: Notebook;
  let grid: Locator;
  before(async () => {
    notebook = await lab.open("compare.ipynb", { height: 1000 });
    await notebook.runAll();
    grid = gridOf(notebook, 1);
    await grid.scrollIntoViewIfNeeded();
    await computed(grid);
  });
  after(() => notebook?.close());

  test("shows one legend, one set of controls and a map a method, and names the one that fails in its place", async () => {
    assert.deepEqual(
      (await grid.locator(".limpid-tile-name > span:first-child").allTextContents()).map((name) => name.trim()),
      METHODS,
    );
    assert.equal(await grid.locator(".limpid-grid-legend").count(), 1);
    assert.equal(await grid.locator("input[type='range']").count(), 2);
    assert.match((await grid.locator(".limpid-grid-scale").textContent())!, /Each map on its own scale/);
    const failed = grid.locator(".limpid-tile").nth(2);
    assert.equal(await failed.locator(".limpid-tile-words").textContent(), "There is no <i>such</i> layer");
    assert.match((await grid.locator(".limpid-books").textContent())!, /5 of 6 maps · 1 failed/);
    // A sum stands where values are shares of the output, and there only.
    const facts = await grid.locator(".limpid-tile-facts").allTextContents();
    assert.deepEqual(
      facts.map((text) => text.includes("Σ")),
      [true, true, false, false, false, false],
    );
    assert.equal(await grid.locator(".limpid-title").textContent(), "Why 3?");
    assert.deepEqual(notebook.errors, []);
    await notebook.picture("method-grid", grid);
  });

  test("the controls change all maps at once, and one scale for all says its numbers", async () => {
    const canvas = (index: number) => grid.locator(".limpid-tile-canvas").nth(index);
    const before = [await fingerprint(canvas(0)), await fingerprint(canvas(3))];
    await grid.getByRole("radio", { name: "Relevance" }).check();
    await changed(() => fingerprint(canvas(0)), before[0]!, "the first map stayed");
    await changed(() => fingerprint(canvas(3)), before[1]!, "the fourth map stayed");
    const own = [await fingerprint(canvas(0)), await fingerprint(canvas(3))];
    assert.match((await grid.locator(".limpid-ticks").first().textContent())!, /−100.%0\+100.%/);
    await grid.getByRole("radio", { name: "one for all" }).check();
    await painted(grid);
    const now = [await fingerprint(canvas(0)), await fingerprint(canvas(3))];
    assert.ok(now[0] !== own[0] || now[1] !== own[1]);
    assert.match((await grid.locator(".limpid-ticks").first().textContent())!, /^−[\d.]+0\+[\d.]+$/);
    assert.match(
      (await grid.locator(".limpid-grid-scale").textContent())!,
      /One scale for all maps.*compare where they are large/,
    );
    await grid.getByRole("radio", { name: "each its own" }).check();
    await grid.getByRole("radio", { name: "Overlay" }).check();
    await painted(grid);
  });

  test("pointing at one map reads the same spot in all of them", async () => {
    await grid
      .locator(".limpid-tile-canvas")
      .first()
      .hover({ position: { x: 60, y: 60 } });
    assert.equal(await grid.locator(".limpid-tile-marker:visible").count(), 5);
    assert.equal(await grid.locator(".limpid-tile-reading").count(), 5);
    await notebook.page.mouse.move(0, 0);
    assert.equal(await grid.locator(".limpid-tile-marker:visible").count(), 0);
  });

  test("arrows walk, Enter opens that method in the explorer, Escape closes it, and no key reaches the notebook", async () => {
    const { page } = notebook;
    const cells = await notebook.panel.locator(".jp-Cell").count();
    await grid.locator(".limpid-tile[tabindex='0']").focus();
    await page.keyboard.press("Home");
    for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowRight");
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? "");
    assert.match(await focused(), /^Occlusion/);
    await page.keyboard.press("Enter");
    const explorer = grid.locator(".limpid-explorer");
    await explorer.waitFor();
    assert.equal(await explorer.getByLabel("Method").inputValue(), "occlusion");
    assert.equal(await explorer.getByLabel("Window", { exact: true }).inputValue(), "7");
    assert.equal(await grid.locator(".limpid-tile[aria-expanded='true']").count(), 1);
    await notebook.picture("method-grid-open", grid);
    for (const key of ["b", "d", "d", "x"]) await page.keyboard.press(key);
    assert.match(await focused(), /^Occlusion/);
    await page.keyboard.press("Escape");
    await explorer.waitFor({ state: "detached" });
    assert.match(await focused(), /^Occlusion/);
    assert.equal(await notebook.panel.locator(".jp-Cell").count(), cells);
    // A second Escape leaves.
    await page.keyboard.press("Escape");
    assert.equal(await page.evaluate(() => document.activeElement?.closest(".limpid-widget") === null), true);
  });

  test("maps come one by one; Stop keeps those that are there, and they can be run again", async () => {
    const waiting = gridOf(notebook, 4);
    await waiting.scrollIntoViewIfNeeded();
    const tile = (index: number) => waiting.locator(".limpid-tile").nth(index);
    await tile(1)
      .locator(".limpid-tile-words", { hasText: /^60.% · about .+ left$/ })
      .waitFor();
    assert.equal(await tile(0).locator(".limpid-tile-cover").isHidden(), true);
    assert.equal(await tile(2).locator(".limpid-tile-words").textContent(), "waiting");
    await notebook.picture("method-grid-loading", waiting);
    await waiting.getByRole("button", { name: "Stop" }).click();
    await computed(waiting);
    assert.deepEqual(await waiting.locator(".limpid-tile-words").allTextContents(), ["", "stopped", "stopped"]);
    assert.match((await waiting.locator(".limpid-books").textContent())!, /1 of 3 maps · 2 stopped/);
    await waiting.getByRole("button", { name: "Run again" }).click();
    await tile(1).locator(".limpid-tile-words", { hasText: "50" }).waitFor();
    await waiting.getByRole("button", { name: "Stop" }).click();
    await computed(waiting);
  });

  test("a measure sorts the maps from its better side on, and its values stand at them", async () => {
    const { page } = notebook;
    const measured = gridOf(notebook, 5);
    await measured.scrollIntoViewIfNeeded();
    await computed(measured);
    const given = ["LRP, ε-γ-box", "Sensitivity", "Grad-CAM", "Gradient × input"];
    const names = async () =>
      (await measured.locator(".limpid-tile-name > span:first-child").allTextContents()).map((name) => name.trim());
    const values = () => measured.locator(".limpid-tile-value").allTextContents();
    assert.deepEqual([await names(), await values()], [given, ["0.310", "0.120", "–", "0.245"]]);
    const sort = measured.getByLabel("Sort by");
    assert.deepEqual(await sort.locator("option").allTextContents(), [
      "As given",
      "Deletion of the most relevant pixels (lower is better)",
      "Sparseness (higher is better)",
    ]);
    await sort.selectOption("Deletion of the most relevant pixels");
    const sorted = [1, 3, 0, 2].map((at) => given[at]!);
    assert.deepEqual([await names(), await values()], [sorted, ["0.120", "0.245", "0.310", "–"]]);
    assert.match(
      (await measured.locator(".limpid-tile").last().getAttribute("aria-label"))!,
      /Deletion of the most relevant pixels: no value, too coarse\. Sparseness 0\.6000 \(higher is better\)/,
    );
    // The keys walk as it is seen, and Enter opens what is there.
    const focused = () =>
      page.evaluate(() => document.activeElement?.querySelector(".limpid-tile-name > span")?.textContent ?? "");
    await measured.locator(".limpid-tile[tabindex='0']").focus();
    await page.keyboard.press("Home");
    const walked = [await focused()];
    for (let i = 0; i < 3; i++) {
      await page.keyboard.press("ArrowRight");
      walked.push(await focused());
    }
    assert.deepEqual(walked, sorted);
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("Enter");
    const explorer = measured.locator(".limpid-explorer");
    await explorer.waitFor();
    assert.equal(await explorer.getByLabel("Method").inputValue(), "lrp");
    await page.keyboard.press("Escape");
    await explorer.waitFor({ state: "detached" });
    await notebook.picture("method-grid-sorted", measured);
    await sort.selectOption("Sparseness");
    assert.deepEqual(
      [await names(), await values()],
      [[3, 1, 2, 0].map((at) => given[at]!), ["0.800", "0.700", "0.600", "0.500"]],
    );
    await sort.selectOption("");
    assert.deepEqual(await names(), given);
    assert.deepEqual(notebook.errors, []);
  });
});

describe("nothing overlaps", () => {
  let notebook: Notebook;
  before(async () => {
    notebook = await lab.open("compare.ipynb", { width: 1280, height: 1000 });
    await notebook.runAll();
  });
  after(() => notebook?.close());

  const looks = [
    [480, "light"],
    [1280, "light"],
    [800, "dark"],
  ] as const;
  for (const [width, theme] of share(looks, 3)) {
    test(`at ${width} pixels, ${theme}`, async () => {
      await notebook.page.setViewportSize({ width, height: 1000 });
      await notebook.theme(theme);
      const grid = gridOf(notebook, 1);
      await computed(grid);
      assert.deepEqual(await collisions(grid), []);
      const narrowest = await grid
        .locator(".limpid-tile")
        .evaluateAll((tiles) => Math.min(...tiles.map((tile) => tile.getBoundingClientRect().width)));
      assert.ok(narrowest >= 140, `a map is ${narrowest} pixels wide`);
      await notebook.picture(`method-grid-${width}-${theme}`, grid);
      const measured = gridOf(notebook, 5);
      await computed(measured);
      await measured.getByLabel("Sort by").selectOption("Deletion of the most relevant pixels");
      await painted(measured);
      assert.deepEqual(await collisions(measured), []);
      await notebook.picture(`method-grid-sorted-${width}-${theme}`, measured);
      for (const [cell, name] of [
        [2, "compact"],
        [3, "full"],
      ] as const) {
        const maps = notebook.output(cell).locator(".limpid-heatmap");
        await maps.last().waitFor();
        await painted(maps.last());
        for (let i = 0; i < 6; i++) {
          assert.ok((await maps.nth(i).boundingBox())!.width >= 140);
          assert.deepEqual(await collisions(maps.nth(i)), [], `${name} ${i}`);
        }
        await notebook.picture(`heatmaps-${name}-${width}-${theme}`, notebook.output(cell).first());
      }
      assert.deepEqual(notebook.errors, []);
    });
  }
});
