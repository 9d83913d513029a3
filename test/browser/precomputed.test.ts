/** A report whose page computes nothing: widgets choose among stored states, name them, and lock what was not computed. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import type { Browser, Locator, Page } from "playwright-core";
import sharp from "sharp";
import { makeReport } from "../../src/reports/report.js";
import { freshPage } from "../page/fresh.js";
import { SCREENSHOTS, startBrowser, WAIT } from "./lab.js";

const CELLS = [
  `import { Explorer, FloatSlider, Heatmap, VBox, loadDigits, loadModel, report, steps, tensorflow, top } from "limpid";
const [model, digits, tf] = await Promise.all([loadModel("mnist-cnn"), loadDigits(), tensorflow()]);
const bytes = digits.pixels.subarray(4 * 784, 5 * 784);
const pixels = Uint8ClampedArray.from({ length: 4 * 784 }, (_, at) => (at % 4 === 3 ? 255 : bytes[at >> 2]!));
const photo = { tensor: tf.tensor4d(Float32Array.from(bytes, (byte) => byte / 255), [1, 28, 28, 1]), pixels, width: 28, height: 28, name: "digit", dispose() {} };
const explorer = new Explorer(model, photo);
report.precompute(explorer, { gamma: steps(0, 1, 5), target: top(3) });
explorer`,
  `const slider = new FloatSlider({ value: 1, min: 0, max: 4, step: 0.1, description: "turns" });
const moved = new Heatmap({ relevance: { shape: [4, 4], values: Float32Array.from({ length: 16 }, (_, i) => i) }, title: "Moved" });
slider.observe(({ new: turns }) => moved.set({ subtitle: turns + " turns" }), "value");
report.precompute(slider, { value: [0, 2, 4] });
new VBox([slider, moved])`,
  `new Heatmap({ relevance: { shape: [4, 4], values: Float32Array.from({ length: 16 }, (_, i) => i - 8) }, title: "Alone" })`,
  `({ [Symbol.for("Jupyter.display")]: () => ({ "text/plain": "A disc", "image/svg+xml": '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"><script>document.title = "broken"</script><circle cx="20" cy="15" r="9" fill="teal"/></svg>' }) })`,
  `const shift = new FloatSlider({ value: 0, min: 0, max: 2, step: 1, description: "shift" });
shift.observe(({ new: by }) => moved.set({ title: "Moved by " + by }), "value");
report.precompute(shift, { value: [0, 1, 2] });
new VBox([shift, new FloatSlider({ value: 1, min: 0, max: 2, step: 1, description: "other" })])`,
  "moved",
  'import { plot } from "limpid"; plot({ y: [1, 3, 2] })',
];

let folder: string;
let browser: Browser;
let page: Page;
const broken: string[] = [];
const asked: string[] = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "limpid-precomputed-"));
  const cells = CELLS.map((source, at) => ({
    ...{ id: `cell-${at}`, cell_type: "code", metadata: {}, source, outputs: [], execution_count: null },
  }));
  const metadata = { kernelspec: { name: "limpid", language: "typescript" }, language_info: { name: "typescript" } };
  const file = join(folder, "stored.ipynb");
  await writeFile(file, JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 }));
  await freshPage();
  const made = await makeReport(file, { levels: { level: "precomputed" } });
  assert.deepEqual(made.warnings, []);
  browser = await startBrowser();
  page = await browser.newPage({ viewport: { width: 1000, height: 1300 } });
  page.setDefaultTimeout(WAIT);
  page.on("pageerror", (error) => broken.push(String(error)));
  page.on("console", (message) => message.type() === "error" && broken.push(message.text()));
  page.on("request", (request) => /^https?:/.test(request.url()) && asked.push(request.url()));
  await page.goto(pathToFileURL(made.file).href);
  await page.waitForFunction(() => document.documentElement.dataset["limpid"] === "stored");
});
after(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

const badge = (view: number) => page.locator(`[data-level-of="${view}"]`);
const explorer = () => page.locator(".limpid-explorer");
const books = () => explorer().locator(".limpid-books").first().innerText();
const says = (view: number, words: RegExp) => badge(view).locator("output", { hasText: words }).waitFor();
/** The picture as it is drawn. */
const drawn = async (): Promise<string> => {
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  return explorer()
    .locator("canvas.limpid-canvas")
    .evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
};

