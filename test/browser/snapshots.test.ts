/**
 * Every widget in every state, as it is drawn: the pictures lie in test/browser/snapshots/WIDGET/STATE.png, to be looked
 * at in a review. `npm run test:snapshots -- --update` takes them again.
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Locator } from "playwright-core";
import sharp from "sharp";
import { type Lab, type Notebook, ROOT, SCREENSHOTS, startLab } from "./lab.js";
import { decoded, differences, reduced } from "./pictures.js";
import { opening, others, shown } from "./widget-states.js";

const FOLDER = join(ROOT, "test", "browser", "snapshots");
const UPDATE = process.env["LIMPID_UPDATE_SNAPSHOTS"] === "1";
const WAIT = 60_000;

/** One font for all machines, no motion, and a fixed share of what goes on: what is left is the widget. */
async function prepare({ page }: Notebook): Promise<void> {
  const font = (subset: string) =>
    readFile(
      join(ROOT, "node_modules/@fontsource-variable/inter/files", `inter-${subset}-wght-normal.woff2`),
      "base64",
    );
  const faces = await Promise.all(
    [
      ["latin", "U+0000-02FF,U+2000-206F,U+20AC,U+2212"],
      ["greek", "U+0370-03FF"],
    ].map(
      async ([subset, range]) =>
        `@font-face { font-family: Snapshot; src: url(data:font/woff2;base64,${await font(subset!)}); unicode-range: ${range}; font-weight: 100 900; }`,
    ),
  );
  await page.addStyleTag({
    content: `${faces.join("\n")}
      * { font-family: Snapshot, sans-serif !important; animation: none !important; transition: none !important; caret-color: transparent !important; }
      .limpid-progress-fill { width: 40% !important; }
      .limpid-progress-words { width: 180px; height: 20px; overflow: hidden; color: transparent !important; }`,
  });
  await page.evaluate(async () => {
    await Promise.all(["12px", "bold 12px"].map((style) => document.fonts.load(`${style} Snapshot`, "aγ")));
  });
}

