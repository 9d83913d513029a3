/**
 * `npm run look [-- NAME …]`: every notebook as a person sees it, as pictures in test-output/look/NOTEBOOK.
 *
 * Each notebook of `notebooks/`, and one with every widget, is run in JupyterLab and seen live, reopened without its kernel and after
 * a restart, wide and narrow, light and dark; then as other viewers show the file: `jupyter nbconvert --to html` without the net,
 * and, by the order in which they choose among the types of an output, GitHub and VS Code. `--live` takes only those of JupyterLab with a kernel.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import sharp from "sharp";
import { type Lab, type Notebook, ROOT, SCREENSHOTS, startLab, WAIT } from "./lab.js";
import { plainPage, VIEWERS } from "./plain-viewers.js";
import { opening, others, shown } from "./widget-states.js";

const WIDTHS = [1280, 800, 480];
const THEMES = ["light", "dark"] as const;
/** Higher than any notebook: JupyterLab draws what is in sight only. */
const HIGH = 12_000;
/** A picture that is higher is cut into several. */
const PAGE = 1700;

const FOLDER = join(SCREENSHOTS, "look");

const LIVE = process.argv.includes("--live");

/** Waits until nothing is at work, no picture is missing, and two frames after. */
async function still(page: Page): Promise<void> {
  const awaited = () => [
    ...[...document.querySelectorAll("#jupyterlab-splash, [aria-busy='true'], [data-state='waiting']")].map(
      ({ id, className }) => id || className,
    ),
    ...[...document.querySelectorAll(".limpid-prototype button")].flatMap(({ textContent }) =>
      /Pause/.test(textContent ?? "") ? ["a prototype that grows"] : [],
    ),
    ...[...document.querySelectorAll<HTMLImageElement>(".limpid-stored-picture img")]
      .filter(({ complete, naturalWidth }) => !complete || naturalWidth === 0)
      .map(({ alt }) => `picture of ${alt}`),
  ];
  for (const deadline = Date.now() + WAIT; ; ) {
    const left = await page.evaluate(awaited);
    if (left.length === 0) break;
    if (Date.now() > deadline) {
      await page.screenshot({ path: join(FOLDER, "late.png") });
      throw new Error(`Still waited for: ${left.join(", ")}; see ${join(FOLDER, "late.png")}`);
    }
    await page.waitForTimeout(200);
  }
  await page.mouse.move(0, 0);
  await page.evaluate(() => new Promise((done) => setTimeout(() => requestAnimationFrame(done), 300)));
}

/** Takes a picture of a page; a browser that is short of time or memory sometimes cannot at once. */
async function pictureOf(page: Page, options: Parameters<Page["screenshot"]>[0]): Promise<Buffer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await page.screenshot(options);
    } catch (error) {
      if (attempt === 4) throw error;
      await page.waitForTimeout(500 * attempt);
    }
  }
}

/** Keeps a picture in as many files as its height takes. */
async function keep(name: string, png: Buffer): Promise<void> {
  const { width, height } = await sharp(png).metadata();
  await mkdir(dirname(join(FOLDER, name)), { recursive: true });
  for (let top = 0, part = 1; top < height; top += PAGE, part++) {
    const slice = { left: 0, top, width, height: Math.min(PAGE, height - top) };
    await sharp(png)
      .extract(slice)
      .toFile(join(FOLDER, `${name}-${part}.png`));
  }
}

/** The place of a notebook's cells in JupyterLab's window. */
const cellsOf = (notebook: Notebook) =>
  notebook.panel.evaluate((panel) => {
    const cells = [...panel.querySelectorAll(".jp-Cell")].map((cell) => cell.getBoundingClientRect());
    const top = Math.max(0, cells[0]!.top - 8);
    return { x: 0, y: top, width: window.innerWidth, height: Math.ceil(cells.at(-1)!.bottom + 24 - top) };
  });

async function inAllLooks(notebook: Notebook, name: string): Promise<void> {
  for (const theme of THEMES) {
    await notebook.theme(theme);
    for (const width of WIDTHS) {
      await notebook.page.setViewportSize({ width, height: HIGH });
      await still(notebook.page);
      await keep(`${name}-${width}-${theme}`, await pictureOf(notebook.page, { clip: await cellsOf(notebook) }));
    }
  }
}

/** A page that is no JupyterLab, whole. */
async function keepDocument(browser: Browser, url: string, name: string): Promise<void> {
  for (const width of [1280, 480]) {
    const context = await browser.newContext({ viewport: { width, height: 900 }, offline: true });
    try {
      const page = await context.newPage();
      await page.goto(url);
      await page.waitForLoadState("load");
      await keep(`${name}-${width}`, await pictureOf(page, { fullPage: true }));
    } finally {
      await context.close();
    }
  }
}

async function look(lab: Lab, file: string): Promise<void> {
  const name = basename(file, ".ipynb");
  await rm(join(FOLDER, name), { recursive: true, force: true });
  let notebook = await lab.open(file, { height: HIGH });
  try {
    await notebook.runAll();
    await still(notebook.page);
    await inAllLooks(notebook, `${name}/live`);
    if (LIVE) return;
    await notebook.command("docmanager:save");
    await notebook.restart();
    await inAllLooks(notebook, `${name}/restarted`);
    if (notebook.errors.length > 0) console.log(`${name}: errors in the page\n  ${notebook.errors.join("\n  ")}`);
  } finally {
    await notebook.close();
  }
  notebook = await lab.open(file, { height: HIGH });
  try {
    await inAllLooks(notebook, `${name}/stored`);
  } finally {
    await notebook.close();
  }

  const saved = join(FOLDER, name, file);
  await copyFile(join(lab.folder, file), saved);
  const convert = spawn(join(ROOT, ".venv", "bin", "jupyter"), ["nbconvert", "--to", "html", saved], {
    stdio: "ignore",
  });
  const [code] = (await once(convert, "exit")) as [number | null];
  if (code !== 0) throw new Error(`nbconvert of ${saved} ended with ${code}`);
  await keepDocument(lab.browser, pathToFileURL(saved.replace(/ipynb$/, "html")).href, `${name}/html`);
  for (const viewer of VIEWERS) {
    const page = join(FOLDER, name, `${viewer.name}.html`);
    await writeFile(page, plainPage(JSON.parse(await readFile(saved, "utf8")), viewer));
    await keepDocument(lab.browser, pathToFileURL(page).href, `${name}/${viewer.name}`);
  }
}

const names = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const lab = await startLab();
try {
  await lab.write("widgets.ipynb", [
    opening,
    ...Object.values(shown),
    ...Object.entries(others).flatMap(([name, cell]) => (name.endsWith("/loading") ? [] : [cell])),
  ]);
  const files = (await readdir(lab.folder)).filter((file) => file.endsWith(".ipynb")).sort();
  for (const file of files.filter((file) => names.length === 0 || names.some((name) => file.includes(name)))) {
    await look(lab, file);
    console.log(
      `${join("test-output", "look", basename(file, ".ipynb"))}: ${(await readdir(join(FOLDER, basename(file, ".ipynb")))).length} files`,
    );
  }
} finally {
  await lab.close();
}
