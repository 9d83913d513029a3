/** A report opened from a disk without a network: its notebook runs again in the page. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { makeReport } from "../../src/reports/report.js";
import { ROOT, startBrowser } from "../browser/lab.js";
import { openReport } from "../browser/report-page.js";
import { scratchFolder } from "../helpers/scratch.js";
import { changed } from "../helpers/until.js";
import { freshPage } from "./fresh.js";

const folder = scratchFolder("live-report");
let browser: Browser;
before(async () => {
  await freshPage();
  browser = await startBrowser();
});
after(() => browser?.close());

async function reportOf(name: string, cells: readonly string[]): Promise<string> {
  const file = join(folder, `${name}.ipynb`);
  const notebook = {
    cells: cells.map((source, index) => ({
      ...{ id: `cell-${index}`, cell_type: "code", metadata: {}, source, outputs: [], execution_count: null },
    })),
    metadata: { language_info: { name: "typescript" } },
    ...{ nbformat: 4, nbformat_minor: 5 },
  };
  await writeFile(file, JSON.stringify(notebook));
  return (await makeReport(file)).file;
}

const opened = (file: string) => openReport(browser, file, { offline: true, viewport: { width: 1100, height: 1400 } });

const phase = (page: Page, wanted: string) =>
  page.waitForFunction((name) => document.documentElement.dataset["limpid"] === name, wanted);

/** A number that stands for what a view's first canvas shows. */
const pixels = (page: Page, view: number) =>
  page.evaluate((at) => {
    const canvas = document.querySelector<HTMLCanvasElement>(`[data-view="${at}"] canvas`)!;
    const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
    return data.reduce((sum, byte, place) => (sum * 31 + byte * (place % 7)) | 0, 0);
  }, view);

const CELLS = [
  `import { Explorer, loadDigits, loadImage, loadModel, pictureSheet } from "limpid";
const model = await loadModel("mnist-cnn");
const { pixels } = await loadDigits({ count: 10 });
const ink = Float32Array.from(pixels.subarray(784 * 3, 784 * 4), (byte) => byte / 255);
const digit = await loadImage(pictureSheet([[ink]], model.input, { enlarge: 1 }).png, model.input);
const explorer = new Explorer(model, digit);
explorer`,
  `import { FloatSlider, Label, VBox } from "limpid";
const slider = new FloatSlider({ max: 1, description: "strength" });
const label = new Label({ value: "not moved" });
slider.observe(({ new: value }) => { label.value = "strength " + value; console.log("moved to", value); }, "value");
new VBox([slider, label])`,
  `import { readdirSync } from "node:fs";
const many = readdirSync(".").length;
new Label({ value: "files: " + many })`,
  `import { Heatmap } from "limpid";
const photo = await loadImage("chelsea.png", { shape: [32, 32, 3], mean: 0, scale: 255, crop: 1 });
console.log("photo", (await photo.tensor.sum().data())[0]!.toFixed(3));
new Heatmap({ image: photo, title: many > 0 ? "a cat" : "" })`,
  `import { Heatmap } from "limpid";
const other = await loadImage("chelsea.png", { shape: [32, 32, 3], mean: 0, scale: 255, crop: 1 });
new Heatmap({ image: other, title: "another cat" })`,
];

