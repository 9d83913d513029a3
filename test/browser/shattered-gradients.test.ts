import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Locator } from "playwright-core";
import { long } from "../every.js";
import { changed } from "../helpers/until.js";
import { type Lab, type Notebook, startLab } from "./lab.js";

const cells = [
  `import { ShatteredGradients } from "limpid";
   const shattered = new ShatteredGradients({ depth: 24, seed: 1 });
   shattered`,
  `import { loadModel, tensorflow } from "limpid";
   const tf = await tensorflow();
   const model = await loadModel("mnist-cnn");
   const [from, to] = [tf.zeros([1, 28, 28, 1]), tf.zeros([1, 14, 14, 1])];
   let runs = 0;
   const line = { get name() { return \`two sizes, \${runs++}\`; }, model, from, to, target: 0 };
   new ShatteredGradients({ architecture: "trained", trained: line })`,
];

let lab: Lab;
let notebook: Notebook;
let widget: Locator;
before(async () => {
  lab = await startLab();
  await lab.write("shattered.ipynb", cells);
  notebook = await lab.open("shattered.ipynb", { height: 1150 });
  await notebook.runAll();
  widget = notebook.widget("shattered");
  await drawn();
});
after(async () => {
  await notebook?.close();
  await lab?.close();
});

/** Waits for the curves, and for two animation frames. */
async function drawn(): Promise<void> {
  await widget.and(notebook.page.locator("[aria-busy='false']")).waitFor();
  await widget.locator(".limpid-line-area .scatterlayer .trace path.js-line").first().waitFor();
  await widget.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

const books = () => widget.locator(".limpid-books").innerText();
const words = () => widget.locator(".limpid-words").innerText();
/** The path of the gradient's line as it is drawn. */
const gradientLine = () =>
  widget.locator(".limpid-line-area .subplot.xy2 .scatterlayer path.js-line").first().getAttribute("d");
const cell = async (row: string, column: number) => {
  const written = await widget.locator("tr", { hasText: row }).locator("td").nth(column).innerText();
  return Number(written.replace("−", "-"));
};

test("shows panels, agreement with its noises, words and the count of pieces", async () => {
  assert.equal(await widget.locator(".limpid-title").innerText(), "The gradient is shattered");
  assert.match(await books(), /^24 layers · mean-centered · seed 1 · \d+ ms$/);
  assert.equal((await widget.locator(".limpid-line-area .subplot").count()) >= 4, true);
  assert.ok(Math.abs(await cell("gradient", 0)) < 0.3);
  assert.ok((await cell("LRP", 0)) > 0.5);
  assert.ok((await cell("brown noise", 0)) > 0.9);
  assert.ok(Math.abs(await cell("white noise", 0)) < 0.1);
  assert.match(await words(), /says nothing about the next.*LRP follows the function/);
  await widget.locator(".limpid-figure", { hasText: /\d{3}/ }).waitFor();
  assert.match(await widget.locator(".limpid-remark").innerText(), /Montufar/);
  assert.equal(await notebook.panel.locator(".jp-mod-error, [data-mime-type*='stderr']").count(), 0);
  await notebook.picture("shattered-light", widget);
});

test("depth by keyboard and architecture by its list scan again at once", async () => {
  let line = await gradientLine();
  await widget.getByLabel("Depth", { exact: true }).focus();
  await notebook.page.keyboard.press("Home");
  await widget.locator(".limpid-books", { hasText: /^1 layer · / }).waitFor();
  line = await changed(gradientLine, line);
  assert.ok((await cell("gradient", 0)) > 0.9);
  assert.match(await words(), /neighboring points agree, as in brown noise/);
  await widget.locator(".limpid-remark", { hasText: "counted exactly" }).waitFor();
  assert.equal(await widget.locator(".limpid-figure").innerText(), "2");

  const beta = widget.getByLabel("β", { exact: true });
  assert.equal(await beta.isDisabled(), true);
  await widget.getByLabel("Network", { exact: true }).selectOption("residual");
  await widget.locator(".limpid-books", { hasText: "residual β 0.1" }).waitFor();
  assert.equal(await beta.isDisabled(), false);
  await notebook.picture("shattered-residual", widget);
});

test("a new seed draws another net, and the scale turns logarithmic", async () => {
  const line = await gradientLine();
  await widget.getByRole("button", { name: "New seed" }).click();
  await widget.locator(".limpid-books", { hasText: "seed 2" }).waitFor();
  await changed(gradientLine, line);
  await widget.getByRole("radio", { name: "log" }).check();
  await widget.locator(".annotation-text", { hasText: "∂f/∂x, size" }).waitFor();
  await notebook.picture("shattered-logarithmic", widget);
  await widget.getByRole("radio", { name: "linear" }).check();
});

test("one cursor moves through all panels, by pointer and by keyboard", async () => {
  const area = widget.getByRole("slider", { name: "Point on the line" });
  const marks = widget.locator(".limpid-line-area .scatterlayer path.point");
  const box = (await area.boundingBox())!;
  await notebook.page.mouse.move(box.x + box.width * 0.6, box.y + 60);
  await notebook.page.mouse.move(box.x + box.width * 0.61, box.y + 60);
  await widget.locator(".limpid-reading", { hasText: /^x = / }).waitFor();
  assert.equal(await marks.count(), 4);
  await notebook.picture("shattered-cursor", widget);
  await notebook.page.mouse.move(0, 0);
  await area.focus();
  const at = async () => Number(await area.getAttribute("aria-valuenow"));
  const start = await at();
  await notebook.page.keyboard.press("ArrowRight");
  await notebook.page.keyboard.press("ArrowRight");
  assert.equal(await at(), start + 2);
  await notebook.page.keyboard.press("Home");
  assert.equal(await at(), 0);
  assert.match(await widget.locator(".limpid-reading").innerText(), /^x = −2.00: f = /);
  await notebook.page.keyboard.press("Escape");
  assert.equal(await marks.count(), 0);
  await notebook.page.keyboard.press("End");
  assert.equal(await at(), 255);
});

test("playing walks through the depths and can be stopped", async () => {
  await widget.getByLabel("Depth", { exact: true }).focus();
  await notebook.page.keyboard.press("Home");
  await widget.locator(".limpid-books", { hasText: /^1 layer/ }).waitFor();
  const play = widget.locator("[data-action=play]");
  await play.click();
  await widget.locator(".limpid-books", { hasText: /^4 layers/ }).waitFor();
  assert.equal(await play.getAttribute("aria-pressed"), "true");
  await play.click();
  await widget.locator("[data-action=play][aria-pressed=false]").waitFor();
  // The kernel hears of it after the button shows it.
  await notebook.page.waitForTimeout(1500);
  const stopped = (await books()).split(" · ")[0];
  assert.notEqual(stopped, "50 layers");
  await notebook.page.waitForTimeout(1500);
  assert.equal((await books()).split(" · ")[0], stopped);
});

test("a page that is loaded again shows everything as it was, and still answers", async () => {
  const before = { books: await books(), words: await words(), line: await gradientLine() };
  await notebook.page.waitForTimeout(500);
  await notebook.command("docmanager:save");
  await notebook.load();
  await drawn();
  assert.deepEqual({ books: await books(), words: await words(), line: await gradientLine() }, before);
  const area = widget.getByRole("slider", { name: "Point on the line" });
  assert.equal(await area.getAttribute("aria-valuenow"), "255");
  await widget.getByRole("button", { name: "New seed" }).click();
  await widget.locator(".limpid-books", { hasText: "seed 3" }).waitFor();
  assert.deepEqual(notebook.errors, []);
});

test("what cannot be scanned is said in the widget's place, and the rest goes on", async () => {
  const failed = notebook.widget("shattered", 1);
  await failed.scrollIntoViewIfNeeded();
  const note = failed.locator(".limpid-error");
  await note.waitFor();
  assert.match(await note.innerText(), /This could not be scanned\s+The input has to be of shape \[1,28,28,1\]/);
  await notebook.picture("shattered-error", failed);
  // The heading names the net of the run that failed last; of two that fail alike nothing else differs.
  const failedBooks = failed.locator(".limpid-books");
  assert.equal(await failedBooks.innerText(), "two sizes, 1");
  await note.getByRole("button", { name: "Try again" }).click();
  await failedBooks.filter({ hasText: "two sizes, 2" }).waitFor();
  const network = failed.getByLabel("Network", { exact: true });
  await network.selectOption("plain");
  await note.waitFor({ state: "hidden" });
  assert.match(await failedBooks.innerText(), /^24 layers · plain · seed 1 · \d+ ms$/);
  await network.selectOption("trained");
  await note.waitFor();
  assert.equal(await failedBooks.innerText(), "two sizes, 3");
  await network.selectOption("plain");
  await note.waitFor({ state: "hidden" });
  await failed.locator(".limpid-line-area .scatterlayer .trace path.js-line").first().waitFor();
});

describe("elsewhere", () => {
  test("in the dark theme, and in a narrow cell", long, async () => {
    for (const [name, theme, size] of [
      ["dark", "dark", { width: 1280, height: 1150 }],
      ["narrow", "light", { width: 480, height: 1900 }],
    ] as const) {
      await notebook.page.setViewportSize(size);
      await notebook.theme(theme);
      await widget.scrollIntoViewIfNeeded();
      await drawn();
      const fits = await widget.evaluate((element) => element.scrollWidth <= element.clientWidth + 1);
      assert.equal(fits, true);
      await notebook.picture(`shattered-${name}`, widget);
    }
  });

  test("the notebook tells its story without an error", async () => {
    const story = await lab.open("02a-shattered-gradients.ipynb", { height: 1150 });
    await story.runAll();
    assert.equal(await story.panel.locator(".jp-mod-error, [data-mime-type*='stderr']").count(), 0);
    // Of a cell that is scrolled away nothing is rendered.
    assert.match((await story.output(0).first().textContent())!, /2, 4, 8, 16, 32 pieces/);
    const [random, trained] = [story.widget("shattered"), story.widget("shattered", 1)];
    for (const [name, shown] of Object.entries({ random, trained })) {
      await shown.scrollIntoViewIfNeeded();
      await shown.locator(".limpid-line-area .scatterlayer .trace path.js-line").first().waitFor();
      await story.picture(`shattered-story-${name}`, shown);
    }
    assert.match(await trained.locator(".limpid-books").innerText(), /^trained: MNIST, 3 to 8/);
    assert.equal(await trained.getByLabel("Depth", { exact: true }).isDisabled(), true);
    assert.deepEqual(story.errors, []);
    await story.close();
  });
});
