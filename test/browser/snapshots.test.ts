/**
 * Every widget in every state, as it is drawn: the pictures lie in test/browser/snapshots/WIDGET/STATE.png, to be looked
 * at in a review. `npm run test:snapshots -- --update` takes them again.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import type { Locator } from "playwright-core";
import sharp from "sharp";
import { WIDGET_VIEW } from "../../src/comms/states/module.js";
import { share } from "../every.js";
import { type Lab, type Notebook, ROOT, SCREENSHOTS, startLab } from "./lab.js";
import { BLOCK, type Difference, decoded, differences, type Picture, reduced } from "./pictures.js";
import { chosen, joined, type NotebookFile, VIEWERS } from "./plain-viewers.js";
import { opening, others, shown } from "./widget-states.js";

const FOLDER = join(ROOT, "test", "browser", "snapshots");
const UPDATE = process.env["LIMPID_UPDATE_SNAPSHOTS"] === "1";
/** How long a picture may differ before it counts, and how long it rests between two looks, in milliseconds. */
const LATE = 10_000;
const PAUSE = 200;

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
      * { font-family: Snapshot, sans-serif !important; }
      .limpid-cell-lines, .limpid-cell-lines * { font-family: monospace !important; }
      * { animation: none !important; transition: none !important; caret-color: transparent !important; }
      .limpid-progress-fill { width: 40% !important; }
      .limpid-progress-words { width: 180px; height: 20px; overflow: hidden; color: transparent !important; }`,
  });
  await page.evaluate(async () => {
    await Promise.all(["12px", "bold 12px"].map((style) => document.fonts.load(`${style} Snapshot`, "aγ")));
  });
}

/** Waits until nothing is at work, and two frames after. */
async function still(widget: Locator): Promise<void> {
  await widget.waitFor();
  await widget.scrollIntoViewIfNeeded();
  const page = widget.page();
  await page.waitForFunction(
    (element) =>
      element?.getAttribute("aria-busy") !== "true" && element?.querySelector("[aria-busy='true']:not(:scope)") == null,
    await widget.elementHandle(),
  );
  await page.mouse.move(0, 0);
  await widget.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

async function screenshot(widget: Locator): Promise<Buffer> {
  return reduced(await widget.screenshot({ animations: "disabled", caret: "hide" }));
}

/** A screenshot that is the same as the one before it: what is painted late is in it. */
async function steady(widget: Locator): Promise<Buffer> {
  for (let last = await screenshot(widget), turn = 0; turn < 20; turn++) {
    await widget.page().waitForTimeout(PAUSE);
    const next = await screenshot(widget);
    if (next.equals(last)) return next;
    last = next;
  }
  throw new Error("The widget does not come to rest, so no picture of it can be kept.");
}

/** Where points lie after many steps, and which of two near ranks is first: both hang on last bits, which processors sum in their own order. */
const OPEN = ".limpid-scatter, .limpid-flip-ranks";

/** Parts of a picture of a widget that may not look otherwise. */
async function binding(widget: Locator, parts: readonly Difference[], { width }: Picture): Promise<Difference[]> {
  const open = await widget.evaluate(
    (root, [selector, pixels]) => {
      const whole = root.getBoundingClientRect();
      const scale = pixels / whole.width;
      return [...root.querySelectorAll(selector)].map((part) => {
        const { left, top, right, bottom } = part.getBoundingClientRect();
        const [x, y] = [whole.left, whole.top];
        return { left: left - x, top: top - y, right: right - x, bottom: bottom - y, scale };
      });
    },
    [OPEN, width] as const,
  );
  const isWithin = (part: Difference) =>
    open.some(
      ({ scale, ...box }) =>
        part.left >= box.left * scale - BLOCK &&
        part.top >= box.top * scale - BLOCK &&
        part.right <= box.right * scale + BLOCK &&
        part.bottom <= box.bottom * scale + BLOCK,
    );
  return parts.filter((part) => !isWithin(part));
}

/** Compares a widget with its stored picture, or stores it. What a busy machine paints late has its time to come. */
async function compare(name: string, widget: Locator): Promise<void> {
  const file = join(FOLDER, `${name}.png`);
  if (UPDATE) {
    const png = await steady(widget);
    await mkdir(dirname(file), { recursive: true });
    // What shows the same is left as it is, so that a review sees what changed.
    if (existsSync(file) && differences(await decoded(await readFile(file)), await decoded(png)).length === 0) return;
    await writeFile(file, png);
    return;
  }
  assert.ok(existsSync(file), `${name} has no picture yet: npm run test:snapshots -- --update`);
  const wanted = await decoded(await readFile(file));
  let png = await screenshot(widget);
  const look = async () => {
    const found = await decoded(png);
    return binding(widget, differences(wanted, found), found);
  };
  let parts = await look();
  for (const deadline = Date.now() + LATE; parts.length > 0 && Date.now() < deadline; ) {
    await widget.page().waitForTimeout(PAUSE);
    png = await screenshot(widget);
    parts = await look();
  }
  if (parts.length === 0) return;
  const kept = join(SCREENSHOTS, "snapshots", `${name}.png`);
  await mkdir(dirname(kept), { recursive: true });
  await writeFile(kept, png);
  assert.fail(
    `${name} looks otherwise than ${file} at ${JSON.stringify(parts)}: see ${kept}; if it should, npm run test:snapshots -- --update`,
  );
}

/** Canvases that have as many pixels as the page gives them. */
const FITTED = [
  ".limpid-canvas",
  ".limpid-small-map",
  ".limpid-scatter-canvas",
  ".limpid-flip-marks",
  ".limpid-tile-canvas",
  ".limpid-slice-canvas",
].join();

let lab: Lab;
/** A widget that holds what other code shows, and every control by itself. */
const HOLDING = `const { Output, FloatSlider, FloatProgress, Label, display } = await import("limpid");
const place = new Output();
place.print("what a cell prints");
place.append(new Heatmap({ image: photo, relevance: explained, title: "Within" }));
const controls = [new IntSlider(), new FloatSlider(), new FloatLogSlider(), new Checkbox({ description: "bias" }), new Button({ description: "go" }), new Dropdown({ options: ["a", "b"] }),
  new ToggleButtons({ options: ["a", "b"] }), new Text({ value: "words" }), new Label({ value: "words" }), new HTML({ value: "<b>words</b>" }), new IntProgress({ value: 30 }), new FloatProgress({ value: 30 }),
  new HBox([new Label({ value: "in a box" })]), new VBox([new Label({ value: "in a box" })])];