test("the notebook's widgets show what it left, then compute, and ask the network for nothing", async () => {
  const { page, requests, errors, close } = await opened(await reportOf("study", CELLS));
  try {
    await page.waitForFunction(() => document.documentElement.dataset["limpid"] !== undefined);
    // Painted in the frame after: until then all is transparent.
    const stored = await changed(() => pixels(page, 0), 0, "the stored picture was never painted");
    const heading = () => page.locator('[data-view="0"] .limpid-widget').first().innerText();
    const words = (await heading()).split("\n", 2);
    await phase(page, "live");
    const states = () =>
      page.evaluate(() =>
        [...document.querySelectorAll<HTMLElement>("[data-view]")].map((view) => view.dataset["state"]),
      );
    // The third cell reads the disk, the fourth uses what it counted.
    assert.deepEqual(await states(), ["live", "live", "stored", "stored", "live"]);
    const reasons = await page.evaluate(() => {
      const manifest = JSON.parse(document.getElementById("limpid-manifest")!.textContent) as {
        views: { reason?: string }[];
      };
      return manifest.views.map(({ reason }) => reason ?? "");
    });
    assert.match(reasons[2]!, /it imports "node:fs"/);
    assert.match(reasons[3]!, /it uses many/);
    assert.deepEqual([reasons[0], reasons[1], reasons[4]], ["", "", ""]);

    // The page's own computation comes to the same picture.
    await page.waitForTimeout(200);
    assert.equal(await pixels(page, 0), stored);
    assert.deepEqual((await heading()).split("\n", 2), words);
    assert.match(words[1]!, /^output \d+\.\d\d · relevance/);

    const gamma = page.locator('[data-view="0"] input[type=range]').last();
    await gamma.focus();
    for (let press = 0; press < 5; press++) await page.keyboard.press("ArrowRight");
    await page.waitForFunction((before) => {
      const canvas = document.querySelector<HTMLCanvasElement>('[data-view="0"] canvas')!;
      const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
      return data.reduce((sum, byte, place) => (sum * 31 + byte * (place % 7)) | 0, 0) !== before;
    }, stored);

    // What the author's observer does happens in the page.
    const view = page.locator('[data-view="1"]');
    await view.locator(".noUi-handle").focus();
    await page.keyboard.press("End");
    await view.getByText("strength 1").waitFor();
    await page.getByText("moved to 1").waitFor();

    await page.getByRole("button", { name: "Run again", exact: true }).click();
    await phase(page, "starting");
    await phase(page, "live");
    await view.getByText("not moved").waitFor();
    assert.equal(await page.getByText("moved to 1").count(), 0);
    await view.locator(".noUi-handle").focus();
    await page.keyboard.press("End");
    await view.getByText("strength 1").waitFor();
    assert.deepEqual(requests.slice(1), []);
    assert.deepEqual(errors, []);
  } finally {
    await close();
  }
});

/** What each widget does, and what the line beneath it says. */
const said = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>("[data-view]")].map(({ dataset }) => {
      const badge = document.querySelector(`[data-level-of="${dataset["view"]}"]`)!;
      return [dataset["state"], badge.children[0]!.textContent, badge.children[1]!.textContent];
    }),
  );