test("each widget says what it is, and why it is no more", async () => {
  const badges = await page.locator("[data-level-of]").all();
  const words = await Promise.all(
    badges.map(async (one) => (await one.locator("> strong, > span:not(.save)").allInnerTexts()).join(" ")),
  );
  assert.match(
    words[0]!,
    /^Precomputed\s+6 states: γ, target; no more, because its author asked for no more \(--precomputed\)$/,
  );
  assert.match(words[1]!, /^Precomputed\s+5 states: turns, shift;/);
  assert.match(words[3]!, /^Precomputed\s+2 states: shift;/);
  assert.match(words[4]!, /^Precomputed\s+5 states: turns, shift;/, "a widget that others' states change");
  assert.match(words[2]!, /^Frozen\s+a picture of when the report was made, because its author/);
});

test("a slider takes stored values alone; picture and numbers follow it, and the state is named", async () => {
  const gamma = explorer().getByLabel("γ", { exact: true });
  const [first, sum] = [await drawn(), await books()];
  await gamma.focus();
  await page.keyboard.press("ArrowRight");
  await says(0, /^γ = 0\.5; target as when the report was made; maps are rounded to 255 levels$/);
  assert.equal(await gamma.inputValue(), "0.5");
  const second = await drawn();
  assert.notEqual(second, first);
  await page.keyboard.press("End");
  await says(0, /^γ = 1;/);
  assert.notEqual(await drawn(), second);
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  await says(0, /^γ = 0\.25;/);
  // What the report shows is not stored again: it is exactly as it was.
  assert.doesNotMatch(await badge(0).locator("output").innerText(), /rounded/);
  assert.equal(await drawn(), first);
  assert.equal(await books(), sum);
});

test("another class comes with γ as when the report was made; one that was not computed is refused, and said", async () => {
  await explorer().getByLabel("γ", { exact: true }).press("End");
  await says(0, /^γ = 1;/);
  const title = explorer().locator(".limpid-title").first();
  const before = await title.innerText();
  await explorer().locator(".limpid-classes button").nth(1).click();
  await says(0, /^target = \d; γ as when the report was made; maps/);
  assert.notEqual(await title.innerText(), before);
  assert.equal(await explorer().getByLabel("γ", { exact: true }).getAttribute("aria-valuetext"), "0.25");
  const now = await title.innerText();
  await explorer().locator(".limpid-classes button").nth(4).click();
  await says(0, /^target \d was not computed; there are \d, \d, \d; maps/);
  assert.equal(await title.innerText(), now);
  assert.equal(
    await explorer().locator(".limpid-classes [aria-pressed='true']").innerText(),
    await explorer().locator(".limpid-classes button").nth(1).innerText(),
  );
  await explorer().locator(".limpid-classes button").nth(1).click();
  await says(0, /^target = \d; γ as/);
});

test("settings without stored states are locked, and say for which there are some", async () => {
  for (const name of ["ε", "Method"]) {
    const control = explorer().getByLabel(name, { exact: true });
    assert.equal(await control.isDisabled(), true, name);
    assert.match((await control.getAttribute("title"))!, /needs the kernel: states were computed only for γ, target/);
  }
  assert.equal(await explorer().getByLabel("Opacity").isEnabled(), true);
  const layer = explorer().getByLabel("Layer", { exact: true });
  const chosen = await layer.inputValue();
  // Arrows read the bars; what Enter would choose was not computed.
  await explorer().locator(".limpid-layers").focus();
  for (const _ of [0, 1, 2]) {
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Control+Enter");
  }
  assert.notEqual(await explorer().locator(".limpid-layer-caption").innerText(), "");
  assert.equal(await layer.inputValue(), chosen);
  const other = page.locator(".noUi-handle").last();
  await other.focus();
  for (const key of ["ArrowRight", "Control+ArrowRight", "Alt+End", "Meta+PageUp"]) await page.keyboard.press(key);
  assert.equal(await other.getAttribute("aria-valuenow"), "1.0");
});