/** Waits until nothing is at work, and two frames after. */
async function still(widget: Locator): Promise<void> {
  await widget.waitFor({ timeout: WAIT });
  await widget.scrollIntoViewIfNeeded();
  const page = widget.page();
  await page.waitForFunction(
    (element) =>
      element?.getAttribute("aria-busy") !== "true" && element?.querySelector("[aria-busy='true']:not(:scope)") == null,
    await widget.elementHandle(),
    { timeout: WAIT },
  );
  await page.mouse.move(0, 0);
  await widget.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

async function screenshot(widget: Locator): Promise<Buffer> {
  return reduced(await widget.screenshot({ animations: "disabled", caret: "hide" }));
}

/** Compares a widget with its stored picture, or stores it. */
async function compare(name: string, widget: Locator): Promise<void> {
  const png = await screenshot(widget);
  const file = join(FOLDER, `${name}.png`);
  if (UPDATE) {
    await mkdir(dirname(file), { recursive: true });
    // What shows the same is left as it is, so that a review sees what changed.
    if (existsSync(file) && differences(await decoded(await readFile(file)), await decoded(png)).length === 0) return;
    await writeFile(file, png);
    return;
  }
  assert.ok(existsSync(file), `${name} has no picture yet: npm run test:snapshots -- --update`);
  const parts = differences(await decoded(await readFile(file)), await decoded(png));
  if (parts.length === 0) return;
  const kept = join(SCREENSHOTS, "snapshots", `${name}.png`);
  await mkdir(dirname(kept), { recursive: true });
  await writeFile(kept, png);
  assert.fail(
    `${name} looks otherwise than ${file} at ${JSON.stringify(parts)}: see ${kept}; if it should, npm run test:snapshots -- --update`,
  );
}

let lab: Lab;
const cells = [opening, ...Object.values(shown), ...Object.values(others)].filter((cell) => cell !== "");
/** What a widget's cell shows; a box of controls is one output. */
const widgetOf = (notebook: Notebook, source: string) =>
  notebook.output(cells.indexOf(source)).locator(".limpid-widget, .widget-vbox").first();

before(async () => {
  lab = await startLab();
  await lab.write("all.ipynb", cells);
  await lab.write("shown.ipynb", cells.slice(0, 1 + Object.keys(shown).length));
});
after(() => lab?.close());

describe("the widgets in the light", () => {
  let notebook: Notebook;
  before(async () => {
    notebook = await lab.open("all.ipynb", { width: 1100, height: 1200 });
    await prepare(notebook);
    await notebook.runAll();
  });
  after(() => notebook?.close());

  for (const [widget, source] of Object.entries(shown)) {
    test(`${widget}, shown`, async () => {
      const element = widgetOf(notebook, source);
      await still(element);
      await compare(`${widget}/shown`, element);
    });
  }

  for (const [name, source] of Object.entries(others)) {
    if (source === "") continue;
    test(name.replace("/", ", "), async () => {
      const element = widgetOf(notebook, source);
      await element.waitFor({ timeout: WAIT });
      await element.scrollIntoViewIfNeeded();
      await notebook.page.mouse.move(0, 0);
      await compare(name, element);
    });
  }

  test("explorer, as the README shows it", async () => {
    const file = join(ROOT, "docs", "pictures", "explorer.webp");
    if (UPDATE) {
      const element = widgetOf(notebook, shown.explorer);
      await still(element);
      await mkdir(dirname(file), { recursive: true });
      const png = await element.screenshot({ animations: "disabled" });
      await writeFile(file, await sharp(png).webp({ quality: 85, effort: 6 }).toBuffer());
    }
    const { width, height, format } = await sharp(file).metadata();
    assert.equal(format, "webp");
    assert.ok(width > 800 && height > 500, `${width} × ${height}`);
    assert.ok((await readFile(file)).length <= 150_000);
  });

  test("explorer, loading", async () => {
    const element = widgetOf(notebook, shown.explorer);
    await element.getByLabel("Method").selectOption("occlusion");
    await element.getByLabel("Window", { exact: true }).fill("4");
    await notebook.page.keyboard.press("Enter");
    await element.locator("[role='progressbar'][aria-valuenow]").waitFor({ timeout: WAIT });
    await compare("explorer/loading", element);
    await element.getByRole("button", { name: "Stop" }).click();
  });

  test("a picture without one of its parts is another picture; letters that are drawn otherwise are not", async () => {
    const element = widgetOf(notebook, shown.heatmap);
    await still(element);
    const whole = await decoded(await screenshot(element));
    const changedBy = async (css: string) => {
      const style = await notebook.page.addStyleTag({ content: css });
      const changed = await decoded(await screenshot(element));
      await style.evaluate((added) => (added as unknown as { remove(): void }).remove());
      return differences(whole, changed);
    };
    for (const css of [
      ".limpid-color-bar { visibility: hidden !important; }",
      ".limpid-looks > :nth-child(1) { visibility: hidden !important; }",
      ".limpid-looks > :nth-child(2) { visibility: hidden !important; }",
      ".limpid-looks > :nth-child(3) { display: none !important; }",
      ".limpid-books { visibility: hidden !important; }",
      ".limpid-picture { filter: hue-rotate(90deg); }",
    ]) {
      assert.notDeepEqual(await changedBy(css), [], css);
    }
    for (const css of [
      "* { letter-spacing: 0.1px !important; }",
      "* { -webkit-text-stroke: 0.2px; }",
      "* { text-rendering: geometricPrecision !important; font-variation-settings: 'wght' 440; }",
      ".limpid-widget { transform: translate(0.5px, 0.5px); }",
    ]) {
      assert.deepEqual(await changedBy(css), [], css);
    }
  });
});

for (const [look, options] of [
  ["dark", { theme: "dark", width: 1100 }],
  // Higher than the highest widget: what the page cuts off is not seen.
  ["narrow", { width: 480, height: 3600 }],
] as const) {
  test(`the widgets, ${look}`, async () => {
    const notebook = await lab.open("shown.ipynb", { height: 1200, ...options });
    try {
      await prepare(notebook);
      await notebook.runAll();
      for (const [widget, source] of Object.entries(shown)) {
        const element = widgetOf(notebook, source);
        await still(element);
        await compare(`${widget}/${look}`, element);
      }
    } finally {
      await notebook.close();
    }
  });
}

test("the folder is small enough to be kept", async () => {
  const sizes = await Promise.all(
    [
      ...Object.keys(shown).flatMap((widget) => ["shown", "dark", "narrow"].map((look) => `${widget}/${look}`)),
      ...Object.keys(others),
    ].map(async (name) => {
      const file = join(FOLDER, `${name}.png`);
      assert.ok((await sharp(file).metadata()).width, name);
      return (await readFile(file)).length;
    }),
  );
  assert.ok(sizes.reduce((sum, size) => sum + size) < 2_000_000);
});