for (const one of [place, ...controls]) display(one);`;
const HELD = 15;
const further = share(Object.entries(others), 3);
const cells = [opening, ...Object.values(shown), ...further.map(([, source]) => source), HOLDING].filter(
  (cell) => cell !== "",
);
/** What a widget's cell shows; a box of controls is one output. */
const widgetOf = (notebook: Notebook, source: string) =>
  notebook.output(cells.indexOf(source)).locator(".limpid-widget, .limpid-module-widget, .widget-vbox").first();

before(async () => {
  lab = await startLab();
  await lab.write("all.ipynb", cells);
});
after(() => lab?.close());

describe("the widgets", () => {
  let notebook: Notebook;
  before(async () => {
    notebook = await lab.open("all.ipynb", { width: 1100, height: 1700 });
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

  // The same widgets in another theme, and in another width.
  for (const [first, [look, theme, size]] of (
    [
      ["dark", "dark", { width: 1100, height: 1700 }],
      // Higher than the highest widget: what the page cuts off is not seen.
      ["narrow", "light", { width: 480, height: 3600 }],
    ] as const
  ).entries()) {
    test(`what is shown, ${look}`, async () => {
      await notebook.page.setViewportSize(size);
      await notebook.theme(theme);
      for (const [widget, source] of share(Object.entries(shown), 2, first)) {
        const element = widgetOf(notebook, source);
        await still(element);
        await compare(`${widget}/${look}`, element);
      }
    });
  }

  test("the window is wide again", async () => {
    await notebook.page.setViewportSize({ width: 1100, height: 1700 });
    await still(widgetOf(notebook, shown.explorer));
  });

  test("what is taken out of the page while it is to be painted anew is painted when it is put back within the frame", async () => {
    for (const [widget, source] of share(Object.entries(shown), 3)) {
      const element = widgetOf(notebook, source);
      await element.scrollIntoViewIfNeeded();
      const blurred = await element.evaluate(async (view: HTMLElement, classes) => {
        const frame = () => new Promise((done) => requestAnimationFrame(done));
        const place = view.nextSibling;
        const around = view.parentElement!;
        view.style.width = "611px";
        await new Promise<void>((done) =>
          requestAnimationFrame(() => {
            requestAnimationFrame(() => view.remove());
            // Told after the widget's own, which ask for the next frame before this one does.
            const told = new ResizeObserver(() => {
              told.disconnect();
              requestAnimationFrame(() => {
                around.insertBefore(view, place);
                done();
              });
            });
            told.observe(view);
          }),
        );
        for (let turn = 0; turn < 3; turn++) await frame();
        const canvases = [...view.querySelectorAll<HTMLCanvasElement>(classes)].filter((one) => one.clientWidth > 0);
        const wrong = canvases.filter((one) => Math.abs(one.width - one.clientWidth * devicePixelRatio) > 1);
        view.style.width = "";
        return wrong.map((one) => `${one.className}: ${one.width} pixels on ${one.clientWidth}`);
      }, FITTED);
      assert.deepEqual(blurred, [], widget);
    }
  });

  for (const [name, source] of further) {
    if (source === "") continue;
    test(name.replace("/", ", "), async () => {
      const element = widgetOf(notebook, source);
      await element.waitFor();
      await element.scrollIntoViewIfNeeded();
      await notebook.page.mouse.move(0, 0);
      await compare(name, element);
    });
  }

  test("the file has a picture of every widget in every state, which viewers without widgets and nbconvert show", async () => {
    await notebook.command("docmanager:save");
    const file = join(lab.folder, "all.ipynb");
    const saved = JSON.parse(await readFile(file, "utf8")) as NotebookFile;
    const widgets = saved.cells.flatMap(({ outputs = [] }, cell) =>
      outputs
        .filter(({ data }) => data !== undefined && WIDGET_VIEW in data)
        .map(({ data }) => ({ cell, data: data! })),
    );
    assert.equal(widgets.length, cells.length - 2 + HELD);
    for (const { cell, data } of widgets) {
      const name = cells[cell]!.slice(-80);
      for (const viewer of VIEWERS) {
        const type = chosen(data, viewer);
        assert.match(type ?? "nothing", /^image\/(png|svg)/, `${viewer.name} of ${name}`);
        const content = joined(data[type!]);
        const bytes = type === "image/png" ? Buffer.from(content, "base64") : Buffer.from(content);
        const { channels } = await sharp(bytes).flatten({ background: "white" }).stats();
        assert.ok(
          channels.some(({ stdev }) => stdev > 1),
          `${viewer.name} shows nothing of ${name}`,
        );
      }
      assert.notEqual(joined(data["text/plain"]), "", name);
    }

    const convert = spawn(join(ROOT, ".venv", "bin", "jupyter"), ["nbconvert", "--to", "html", file], {
      stdio: "ignore",
    });
    assert.deepEqual(await once(convert, "exit"), [0, null]);
    const context = await lab.browser.newContext({ viewport: { width: 1100, height: 1000 }, offline: true });
    try {
      const page = await context.newPage();
      await page.goto(pathToFileURL(file.replace(/ipynb$/, "html")).href, { waitUntil: "load" });
      const seen = await page.evaluate(() =>
        [...document.querySelectorAll(".jp-CodeCell")].map((cell) => {
          const shown = [...cell.querySelectorAll<HTMLElement>(".jp-OutputArea-output :is(img, svg)")];
          return shown.some(
            (one) => one.getBoundingClientRect().width > 20 && (one as HTMLImageElement).naturalWidth !== 0,
          );
        }),
      );
      assert.deepEqual(
        cells.filter((_, cell) => cell > 0 && !seen[cell]).map((source) => source.slice(-80)),
        [],
      );
    } finally {
      await context.close();
    }
  });

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
    await element.locator("[role='progressbar'][aria-valuenow]").waitFor();
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
  assert.ok(sizes.reduce((sum, size) => sum + size) < 4_000_000);
});