test("Jupyter's own slider moves to what is stored, and with it what observers in cells changed", async () => {
  const handle = page.locator(".noUi-handle").first();
  await handle.focus();
  const turns = () => page.locator(".limpid-heatmap .limpid-subtitle").first().innerText();
  await page.keyboard.press("ArrowRight");
  await says(1, /^turns = 2/);
  assert.equal(await turns(), "2 turns");
  await page.keyboard.press("ArrowRight");
  await says(1, /^turns = 4, the next computed; shift as/);
  assert.equal(await handle.getAttribute("aria-valuenow"), "4.0");
  await page.screenshot({ path: join(SCREENSHOTS, "precomputed.png"), fullPage: true });
});

test("two sliders that change one widget: what one moves takes the other back, and is said beneath all of them", async () => {
  const [turns, shift] = [0, 1].map((at) => page.locator(".noUi-handle").nth(at)) as [Locator, Locator];
  const moved = page.locator(".limpid-heatmap").first();
  assert.equal(await turns.getAttribute("aria-valuenow"), "4.0");
  await shift.focus();
  await page.keyboard.press("ArrowRight");
  for (const view of [1, 3, 4]) await says(view, /^shift = 1; turns as when the report was made$/);
  assert.equal(await moved.locator(".limpid-title").first().innerText(), "Moved by 1");
  assert.equal((await moved.locator(".limpid-subtitle").first().textContent())?.includes("turns"), false);
  assert.equal(await turns.getAttribute("aria-valuenow"), "1.0");
  await turns.focus();
  await page.keyboard.press("ArrowRight");
  for (const view of [1, 3, 4]) await says(view, /^turns = 2.*; shift as when the report was made$/);
  assert.equal(await moved.locator(".limpid-title").first().innerText(), "Moved");
  assert.equal(await moved.locator(".limpid-subtitle").first().innerText(), "2 turns");
  assert.equal(await shift.getAttribute("aria-valuenow"), "0.0");
});

/** Saves by the keyboard alone. */
async function saved(menu: Locator, format: string): Promise<{ name: string; bytes: Buffer }> {
  await menu.getByRole("button", { name: "Save as" }).focus();
  await page.keyboard.press("Enter");
  for (let at = 0; at < ["PNG", "SVG", "CSV"].indexOf(format); at++) await page.keyboard.press("ArrowDown");
  const [download] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("Enter")]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

