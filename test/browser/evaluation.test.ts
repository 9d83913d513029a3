/** The widgets of evaluation without the kernel that made them, reopened, dark and narrow: their pictures keep their numbers. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { ElementHandle, Locator } from "playwright-core";
import { long } from "../every.js";
import { changed } from "../helpers/until.js";
import { type Lab, type Notebook, startLab } from "./lab.js";

/** The last line of each cell but the first shows a widget; one of them shows batches, small integers and a method that fails. */
const cells = [
  `import { compare, evaluate, FlippingCurve, loadDigits, loadModel, RankMatrix, RelevanceFlow, SanityCheck, tensorflow } from "limpid";
const [tf, model, digits] = await Promise.all([tensorflow(), loadModel("mnist-cnn"), loadDigits()]);
const x = tf.tensor4d(Float32Array.from(digits.pixels.subarray(0, 3 * 784), (ink) => ink / 255), [3, 28, 28, 1]);
const photos = [0, 1, 2].map((at) => tf.slice(x, at, 1));
const methods = ["lrp", "gradient-times-input", "sensitivity"] as const;
const evaluation = await evaluate(model, { x }, methods, [{ measure: "pixel-flipping", parameters: { steps: 7 } }, "complexity"]);`,
  `const matrix = new RankMatrix(evaluation, { model, data: { x } });
matrix`,
  `const check = new SanityCheck(model, photos[0]!, { methods: ["gradient-times-input", "guided-backprop"], seed: 1 });
await check.settled();
check.step = 2;
check`,
  `const flips = new FlippingCurve({ model, image: photos[0]!, methods: ["lrp", "sensitivity"], region: 7, orders: 2 });
await flips.settled();
flips`,
  `const flow = new RelevanceFlow(model, photos[0]!, { parameters: { composite: "epsilon-plus" } });
await flow.settled();
flow.choose("conv2");
flow`,
  `const grid = compare(model, photos.slice(0, 2), methods, { scores: [{ label: "deletion", better: "lower", values: [[0.3, 0.1, 0.2], [0.3, 0.2, 0.4]] }], sort: "deletion" });
await grid.settled();
grid`,
];
/** By cell: what its picture says in words. */
const spoken: [kind: string, words: RegExp][] = [
  ["rank-matrix", /^RankMatrix: .*3 methods by 2 measures on 3 samples.*mean rank \d/s],
  ["sanity-check", /^SanityCheck: .*\d of \d layers.*mean .?\d\.\d\d, last/s],
  ["flipping", /^FlippingCurve: .*LRP/s],
  ["relevance-flow", /^RelevanceFlow: Why \d, layer by layer\?.*output \d.*conv2 \(/s],
  ["method-grid", /^MethodGrid: .*Sorted by deletion, from the best on.*relevance/s],
];

let lab: Lab;
let notebook: Notebook;
before(async () => {
  lab = await startLab();
  await lab.write("evaluation.ipynb", cells);
  notebook = await lab.open("evaluation.ipynb", { width: 1100, height: 1300 });
  await notebook.runAll();
});
after(async () => {
  await notebook?.close();
  await lab?.close();
});

const widget = (kind: string): Locator => notebook.panel.locator(`.limpid-${kind}`).first();
const stored = (cell: number): Locator => notebook.codeCell(cell).locator(".limpid-stored").first();
const inState = (cell: number, state: string): Promise<void> =>
  stored(cell)
    .and(notebook.page.locator(`[data-state="${state}"]`))
    .waitFor();

test("live: two measures bring the samples on which they disagree, a click on a map the explorer, and all fit", async () => {
  assert.equal(await notebook.panel.locator(".jp-mod-error, [data-mime-type*='stderr']").count(), 0);
  const matrix = widget("rank-matrix");
  await matrix.scrollIntoViewIfNeeded();
  for (const measure of ["pixel-flipping", "complexity"]) {
    await matrix.getByRole("button", { name: measure }).click();
    await matrix.locator(`.limpid-rank-measure[aria-pressed='true'][data-measure='${measure}']`).waitFor();
  }
  await matrix.locator(".limpid-tile:not([aria-busy='true']) canvas").first().waitFor();
  await notebook.picture("evaluation-rank-matrix", matrix);
  const grid = notebook.codeCell(5).locator(".limpid-method-grid").first();
  await grid.scrollIntoViewIfNeeded();
  await grid.locator(".limpid-tile").first().click();
  await grid.locator(".limpid-explorer[aria-busy='false']").waitFor();
  await notebook.picture("evaluation-method-grid", grid);
  await notebook.page.keyboard.press("Escape");
  for (const [name, theme, size] of [
    ["dark", "dark", { width: 1100, height: 1300 }],
    ["narrow", "light", { width: 480, height: 2600 }],
  ] as const) {
    await notebook.page.setViewportSize(size);
    await notebook.theme(theme);
    for (const [kind] of spoken) {
      const shown = widget(kind);
      await shown.scrollIntoViewIfNeeded();
      const fits = await shown.evaluate((element) => element.scrollWidth <= element.clientWidth + 1);
      assert.ok(fits, `${kind} fits, ${name}`);
      // What was scrolled away is laid out, and then painted.
      await notebook.page.waitForTimeout(300);
      await notebook.picture(`evaluation-${kind}-${name}`, shown);
    }
  }
  await notebook.page.setViewportSize({ width: 1100, height: 1300 });
  assert.deepEqual(notebook.errors, []);
});

test("a kernel that restarts leaves pictures with locked controls; running the cell makes them live", async () => {
  await notebook.command("docmanager:save");
  await notebook.restart();
  for (const [at, [kind]] of spoken.entries()) {
    const cell = at + 1;
    await stored(cell).scrollIntoViewIfNeeded();
    await inState(cell, "locked");
    assert.ok((await widget(kind).textContent())!.length > 40, `${kind} still says what it showed`);
    for (const control of (await stored(cell)
      .locator("button, input, select, [tabindex='0']")
      .elementHandles()) as ElementHandle<HTMLElement>[]) {
      // Locked, or one that only changes what is seen of the same numbers.
      const isLocked = await control.evaluate(
        (part) =>
          part.closest("[data-locked], [data-writes], [data-reads]") !== null || (part as HTMLButtonElement).disabled,
      );
      assert.ok(isLocked, `${kind}: ${await control.evaluate((part) => part.outerHTML.slice(0, 120))}`);
    }
    await notebook.picture(`evaluation-${kind}-locked`, stored(cell));
  }
});

test("a notebook reopened without its kernel shows the pictures, and what they are of in words", long, async () => {
  await notebook.close();
  notebook = await lab.open("evaluation.ipynb", { width: 800, height: 1300, theme: "dark" });
  for (const [at, [kind, words]] of spoken.entries()) {
    const cell = at + 1;
    await stored(cell).scrollIntoViewIfNeeded();
    await inState(cell, "stored");
    const image = stored(cell).locator("img");
    await image.waitFor();
    const [natural, right, room] = await image.evaluate((seen) => {
      const { naturalWidth } = seen as HTMLImageElement;
      return [
        naturalWidth,
        seen.getBoundingClientRect().right,
        seen.closest(".limpid-stored")!.getBoundingClientRect().right,
      ];
    });
    assert.ok(natural! > 200 && right! <= room! + 1, `${kind}: ${natural} wide, to ${right} of ${room}`);
    assert.match((await image.getAttribute("alt")) ?? "", words);
    await notebook.picture(`evaluation-${kind}-stored`, stored(cell));
  }
  assert.deepEqual(notebook.errors, []);
});

test("a page that is loaded again has the widgets as they were, and they answer", async () => {
  await notebook.runAll();
  await notebook.command("docmanager:save");
  const check = widget("sanity-check");
  await check.scrollIntoViewIfNeeded();
  const said = await check.textContent();
  await notebook.load();
  await check.scrollIntoViewIfNeeded();
  await check.waitFor();
  assert.equal(await changed(() => check.textContent(), null as string | null), said);
  await check.getByRole("slider").first().focus();
  await notebook.page.keyboard.press("ArrowRight");
  await changed(() => check.textContent(), said);
  assert.deepEqual(notebook.errors, []);
});
