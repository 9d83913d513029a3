/** A molecule as a reader of the notebook looks at it: pointed at, turned by mouse and keys, its bonds instead of its atoms, and without a kernel. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Locator } from "playwright-core";
import { long } from "../every.js";
import { type Lab, type Notebook, startLab } from "./lab.js";

const cells = [
  `import { MoleculeView } from "limpid";
const molecule = { name: "H2CO", elements: ["O", "C", "H", "H"], positions: Float32Array.of(0, 0, 1.2, 0, 0, 0, 0, 0.94, -0.59, 0, -0.94, -0.59),
  flat: false, bonds: undefined, charges: new Map<number, number>(), properties: {} };
const view = new MoleculeView(molecule, { atoms: [-2.4, -6.1, 0.4, 0.4], whole: -7.7, unit: "kcal/mol", quantity: "energy",
  bonds: [{ from: 1, to: 0, value: -5.2 }, { from: 1, to: 2, value: -1.2 }, { from: 0, to: 2, value: 0.6 }] });
view`,
  `new MoleculeView({ ...molecule, flat: true, bonds: [{ from: 1, to: 0, order: 2 }], positions: Float32Array.of(0, 1, 0, 0, 0, 0, 0.9, -0.5, 0, -0.9, -0.5, 0) })`,
];

let lab: Lab;
let notebook: Notebook;
let widget: Locator;
before(async () => {
  lab = await startLab();
  await lab.write("molecules.ipynb", cells);
  notebook = await lab.open("molecules.ipynb", { height: 1100 });
  await notebook.runAll();
  widget = notebook.output(0).locator(".limpid-molecule-view").first();
  await widget.locator(".limpid-molecule-row").first().waitFor();
});
after(async () => {
  await notebook?.close();
  await lab?.close();
});

const reading = () => widget.locator(".limpid-molecule-reading").textContent();
const atom = (item: number) => widget.locator(`circle[data-item='${item}']`);
const selected = () => widget.locator("[role='option'][aria-selected='true']").allTextContents();
const places = () =>
  widget
    .locator("circle")
    .evaluateAll((all) => all.map((one) => [one.getAttribute("cx"), one.getAttribute("cy")].join()));

test("what is pointed at says its value, its share and its neighbors, in the drawing and in the list", async () => {
  assert.match((await widget.locator(".limpid-books").textContent())!, /^atoms sum to −7\.700 of −7\.700 kcal\/mol$/);
  assert.equal(await reading(), "Point at an atom or a bond; drag to turn it.");
  await atom(1).hover();
  assert.equal(await reading(), "C1 · −6.100 kcal/mol · bound to O1, H1, H2");
  assert.deepEqual(await selected(), ["C1 −6.10"]);
  await widget.locator(".limpid-molecule-row", { hasText: "O1" }).hover();
  assert.match((await reading())!, /^O1 · −2\.400 kcal\/mol/);
  assert.match((await atom(0).getAttribute("class"))!, /limpid-molecule-pointed/);
  await notebook.picture("molecule-light", widget);
});

test("arrow keys walk over the list, and turn the molecule where it has the focus; no key reaches the notebook", async () => {
  const { page } = notebook;
  await page.mouse.move(0, 0);
  await widget.locator(".limpid-molecule-rows").focus();
  await page.keyboard.press("End");
  assert.deepEqual(await selected(), ["H2 +0.400"]);
  await page.keyboard.press("Home");
  assert.deepEqual(await selected(), ["C1 −6.10"]);
  await page.keyboard.press("ArrowDown");
  assert.deepEqual(await selected(), ["O1 −2.40"]);
  const straight = await places();
  await widget.locator(".limpid-molecule-picture").focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  assert.notDeepEqual(await places(), straight);
  await page.keyboard.press("0");
  assert.deepEqual(await places(), straight);
  assert.deepEqual(notebook.errors, []);
});

test("dragging turns it, and the kernel knows", async () => {
  const box = (await widget.locator(".limpid-molecule-picture").boundingBox())!;
  const straight = await places();
  const { mouse } = notebook.page;
  await mouse.move(box.x + 40, box.y + 40);
  await mouse.down();
  await mouse.move(box.x + 90, box.y + 60, { steps: 4 });
  await mouse.up();
  const turned = await places();
  assert.notDeepEqual(turned, straight);
  await mouse.move(box.x + 140, box.y + 60);
  assert.deepEqual(await places(), turned, "a released molecule stays");
  await notebook.page.keyboard.press("0");
});

test("bonds have colors of their own, dashed where atoms are not bound, and their scale can be held", async () => {
  await widget.getByRole("radio", { name: "Bonds" }).check();
  await widget.locator(".limpid-molecule-row", { hasText: "O1–C1" }).hover();
  assert.equal(await reading(), "O1–C1 · −5.200 kcal/mol · bond · 1.20 Å");
  assert.equal(await widget.locator("line.limpid-molecule-value[stroke-dasharray]").count(), 1);
  assert.match(
    (await widget.locator(".limpid-books").textContent())!,
    /^pairs sum to −5\.800 of .* · rest −1\.900 kcal\/mol$/,
  );
  await widget.getByRole("button", { name: "Hold scale" }).click();
  await widget.getByRole("radio", { name: "Both" }).check();
  assert.match((await widget.locator(".limpid-ticks").textContent())!, /\+5\.2$/);
  await widget.getByRole("button", { name: "Scale held" }).click();
  assert.match((await widget.locator(".limpid-ticks").textContent())!, /\+6\.1$/);
  const numbers = widget.locator(".limpid-molecule-number");
  // Of a pair that is not bound the list says the value.
  assert.equal(await numbers.count(), 6);
  await widget.getByRole("checkbox", { name: "Values" }).uncheck();
  assert.equal(await numbers.count(), 0);
  await widget.getByRole("checkbox", { name: "Values" }).check();
});

test("a drawing in the plane keeps still", async () => {
  const flat = notebook.output(1).locator(".limpid-molecule-view").first();
  const picture = flat.locator(".limpid-molecule-picture");
  assert.equal(await picture.getAttribute("role"), "img");
  assert.equal(await picture.getAttribute("aria-label"), "Molecule of 4 atoms, 1 bond");
  await flat.locator("circle[data-item='1']").hover();
  assert.equal(await flat.locator(".limpid-molecule-reading").textContent(), "C1 · bound to O1");
});

test("in the dark, at 480 pixels, nothing stands out of the widget", long, async () => {
  await notebook.theme("dark");
  await notebook.picture("molecule-dark", widget);
  await notebook.page.setViewportSize({ width: 480, height: 1200 });
  await notebook.page.waitForTimeout(300);
  assert.ok(await widget.evaluate((element) => element.scrollWidth <= element.clientWidth + 1));
  await notebook.picture("molecule-480-dark", widget);
});