test("every widget is saved as one sees it, under its title: pixels, drawing, numbers", async () => {
  const menu = badge(0).locator(".save");
  const size = (await explorer().boundingBox())!;
  const png = await saved(menu, "PNG");
  const { width, height } = await sharp(png.bytes).metadata();
  assert.match(png.name, /^why-\d\.png$/);
  assert.deepEqual([width, height], [Math.ceil(2 * size.width), Math.ceil(2 * size.height)]);
  const svg = await saved(menu, "SVG");
  const text = svg.bytes.toString();
  assert.match(svg.name, /^why-\d\.svg$/);
  // Letters are letters, the map is a picture, and what only operates the widget is left out.
  for (const words of [/>What the network sees</, /<image [^>]*href="data:image\/png/, />speaks for</])
    assert.match(text, words);
  assert.doesNotMatch(text, />Opacity<|foreignObject|<script/);
  const read = await page.evaluate(
    (file) => new DOMParser().parseFromString(file, "image/svg+xml").querySelector("parsererror")?.textContent ?? "",
    text,
  );
  assert.equal(read, "");
  await sharp(svg.bytes).png().toFile(join(SCREENSHOTS, "saved-figure.png"));
});

test("numbers are those that are seen: of another state they are others, and add up to its sum", async () => {
  const menu = badge(0).locator(".save");
  const sums: number[] = [];
  for (const key of ["Home", "End"]) {
    await explorer().getByLabel("γ", { exact: true }).press(key);
    await says(0, key === "Home" ? /^γ = 0;/ : /^γ = 1;/);
    const { name, bytes } = await saved(menu, "CSV");
    assert.match(name, /^why-\d\.csv$/);
    const rows = bytes
      .toString()
      .trimEnd()
      .split("\r\n")
      .map((row) => row.split(",").map(Number));
    assert.deepEqual([rows.length, new Set(rows.map((row) => row.length))], [28, new Set([28])]);
    const sum = rows.flat().reduce((a, b) => a + b);
    const said = Number(/relevance ([−\d.]+)/.exec(await books())![1]!.replace("−", "-"));
    // The map is stored in 255 levels, its sum exactly.
    assert.ok(Math.abs(sum - said) < 0.03 * Math.abs(said), `${sum}, ${said}`);
    sums.push(rows.flat()[10 * 28 + 12]!);
  }
  assert.notEqual(sums[0], sums[1]);
  await menu.getByRole("button", { name: "Save as" }).click();
  assert.match((await menu.getByRole("menuitem", { name: /CSV/ }).getAttribute("title"))!, /rounded to 255 levels/);
  await page.keyboard.press("Escape");
  const list = (await saved(badge(1).locator(".save"), "CSV")).bytes.toString();
  assert.match(list, /^quantity,value\r\n/);
  assert.match(list, /^children\[1\]\.relevance\[3\]\[3\],15\r$/m);
});

test("a picture of a cell is saved as well; what it would run stays within", async () => {
  const buttons = page.locator(".output .save").getByRole("button", { name: /^Save (PNG|SVG)/ });
  assert.deepEqual(await buttons.allInnerTexts(), ["Save PNG", "Save SVG"]);
  const files: Buffer[] = [];
  for (const at of [0, 1]) {
    const [download] = await Promise.all([page.waitForEvent("download"), buttons.nth(at).press("Enter")]);
    assert.equal(download.suggestedFilename(), `a-disc.${["png", "svg"][at]}`);
    files.push(await readFile(await download.path()));
  }
  const { width, height } = await sharp(files[0]).metadata();
  assert.deepEqual([width, height], [80, 60]);
  assert.doesNotMatch(files[1]!.toString(), /<script/);
  assert.equal(await page.title(), "stored");
});

test("a chart of a dark page is light on paper, in the frame that is printed", async () => {
  await page.locator(".limpid-plot-area .xtick text").first().waitFor();
  await page.getByRole("button", { name: "Dark theme" }).click();
  const ink = () =>
    page.evaluate(() => getComputedStyle(document.querySelector(".limpid-plot-area .xtick text")!).fill);
  const lightness = (color: string) => Math.max(...color.match(/\d+/g)!.slice(0, 3).map(Number));
  await drawn();
  await page.waitForFunction(
    () =>
      Number(/\d+/.exec(getComputedStyle(document.querySelector(".limpid-plot-area .xtick text")!).fill)?.[0]) > 140,
  );
  const dark = await ink();
  const printed = await page.evaluate(async () => {
    dispatchEvent(new Event("beforeprint"));
    // What a browser does between the event and the paper: no frame is drawn.
    await Promise.resolve();
    return getComputedStyle(document.querySelector(".limpid-plot-area .xtick text")!).fill;
  });
  await page.evaluate(() => dispatchEvent(new Event("afterprint")));
  assert.ok(lightness(dark) > 140 && lightness(printed) < 140, `${dark} in the dark, ${printed} on paper`);
});

test("nothing breaks, and nothing is asked of a network", () => {
  assert.deepEqual([broken, asked], [[], []]);
});
