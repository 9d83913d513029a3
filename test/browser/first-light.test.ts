import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Locator } from "playwright-core";
import { passage } from "../../tools/bench/latency/passage.js";
import { long } from "../every.js";
import { changed } from "../helpers/until.js";
import { fingerprint, type Lab, type Notebook, startLab } from "./lab.js";

const NOTEBOOK = "00-first-light.ipynb";

let lab: Lab;
before(async () => {
  lab = await startLab();
});
after(() => lab?.close());

/** The explorer, once it shows an explanation. */
async function explorerOf(notebook: Notebook): Promise<Locator> {
  const explorer = notebook.widget("explorer");
  await explorer.scrollIntoViewIfNeeded();
  await idle(explorer);
  return explorer;
}

/** Waits until the kernel has answered and the picture is painted. */
async function idle(explorer: Locator): Promise<void> {
  await explorer.and(explorer.page().locator("[aria-busy='false']")).waitFor();
  await explorer.locator(".limpid-ticks span:last-child:not(:empty)").waitFor({ state: "attached" });
  await painted(explorer);
}

/** Two animation frames: what was scheduled in the first is seen after the second. */
async function painted(within: Locator): Promise<void> {
  await within.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

const title = (explorer: Locator) => explorer.locator(".limpid-title").innerText();
const canvas = (explorer: Locator) => explorer.locator("canvas");
const slider = (explorer: Locator, label: string) => explorer.getByLabel(label, { exact: true });

/** Waits for a canvas to differ from what it was; fails if it never does. */
const repainted = (from: number, of: Locator) => changed(() => fingerprint(of), from, "the picture stayed as it was");

describe("the notebook of first light", () => {
  let notebook: Notebook;
  before(async () => {
    notebook = await lab.open(NOTEBOOK, { height: 1000 });
    await notebook.runAll();
  });
  after(() => notebook?.close());

  test("runs, and shows its widgets without an error", async () => {
    assert.equal(await notebook.panel.locator(".jp-mod-error, [data-mime-type*='stderr']").count(), 0);
    assert.equal(await notebook.panel.locator(".limpid-heatmap").count(), 5);
    const explorer = await explorerOf(notebook);
    assert.equal(await title(explorer), "Why tiger cat?");
    assert.deepEqual(await explorer.locator(".limpid-class-name").allInnerTexts(), [
      "tiger cat",
      "Egyptian cat",
      "tabby",
      "lynx",
      "window screen",
    ]);
    assert.deepEqual(notebook.errors, []);
    await notebook.picture("first-light");
    await notebook.picture("explorer-light", explorer);
  });

  test("moving the γ slider by keyboard changes the canvas", async () => {
    const explorer = await explorerOf(notebook);
    const before = await fingerprint(canvas(explorer));
    await slider(explorer, "γ").focus();
    for (let i = 0; i < 10; i++) await notebook.page.keyboard.press("ArrowRight");
    assert.equal(await explorer.locator(".limpid-row", { hasText: "γ" }).locator("output").innerText(), "0.35");
    await repainted(before, canvas(explorer));
    await idle(explorer);
    await notebook.picture("explorer-gamma", explorer);
  });

  test("a click on another class changes the explanation", async () => {
    const explorer = await explorerOf(notebook);
    const before = await fingerprint(canvas(explorer));
    await explorer.getByRole("button", { name: "Egyptian cat" }).click();
    await repainted(before, canvas(explorer));
    await idle(explorer);
    assert.equal(await title(explorer), "Why Egyptian cat?");
    assert.match(await explorer.locator(".limpid-books").innerText(), /output 9\.03/);
    const pressed = explorer.locator(".limpid-classes [aria-pressed='true']");
    assert.match(await pressed.innerText(), /Egyptian cat/);
    // By keyboard: down to the next class, Enter.
    await pressed.focus();
    await notebook.page.keyboard.press("ArrowDown");
    const egyptian = await fingerprint(canvas(explorer));
    await notebook.page.keyboard.press("Enter");
    await repainted(egyptian, canvas(explorer));
    await idle(explorer);
    assert.equal(await title(explorer), "Why tabby?");
    await notebook.picture("explorer-class", explorer);
  });

  test("sharing out the biases conserves the relevance, and the bars show it", async () => {
    const explorer = await explorerOf(notebook);
    // How much of the strip's height is left hatched at each layer.
    const hatched = () =>
      explorer.locator(".limpid-layers").evaluate((strip) =>
        [...strip.querySelectorAll(".limpid-layer")].map((bar) => {
          const parts = [...bar.children].map((part) => part.getBoundingClientRect());
          const covered = parts.reduce((sum, { height }) => sum + height, 0);
          return 1 - covered / strip.clientHeight;
        }),
      );
    const shared = await fingerprint(canvas(explorer));
    await explorer.getByRole("radio", { name: "absorb" }).check();
    await repainted(shared, canvas(explorer));
    await idle(explorer);
    assert.ok((await hatched()).some((share) => share > 0.5));
    const before = await fingerprint(canvas(explorer));
    await explorer.getByRole("radio", { name: "share out" }).check();
    await repainted(before, canvas(explorer));
    await idle(explorer);
    assert.ok((await hatched()).every((share) => Math.abs(share) < 0.03));
    assert.match(await explorer.locator(".limpid-books").innerText(), /output 8\.34 · relevance 8\.34/);
    // A bar names its layer.
    await explorer.locator(".limpid-layers").focus();
    await notebook.page.keyboard.press("ArrowRight");
    assert.match(await explorer.locator(".limpid-layer-caption").innerText(), /^fc · 1000 · Σ 8\.34/);
    await notebook.picture("explorer-shared", explorer);
    await explorer.getByRole("radio", { name: "absorb" }).check();
    await idle(explorer);
  });

  test("the picture can be read by pointer and by keyboard, zoomed and reset", async () => {
    const explorer = await explorerOf(notebook);
    const tip = explorer.locator(".limpid-tip");
    const box = (await canvas(explorer).boundingBox())!;
    await notebook.page.mouse.move(box.x + box.width * 0.34, box.y + box.height * 0.36);
    assert.match(await tip.innerText(), /^x 76, y 80: [+−0]/);
    await notebook.picture("explorer-hover", explorer);
    await notebook.page.mouse.move(0, 0);
    await canvas(explorer).focus();
    await notebook.page.keyboard.press("Home");
    const peak = Number((await tip.locator("strong").innerText()).replace("−", "-"));
    const [, x, y] = /x (\d+), y (\d+)/.exec(await tip.innerText())!.map(Number);
    await notebook.page.keyboard.press("ArrowLeft");
    const [, beside, below] = /x (\d+), y (\d+)/.exec(await tip.innerText())!.map(Number);
    assert.deepEqual([beside, below], [x! - 1, y]);
    assert.ok(Number((await tip.locator("strong").innerText()).replaceAll("−", "-")) <= peak);
    const whole = await fingerprint(canvas(explorer));
    for (let i = 0; i < 5; i++) await notebook.page.keyboard.press("+");
    await painted(explorer);
    assert.notEqual(await fingerprint(canvas(explorer)), whole);
    await notebook.picture("explorer-zoom", explorer);
    await notebook.page.keyboard.press("0");
    await painted(explorer);
    assert.equal(await fingerprint(canvas(explorer)), whole);
    await notebook.page.keyboard.press("Escape");
    // The notebook's own shortcuts (0 0 restarts the kernel) have not heard of it.
    assert.equal(await notebook.page.locator(".jp-Dialog").count(), 0);
  });

  test("slow work shows a bar and can be stopped; newer settings take its place", async () => {
    const explorer = await explorerOf(notebook);
    const before = await fingerprint(canvas(explorer));
    const heading = await explorer.locator(".limpid-heading").innerText();
    const progress = explorer.locator(".limpid-progress");
    await explorer.getByLabel("Method").selectOption("occlusion");
    await progress.waitFor();
    await explorer.locator("[role='progressbar'][aria-valuenow]").waitFor();
    await notebook.picture("explorer-slow", explorer);
    await progress.getByRole("button", { name: "Stop" }).click();
    await progress.waitFor({ state: "hidden" });
    assert.equal(await fingerprint(canvas(explorer)), before);
    assert.equal(await explorer.locator(".limpid-subtitle").innerText(), "LRP, ε-γ-box");
    // Controls and picture are of different settings now, which is said, and can be mended.
    const outcome = explorer.locator(".limpid-outcome");
    assert.match(await outcome.innerText(), /^Stopped at [<\d].*%\. The picture is still: Why tabby\? LRP, ε-γ-box/);
    await notebook.picture("explorer-stopped", explorer);
    await outcome.getByRole("button", { name: "Run again" }).click();
    await progress.filter({ hasText: /Explaining… \d+\s%/ }).waitFor();
    await outcome.waitFor({ state: "hidden" });
    await progress.getByRole("button", { name: "Stop" }).click();
    await outcome.waitFor();
    await outcome.getByRole("button", { name: "Back to the picture’s settings" }).click();
    await outcome.waitFor({ state: "hidden" });
    assert.equal(await explorer.getByLabel("Method").inputValue(), "lrp");
    assert.equal(await fingerprint(canvas(explorer)), before);
    assert.equal(await explorer.locator(".limpid-heading").innerText(), heading);
    // Asked again, and changed one's mind: the answer is the newer one's.
    await explorer.getByLabel("Method").selectOption("smoothgrad");
    await progress.waitFor();
    await explorer.getByLabel("Method").selectOption("lrp");
    await progress.waitFor({ state: "hidden" });
    await idle(explorer);
    assert.equal(await explorer.locator(".limpid-heading").innerText(), heading);
    assert.equal(await fingerprint(canvas(explorer)), before);
    assert.equal(await outcome.isVisible(), false);
  });

  test("from a slider's move to new pixels without waiting on the way", async (t) => {
    const explorer = await explorerOf(notebook);
    const times: number[] = [];
    for (let i = 0; i < 12; i++) {
      const { acted, shown } = await passage(explorer, { slider: "γ", value: 0.3 + 0.05 * i });
      times.push(shown - acted);
      await idle(explorer);
    }
    const { forward, propagation } = await kernelTimes();
    const [least, median] = [Math.min(...times), times.toSorted((a, b) => a - b)[times.length >> 1]!];
    t.diagnostic(
      `slider to pixels: least ${least.toFixed(0)} ms, median ${median.toFixed(0)}; ` +
        `propagation alone ${propagation.toFixed(0)}, plain forward ${forward.toFixed(0)}`,
    );
    // 50 ms is the goal on a machine that does nothing else (`npm run bench -- latency`); here others may compute beside it.
    assert.ok(least < 1.2 * propagation + 60, `${least} ms, of which propagation ${propagation} ms`);
  });

  test("a page that is loaded again has the widgets with their values", async () => {
    const explorer = await explorerOf(notebook);
    await slider(explorer, "γ").fill("0.8");
    await idle(explorer);
    const heading = await explorer.locator(".limpid-heading").innerText();
    const seen = await fingerprint(canvas(explorer));
    await notebook.command("docmanager:save");
    await notebook.load();
    const again = await explorerOf(notebook);
    assert.equal(await slider(again, "γ").inputValue(), "0.8");
    assert.equal(await again.locator(".limpid-heading").innerText(), heading);
    assert.equal(await fingerprint(canvas(again)), seen);
    // It is alive, not only a picture of itself.
    await again.getByRole("button", { name: "lynx" }).click();
    await repainted(seen, canvas(again));
    await idle(again);
    assert.equal(await title(again), "Why lynx?");
    await notebook.picture("explorer-restored", again);
  });

  test("in the dark, and in a window 480 pixels wide", long, async () => {
    for (const [name, theme, width] of [
      ["dark", "dark", 1280],
      ["narrow", "light", 480],
    ] as const) {
      await notebook.page.setViewportSize({ width, height: 1400 });
      await notebook.theme(theme);
      const explorer = await explorerOf(notebook);
      const columns = await explorer
        .locator(".limpid-columns")
        .evaluate((grid) => getComputedStyle(grid).gridTemplateColumns.split(" ").length);
      assert.equal(columns, name === "narrow" ? 1 : 2);
      const overflow = await explorer.evaluate((root) =>
        [...root.querySelectorAll("*")].some(
          (part) => part.getBoundingClientRect().right > root.getBoundingClientRect().right + 1,
        ),
      );
      assert.equal(overflow, false);
      // As many pixels as the window shows: fewer would be blurred, more be computed for nothing.
      const [drawn, seen] = await canvas(explorer).evaluate((node) => [
        (node as HTMLCanvasElement).width,
        Math.round(node.clientWidth * devicePixelRatio),
      ]);
      assert.equal(drawn, seen, name);
      await notebook.picture(`explorer-${name}`, explorer);
      await notebook.widget("heatmap", 1).scrollIntoViewIfNeeded();
      await painted(notebook.widget("heatmap", 1));
      await notebook.picture(`heatmap-${name}`, notebook.widget("heatmap", 1));
    }
  });

  /** Milliseconds of a plain forward pass and of a propagation, in turns in the same kernel: the least of a cell's own timing. */
  async function kernelTimes(): Promise<{ forward: number; propagation: number }> {
    await notebook.command("notebook:insert-cell-below");
    const cell = notebook.panel.locator(".jp-CodeCell").last();
    await cell.locator(".cm-content").click();
    await notebook.page.keyboard.insertText(`
      const times: number[][] = [[], []];
      const timed = async (into: number[], run: () => unknown) => {
        const start = performance.now();
        await run();
        into.push(performance.now() - start);
      };
      const propagate = lrp(model, { composite: epsilonGammaBox({ low, high }) });
      for (let i = 0; i < 15; i++) {
        await timed(times[0]!, () => { const y = model.predict(photo.tensor); y.dataSync(); y.dispose(); });
        await timed(times[1]!, () => propagate(recording));
      }
      console.log("times", ...times.map((list) => Math.min(...list)));`);
    await notebook.page.keyboard.press("Control+Enter");
    const output = cell.locator(".jp-OutputArea-output", { hasText: "times" });
    await output.waitFor();
    const [, forward, propagation] = (await output.innerText()).split(" ").map(Number);
    return { forward: forward!, propagation: propagation! };
  }
});