/** What axe finds in a page, by rule. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(await readFile(join(ROOT, "node_modules/axe-core/axe.min.js"), "utf8"));
  return page.evaluate(async () => {
    type Found = { violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] };
    const { axe } = window as never as { axe: { run(root: Document, options: object): Promise<Found> } };
    const { violations: found } = await axe.run(document, { resultTypes: ["violations"] });
    return found.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 300)} ${failureSummary}`),
    );
  });
}

test("a run can be stopped, also one that does not listen; what was live stays, locked, and runs again", async () => {
  const cells = [
    `import { FloatSlider, Label, VBox } from "limpid";
const slider = new FloatSlider({ max: 1 });
const label = new Label({ value: "not moved" });
slider.observe(({ new: value }) => { label.value = "moved to " + value; }, "value");
new VBox([slider, label])`,
    // Node.js passes this by; a page stays in it.
    `const page = (globalThis as any).process === undefined;
const until = Date.now() + (page ? 20_000 : 0);
while (Date.now() < until) Math.sqrt(until);`,
    `new Label({ value: "the end" })`,
  ];
  const { page, errors, close } = await opened(await reportOf("endless", cells));
  const running = () =>
    page.waitForFunction(() => document.querySelector('[data-cell="1"]')?.getAttribute("data-replay") === "running");
  const button = (name: string) => page.getByRole("button", { name, exact: true });
  try {
    for (const turn of ["first", "again"]) {
      await running();
      assert.deepEqual((await said(page))[0]!.slice(0, 2), ["live", "Live"], turn);
      await button("Stop").click();
      await phase(page, "stopped");
      if (turn === "again") break;
      await page.getByText("did not listen and was ended").waitFor();
      assert.deepEqual(await said(page), [
        ["ended", "Frozen", "the page's kernel was ended: this is what it computed last"],
        ["failed", "Not live", "a picture of when the report was made: the run was stopped before it"],
      ]);
      await button("Run again").click();
      // Until its successor is there the widget is there, and says that it is locked.
      assert.equal((await said(page))[0]![0], "ended");
      assert.equal(await page.locator('[data-view="0"] .noUi-handle').count(), 1);
    }
    // Within the time that a stopped kernel has: the next one is not touched by it.
    await button("Run again").click();
    await running();
    await page.waitForTimeout(3300);
    assert.equal(await page.evaluate(() => document.documentElement.dataset["limpid"]), "running");
    assert.equal((await said(page))[0]![0], "live");
    assert.equal(await page.locator('[data-view="0"] .noUi-handle').count(), 1);
    assert.deepEqual(errors, []);
  } finally {
    await close();
  }
});

test("a stop leaves what is live alive; a second run that is stopped empties no place", async () => {
  const cells = [
    `import { FloatSlider, Label, VBox } from "limpid";
const slider = new FloatSlider({ max: 1 });
const label = new Label({ value: "not moved" });
slider.observe(({ new: value }) => {
  for (let turn = 0; turn < 10; turn++) label.value = "moved to " + value;
}, "value");
new VBox([slider, label])`,
    `const page = (globalThis as any).process === undefined;
if (page) await new Promise(() => {});`,
    `new Label({ value: "the end" })`,
  ];
  const { page, errors, close } = await opened(await reportOf("waits", cells));
  try {
    for (const turn of ["first", "second"]) {
      await page.waitForFunction(
        () => document.querySelector('[data-cell="1"]')?.getAttribute("data-replay") === "running",
      );
      await page.getByRole("button", { name: "Stop", exact: true }).click();
      await page.waitForFunction(() => document.querySelector('[data-view="1"]')?.getAttribute("data-why"));
      const view = page.locator('[data-view="0"]');
      await view.getByText("not moved").waitFor();
      await view.locator(".noUi-handle").focus();
      await page.keyboard.press("End");
      await view.getByText("moved to 1").waitFor();
      assert.deepEqual((await said(page))[1], [
        "failed",
        "Not live",
        "a picture of when the report was made: the run was stopped before it",
      ]);
      if (turn === "first") await page.getByRole("button", { name: "Run again", exact: true }).click();
    }
    // Stopped before anything could come in its place.
    await page.getByRole("button", { name: "Run again", exact: true }).click();
    await page.getByRole("button", { name: "Stop", exact: true }).click();
    await page.waitForFunction(() => document.querySelector('[data-view="1"]')?.getAttribute("data-why"));
    await page.locator('[data-view="0"]').getByText(/moved/).waitFor();
    assert.match((await said(page))[0]![0]!, /^(ended|live)$/);
    assert.deepEqual(errors, []);
  } finally {
    await close();
  }
});

test("an answer and a look that were chosen before the page is live hold for what comes in their place, also when it runs again", async () => {
  const cells = [
    `import { Button, Choice, Heatmap } from "limpid";
const go = new Button({ description: "Go on" });
const pressed = new Promise<void>((done) => go.onClick(() => done()));
go`,
    `// In the page, until whoever reads it says so.
if ((globalThis as any).process === undefined) await pressed;`,
    `const question = new Choice("Which map is of the cat?", ["left", "right"], { answer: "left" });
question.observe(() => console.log("given", question.given), "given");
question`,
    `const map = new Heatmap({ relevance: { shape: [2, 2], values: Float32Array.of(1, -1, 0.5, 0) } });
map.observe(() => console.log("percentile", map.percentile), "percentile");
map`,
    `import { HBox, Label, Tab, VBox } from "limpid";
const inner = new Choice("And which of the dog?", ["upper", "lower"], { answer: "upper" });
inner.observe(() => console.log("inner", inner.given), "given");
const first = new Tab([new Label({ value: "page one" }), new HBox([new Label({ value: "beside" }), inner])], { titles: ["One", "Two"] });
first.observe(({ new: open }) => console.log("opened", open), "selected_index");
new VBox([new Label({ value: "in boxes" }), first])`,
  ];
  const { page, errors, close } = await opened(await reportOf("early", cells));
  try {
    await page.waitForFunction(
      () => document.querySelector('[data-view="1"]')?.getAttribute("data-state") === "stored",
    );
    const view = page.locator('[data-view="1"]');
    await view.getByRole("button", { name: "right" }).click();
    const range = page.locator('[data-view="2"] input[type=range]').last();
    await range.focus();
    await page.keyboard.press("Home");
    const boxed = page.locator('[data-view="3"]');
    await boxed.getByRole("tab", { name: "Two" }).click();
    await boxed.getByRole("button", { name: "lower" }).click();
    const chosen = await range.inputValue();
    for (const turn of ["first", "again"]) {
      await phase(page, "running");
      await page.locator('[data-view="0"][data-state="live"]').getByRole("button", { name: "Go on" }).click();
      await phase(page, "live");
      await view.getByText("You chose “right”; the answer is “left”.").waitFor();
      assert.equal((await said(page))[1]![0], "live", turn);
      // The page's kernel knows, too.
      await page.getByText("given [ 1 ]").waitFor();
      await page.getByText(`percentile ${chosen}`).waitFor();
      await boxed.getByText("You chose “lower”; the answer is “upper”.").waitFor();
      await page.getByText("inner [ 1 ]").waitFor();
      await page.getByText("opened 1").waitFor();
      if (turn === "first") await page.getByRole("button", { name: "Run again", exact: true }).click();
    }
    assert.deepEqual(errors, []);
  } finally {
    await close();
  }
});

const FAILING = [
  `const page = (globalThis as any).process === undefined;
import { FloatSlider, Label, VBox, display } from "limpid";
const slider = new FloatSlider({ max: 1 });
const richText = (html: string) => ({ [Symbol.for("Jupyter.display")]: () => ({ "text/html": html, "text/plain": "plain" }) });
const status = display(richText("<b>at first</b>"));
slider.observe(({ new: value }) => {
  status.update(richText("<b>now " + value + "</b><script>document.title = 'bad'</script>"));
  display(richText("<i>more " + value + "</i>"));
  console.log("printed", value);
}, "value");
setTimeout(() => { if (page) throw new Error("a timer broke"); }, 0);
await new Promise((resolve) => setTimeout(resolve, 20));
display(slider);`,
  `if (page) throw new TypeError("not in a browser");
const text = "fine";
new Label({ value: text })`,
  "new Label({ value: `uses ${text}` })",
  `console.log("last")`,
];

test("what fails says so beneath it and in its place; a timer's error ends nothing; later outputs go to their cell", async () => {
  const { page, errors, close } = await opened(await reportOf("failing", FAILING));
  try {
    await phase(page, "live");
    assert.deepEqual(await said(page), [
      ["live", "Live", "computes in this page"],
      ["failed", "Not live", "a picture of when the report was made: its cell failed here, see beneath it"],
      ["failed", "Not live", "a picture of when the report was made: it uses text of cell 2, which failed here"],
    ]);
    const beneath = (cell: number) => page.locator(`[data-cell="${cell}"] > .limpid-later`);
    assert.match(await beneath(1).innerText(), /TypeError: not in a browser/);
    assert.match(await page.locator("#limpid-status").innerText(), /Live: 1 of 3 widgets/);

    await page.locator('[data-view="0"] .noUi-handle').focus();
    await page.keyboard.press("End");
    // In the place of what the cell showed, sanitized; the rest beneath the cell that made the slider.
    await page.locator('[data-cell="0"] > .outputs b', { hasText: "now 1" }).waitFor();
    await beneath(0).locator("i", { hasText: "more 1" }).waitFor();
    await beneath(0).getByText("printed 1").waitFor();
    assert.equal(await page.locator(".outputs").getByText("at first").count(), 0);
    assert.notEqual(await page.title(), "bad");
    assert.deepEqual(await violations(page), []);
    assert.deepEqual(errors, []);
  } finally {
    await close();
  }
});

test("a page in which nothing becomes live says so, and one whose script breaks says why", async () => {
  const file = await reportOf("nothing", [
    `import { Label } from "limpid";
if ((globalThis as any).process === undefined) throw new Error("not here");
new Label({ value: "made" })`,
  ]);
  const { page, errors, close } = await opened(file);
  try {
    await phase(page, "failed");
    assert.match(await page.locator("#limpid-status").innerText(), /^Not live: nothing here is computed in this page/);
    assert.deepEqual(await violations(page), []);
    assert.deepEqual(errors, []);
  } finally {
    await close();
  }
  const broken = join(folder, "broken.html");
  await writeFile(broken, (await readFile(file, "utf8")).replace('id="limpid-manifest"', 'id="nothing"'));
  const other = await opened(broken);
  try {
    await phase(other.page, "broken");
    await other.page.getByRole("alert").getByText('This file has no part "limpid-manifest"').waitFor();
  } finally {
    await other.close();
  }
});
