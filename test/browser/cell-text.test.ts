/** A text colored by a cell, its gates, the cells that follow a rule, and phrases that are brushed. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Locator } from "playwright-core";
import { type Lab, type Notebook, startLab } from "./lab.js";

const cells = [
  `import { CellText, loadModel, sampleText } from "limpid";
const model = await loadModel("char-lstm");
const text = (await sampleText()).slice(0, 2400);
const cells = new CellText(model, text, { rule: "comments", shifts: 39 });
cells`,
  `const long = new CellText(model, text.repeat(20), { rule: "comments" });
long`,
  `const stuck = new CellText(model, "short text", {});
await stuck.settled();
stuck.set({ error: "The cells of layer \\"lstm\\" cannot be seen.", best: [], verdict: "" });
stuck`,
];

let lab: Lab;
let notebook: Notebook;
let widget: Locator;
before(async () => {
  lab = await startLab();
  await lab.write("cells.ipynb", cells);
  notebook = await lab.open("cells.ipynb", { height: 1500 });
  await notebook.runAll();
  widget = notebook.panel.locator(".limpid-cell-text").first();
  await settled(widget);
});
after(async () => {
  await notebook?.close();
  await lab?.close();
});

/** Waits until nothing is computed, and for two animation frames. */
async function settled(of: Locator): Promise<void> {
  await of.and(of.page().locator("[aria-busy='false']")).waitFor();
  await of.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

const looked = (name: string, of = widget) => notebook.picture(`cell-text-${name}`, of);
const verdict = () => widget.locator(".limpid-cell-verdict").innerText();
const reading = () => widget.locator(".limpid-cell-reading").innerText();
const pane = () => widget.getByRole("textbox", { name: /^The text/ });
const rule = () => widget.getByLabel("Rule", { exact: true });
const title = () => widget.locator(".limpid-cell-body h4").first().innerText();

/** The pixel of the canvas behind a character of the first lines, as the browser drew it. */
const colorAt = (line: number, column: number) =>
  pane().evaluate(
    (element, [line, column]) => {
      const canvas = element.querySelector("canvas")!;
      const lines = element.querySelectorAll(".limpid-cell-line");
      const box = lines[line]!.getBoundingClientRect();
      const frame = element.getBoundingClientRect();
      const range = document.createRange();
      const node = lines[line]!.firstChild!;
      range.setStart(node, column);
      range.setEnd(node, column + 1);
      const at = range.getBoundingClientRect();
      const scale = canvas.width / canvas.clientWidth;
      const [x, y] = [(at.left + at.width / 2 - frame.left - 1) * scale, (box.top - frame.top - 1 + 2) * scale];
      return [...canvas.getContext("2d")!.getImageData(Math.round(x), Math.round(y), 1, 1).data].slice(0, 3);
    },
    [line, column] as const,
  );

test("colors the text by the cell that follows the rule best, and says how well beside chance", async () => {
  await looked("light");
  assert.match(await title(), /^Cell \d+ of lstm: tanh c after each step$/);
  assert.match(
    await verdict(),
    /^Cell \d+ of lstm follows “inside comments” best: F1 0\.\d\d on the second half, where saying always reaches 0\.\d\d\. The best of 160 cells reaches 0\.\d\d to 0\.\d\d by chance \(95 % of 39 shifts of the rule; p = \d\.\d\d\)/,
  );
  const best = widget.locator(".limpid-cell-best [role=option]");
  assert.equal(await best.count(), 24);
  const cell = (await title()).match(/\d+/)![0];
  assert.equal(await best.first().getAttribute("aria-selected"), "true");
  assert.match(await best.first().innerText(), new RegExp(`^cell ${cell}\\s`));
  assert.equal(await widget.locator(".limpid-cell-saturation circle").count(), 3 * 160);
  // What is behind a letter is the color of its value.
  const [red, green, blue] = (await colorAt(0, 0)) as [number, number, number];
  assert.ok(red + green + blue < 3 * 254, "the first letter has a color");
  // The text is text, to be read aloud and copied.
  assert.ok((await pane().innerText()).length > 2000);
});

test("a character that is pointed at, or reached by arrow keys, is read: its value, its gates, the rule", async () => {
  await pane().hover({ position: { x: 40, y: 16 } });
  assert.match(
    await reading(),
    /^“.+” at \d+ · tanh c −?\d\.\d\d · input \d\.\d\d · forget \d\.\d\d · output \d\.\d\d · rule (holds|does not hold)$/,
  );
  await pane().focus();
  await pane().press("Home");
  const first = await reading();
  assert.match(first, /^“.+” at 1 ·/);
  for (let step = 0; step < 3; step++) await pane().press("ArrowRight");
  assert.match(await reading(), /at 4 ·/);
  await pane().press("End");
  await pane().press("ArrowDown");
  assert.doesNotMatch(await reading(), / at 4 ·/);
  await looked("read");
});

test("another rule, another cell of the list, of the scatter and of the field", async () => {
  await rule().selectOption("line-position");
  await settled(widget);
  await widget.locator(".limpid-cell-verdict", { hasText: "position in the line" }).waitFor();
  assert.match(await verdict(), /correlation 0\.\d\d over the whole text/);
  const before = await title();
  const list = widget.getByRole("listbox");
  await list.focus();
  await list.press("ArrowDown");
  await widget.locator("[role=option]:nth-child(2)[aria-selected=true]").waitFor();
  assert.notEqual(await title(), before);
  await looked("list");
  const circle = widget.locator(".limpid-cell-saturation circle[data-at='7']");
  await circle.evaluate((element) => element.dispatchEvent(new MouseEvent("click", { bubbles: true })));
  await widget.locator("h4", { hasText: "Cell 7 of lstm" }).waitFor();
  const field = widget.getByLabel("Cell", { exact: true });
  await field.fill("12");
  await field.press("Enter");
  await widget.locator("h4", { hasText: "Cell 12 of lstm" }).waitFor();
  await field.fill("160");
  await field.press("Enter");
  assert.equal(await field.getAttribute("aria-invalid"), "true");
  assert.match(await title(), /Cell 12 /);
  await field.fill("12");
});

test("a phrase that is dragged over, or brushed by keys, is searched for", async () => {
  await pane().evaluate((element) => element.scrollTo(0, 0));
  const line = widget.locator(".limpid-cell-line").first();
  const box = (await line.boundingBox())!;
  await notebook.page.mouse.move(box.x + 2, box.y + 8);
  await notebook.page.mouse.down();
  await notebook.page.mouse.move(box.x + 40, box.y + 8);
  await notebook.page.mouse.move(box.x + 70, box.y + 8);
  await notebook.page.mouse.up();
  await widget.locator(".limpid-cell-verdict", { hasText: "F1" }).waitFor();
  await settled(widget);
  const brushed = await rule().evaluate((select) => (select as HTMLSelectElement).selectedOptions[0]!.text);
  assert.match(brushed, /^Brushed: “declare/);
  await looked("brushed");
  const selected = await notebook.page.evaluate(() => String(getSelection()));
  assert.ok(selected.length > 3, "the phrase is selected, to be copied");
  await pane().focus();
  await pane().press("Home");
  for (let step = 0; step < 4; step++) await pane().press("Shift+ArrowRight");
  await pane().press("Enter");
  await widget.locator("option", { hasText: /^Brushed: “.{5}”$/ }).waitFor({ state: "attached" });
  await settled(widget);
  assert.match(await verdict(), /^Cell \d+ of lstm follows/);
});

test("a long text is followed with progress, can be stopped, and goes on", async () => {
  const long = notebook.panel.locator(".limpid-cell-text").nth(1);
  const stop = long.getByRole("button", { name: "Stop" });
  if (await long.and(notebook.page.locator("[aria-busy='true']")).isVisible()) {
    await stop.waitFor().catch(() => {});
    if (await stop.isVisible()) {
      await looked("loading", long);
      await stop.click();
      await long.getByText(/^Stopped at [\d.<\s]+%/).waitFor();
      await looked("stopped", long);
      await long.getByRole("button", { name: "Run again" }).click();
    }
  }
  await long.locator(".limpid-cell-pane").waitFor();
});

test("dark, narrow, failed, and reloaded", async () => {
  await notebook.theme("dark");
  await looked("dark");
  await notebook.theme("light");
  await looked("error", notebook.panel.locator(".limpid-cell-text").nth(2));
  for (const width of [480, 140]) {
    await widget.evaluate((element, width) => {
      element.parentElement!.style.width = `${width}px`;
    }, width);
    await settled(widget);
    await looked(`${width}`);
    const overflow = await widget.evaluate((element) => element.scrollWidth - element.clientWidth);
    assert.ok(overflow <= 1, `${overflow} pixels too wide at ${width}`);
  }
  assert.deepEqual(notebook.errors, []);
});
