import { cp, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Command } from "commander";
import type { Browser, Page } from "playwright-core";
import { ParameterError } from "../../src/explainers/index.js";
import { packageFile } from "../../src/kernel-helpers/platform/files.js";
import { makeReport } from "../../src/reports/report.js";
import { startBrowser } from "../../test/browser/lab.js";
import { passage } from "./latency/passage.js";

/*
 * `npm run bench -- page`: reports in a real Chromium, opened from a disk with the network cut. One JSON object a line for each: its size, the
 * milliseconds until the first picture and until everything is live, those from the γ slider to new pixels, and what it asked the network for.
 * It fails where a figure is over its limit.
 */

const explored = (
  model: string,
  photo: string,
) => `import { Explorer, loadDigits, loadImage, loadModel, pictureSheet } from "limpid";
const model = await loadModel("${model}");
const photo = await loadImage(${photo}, model.input);
new Explorer(model, photo)`;

const digit = `pictureSheet([[Float32Array.from((await loadDigits({ count: 10 })).pixels.subarray(784 * 3, 784 * 4), (byte) => byte / 255)]], model.input, { enlarge: 1 }).png`;

interface Case {
  /** The notebook's cell; of Limpid's own notebook otherwise. */
  readonly cell?: string;
  /** What the figures may be at most, on two idle cores. */
  readonly limits: Readonly<Record<string, number>>;
}

const cases: Readonly<Record<string, Case>> = {
  "explorer, mnist-cnn": {
    cell: explored("mnist-cnn", digit),
    limits: { megabytes: 5, firstPicture: 1000, sliderToPixels: 60, requests: 0 },
  },
  "explorer, EfficientNet-lite0": {
    cell: explored("efficientnet-lite0", '"chelsea.png"'),
    limits: { megabytes: 30, sliderToPixels: 1000, requests: 0 },
  },
  "00-first-light": { limits: { live: 15_000, requests: 0 } },
};

/** `npm run bench -- page [--turns 20]` */
export async function main(argv: string[]): Promise<number> {
  const options = new Command("page")
    .description("time reports in a browser without a network")
    .option("--turns <count>", "moves of a slider", Number, 20)
    .option("--only <words>", "only the reports whose names contain this")
    .parse(argv, { from: "user" })
    .opts<{ turns: number; only?: string }>();
  if (!Number.isInteger(options.turns) || options.turns < 1) {
    throw new ParameterError("--turns", options.turns, "a whole number above 0");
  }
  const folder = await mkdtemp(join(tmpdir(), "limpid-bench-page-"));
  const browser = await startBrowser();
  try {
    let over = 0;
    for (const [what, { cell, limits }] of Object.entries(cases)) {
      if (!what.includes(options.only ?? "")) continue;
      const notebook = join(folder, `${what.replaceAll(/\W+/g, "-")}.ipynb`);
      if (cell === undefined) await cp(packageFile("notebooks", `${what}.ipynb`), notebook);
      else await writeFile(notebook, notebookOf(cell));
      const { file } = await makeReport(notebook);
      const figures = await timed(browser, file, options.turns);
      console.log(JSON.stringify({ what, ...figures }));
      const single = { ...figures, sliderToPixels: figures.sliderToPixels.median };
      for (const [name, limit] of Object.entries(limits)) {
        const figure = single[name as keyof typeof single];
        if (figure <= limit) continue;
        over += 1;
        console.error(`${what}: ${name} is ${figure}, over its limit of ${limit}`);
      }
    }
    return over === 0 ? 0 : 1;
  } finally {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function timed(browser: Browser, file: string, turns: number) {
  const megabytes = Math.round((await stat(file)).size / 1e4) / 100;
  const context = await browser.newContext({ offline: true, viewport: { width: 1200, height: 1200 } });
  const page = await context.newPage();
  let requests = 0;
  page.on("request", (request) => {
    if (!/^(file|data|blob):/.test(request.url())) requests += 1;
  });
  try {
    // Times of the page's own clock, which begins when it is opened.
    await page.addInitScript(() => {
      const seen = globalThis as unknown as { firstPicture?: number; live?: number };
      const look = () => {
        const canvas = document.querySelector<HTMLCanvasElement>("[data-view] canvas");
        if (canvas !== null && canvas.width > 0) seen.firstPicture ??= performance.now();
        if (document.documentElement.dataset["limpid"] === "live") seen.live ??= performance.now();
        if (seen.live === undefined) requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    });
    await page.goto(pathToFileURL(file).href);
    await page.waitForFunction(() => document.documentElement.dataset["limpid"] === "live", null, { timeout: 120_000 });
    const [firstPicture, live] = await page.evaluate(() => {
      const { firstPicture = Number.NaN, live = Number.NaN } = globalThis as unknown as {
        firstPicture?: number;
        live?: number;
      };
      return [Math.round(firstPicture), Math.round(live)];
    });
    return { megabytes, firstPicture, live, sliderToPixels: await moved(page, turns), requests };
  } finally {
    await context.close();
  }
}

/** The way from the last explorer's γ to its new pixels, in milliseconds. */
async function moved(page: Page, turns: number): Promise<{ median: number; least: number }> {
  const widget = page.locator(".limpid-explorer").last();
  await widget.scrollIntoViewIfNeeded();
  const times: number[] = [];
  for (let turn = 0; turn < WARM + turns; turn++) {
    const { acted, shown } = await passage(widget, { slider: "γ", value: 0.3 + 0.01 * turn });
    if (turn >= WARM) times.push(shown - acted);
    await page.waitForTimeout(REST);
  }
  times.sort((a, b) => a - b);
  return { median: Math.round(times[times.length >> 1]!), least: Math.round(times[0]!) };
}

const WARM = 4;
const REST = 200;

const notebookOf = (source: string): string =>
  JSON.stringify({
    cells: [{ id: "cell-0", cell_type: "code", metadata: {}, source, outputs: [], execution_count: null }],
    metadata: { language_info: { name: "typescript" } },
    nbformat: 4,
    nbformat_minor: 5,
  });
