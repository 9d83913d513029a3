/** Keys that are pressed in a widget stay in it: no shortcut of the notebook's command mode fires. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { ElementHandle, Locator } from "playwright-core";
import { type Lab, type Notebook, startLab } from "./lab.js";

const CELLS = [
  `import { ClassPrototype, DrawDigit, Explorer, FlippingCurve, Heatmap, loadDigits, loadModel, RankMatrix, RelevanceFlow, SanityCheck, ShatteredGradients, tensorflow } from "limpid";
const [model, digits, tf] = await Promise.all([loadModel("mnist-cnn"), loadDigits(), tensorflow()]);
const bytes = digits.pixels.subarray(4 * 784, 5 * 784);
const pixels = Uint8ClampedArray.from({ length: 4 * 784 }, (_, at) => (at % 4 === 3 ? 255 : bytes[at >> 2]!));
const photo = { tensor: tf.tensor4d(Float32Array.from(bytes, (byte) => byte / 255), [1, 28, 28, 1]), pixels, width: 28, height: 28,
  name: "digit", dispose() {} };
new Explorer(model, photo)`,
  "new ClassPrototype(model, { target: 3, examples: digits })",
  "const pad = new DrawDigit(model, { samples: digits });\nawait pad.draw(bytes);\npad",
  "new ShatteredGradients({ depth: 3, width: 20 })",
  `new Heatmap({ relevance: { shape: [28, 28], values: Float32Array.from(bytes, (byte) => byte / 255 - 0.2) }, title: "digit" })`,
  "new RelevanceFlow(model, photo)",
  `const check = new SanityCheck(model, photo, { methods: ["gradient-times-input", "sensitivity"], seed: 1 });
await check.settled();
check`,
  `new FlippingCurve({ model, image: photo, methods: ["lrp", "sensitivity"], region: 7, orders: 1 })`,
  `const x = tf.tensor4d(Float32Array.from(digits.pixels.subarray(0, 2 * 784), (ink) => ink / 255), [2, 28, 28, 1]);
const matrix = new RankMatrix({ model, data: { x }, methods: ["lrp", "sensitivity"],
  measures: [{ measure: "pixel-flipping", parameters: { steps: 4 } }, { measure: "selectivity" }] });
await matrix.settled();
matrix`,
];
const WIDGETS = [
  "explorer",
  "prototype",
  "draw-digit",
  "shattered",
  "heatmap",
  "relevance-flow",
  "sanity-check",
  "flipping",
];

/** What would insert, delete, cut, move, turn and restart. */
const SHORTCUTS = ["b", "a", "d", "d", "x", "m", "y", "1", "Shift+M", "Control+Shift+ArrowUp", "Control+z", "0", "0"];
const OWN = ["ArrowDown", "ArrowUp", "ArrowRight", "ArrowLeft", " ", "Enter"];

let lab: Lab;
let notebook: Notebook;
before(async () => {
  lab = await startLab();
  await lab.write("keys.ipynb", CELLS);
  notebook = await lab.open("keys.ipynb", { height: 1200 });
  await notebook.runAll();
  const errors = notebook.panel.locator("[data-mime-type='application/vnd.jupyter.error']");
  assert.deepEqual(await errors.allInnerTexts(), []);
});
after(async () => {
  await notebook?.close();
  await lab?.close();
});

interface Content {
  activeCellIndex: number;
  mode: string;
  model: { dirty: boolean; sharedModel: { cells: { cell_type: string; source: string }[] } };
}

/** The notebook as JupyterLab holds it: its cells, which of them is active, and the mode. */
const state = () =>
  notebook.page.evaluate(() => {
    const { shell } = (window as never as { jupyterapp: { shell: { currentWidget: { content: Content } } } })
      .jupyterapp;
    const { model, mode, activeCellIndex } = shell.currentWidget.content;
    const cells = model.sharedModel.cells.map(({ cell_type, source }) => [cell_type, source]);
    return { cells, mode, activeCellIndex, dirty: model.dirty };
  });

/** The widget of a cell, which may hold others. */
const widgetOf = (kind: string, cell = WIDGETS.indexOf(kind)) =>
  notebook.output(cell).locator(`.limpid-${kind}.limpid-widget`).first();

const inside = (widget: Locator) => widget.evaluate((element) => element.contains(document.activeElement));
const press = (keys: string[]) =>
  keys.reduce((done, key) => done.then(() => notebook.page.keyboard.press(key)), Promise.resolve());

/** Everything that shows whether a control did something: its value, its clicks, what stands around it. */
const look = (control: ElementHandle<Element>) =>
  control.evaluate((element) => {
    const { value, checked } = element as HTMLInputElement;
    const own = element as Element & { clicks?: number };
    const text = element.closest(".limpid-widget")?.textContent;
    const group = element.closest(".limpid-segments");
    const chosen = [...(group?.querySelectorAll("input") ?? [])].map((input) => input.checked).join();
    const drawn = element instanceof HTMLCanvasElement ? element.toDataURL() : "";
    return JSON.stringify([
      value,
      checked,
      own.clicks,
      chosen,
      drawn,
      element.ariaValueNow,
      element.ariaValueText,
      text,
    ]);
  });

/** The keys by which that kind of control is used; one of them must do something, and for a button each. */
function ownKeys(kind: string): string[] {
  if (kind === "button" || kind === "summary") return [" ", "Enter"];
  if (kind === "checkbox") return [" "];
  if (kind === "text") return ["1"];
  if (kind === "canvas") return [" ", "ArrowRight"];
  return ["ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown"];
}

const kindOf = (control: ElementHandle<Element>) =>
  control.evaluate((element) => {
    if (element instanceof HTMLInputElement) return element.type;
    return element.localName;
  });

/** Presses of a button are counted by the page itself, whatever it leads to. */
async function answersItsKeys(control: ElementHandle<Element>, kind: string, name: string): Promise<void> {
  const presses = kind === "button" || kind === "summary";
  if (presses) {
    await control.evaluate((element) => {
      const counted = element as Element & { clicks?: number };
      counted.clicks = 0;
      element.addEventListener("click", () => counted.clicks!++);
    });
  }
  let answered = 0;
  for (const key of ownKeys(kind)) {
    if (!(await focus(control))) return;
    const before = await look(control);
    await notebook.page.keyboard.press(key);
    if ((await look(control)) !== before) answered++;
  }
  assert.ok(answered >= (presses ? 2 : 1), `${name} answers its own keys`);
}

/** False where a control cannot have the focus any more: what was pressed before has put it to rest. */
const focus = (control: ElementHandle<Element>) =>
  control.evaluate((element) => {
    (element as HTMLElement).focus();
    return document.activeElement === element;
  });

describe("keys in a widget", () => {
  for (const [index, kind] of WIDGETS.entries()) {
    test(`${kind}: no control lets a shortcut through, and each answers its own keys`, async () => {
      const widget = widgetOf(kind);
      await widget.scrollIntoViewIfNeeded();
      await widget.and(notebook.page.locator(":not([aria-busy='true'])")).waitFor();
      const { cells } = await state();
      const controls = (await widget
        .locator("button, input, select, summary, [tabindex='0']")
        .elementHandles()) as ElementHandle<Element>[];
      assert.ok(controls.length > 3, `${controls.length} controls`);
      let tried = 0;
      for (const control of controls) {
        if (!(await control.isVisible()) || !(await focus(control))) continue;
        tried++;
        const type = await kindOf(control);
        const name = await control.evaluate((element) => element.outerHTML.slice(0, 160));
        // Of radio buttons the keyboard comes to the one that is chosen.
        const reached = await control.evaluate((element) => !element.matches("[type='radio']:not(:checked)"));
        if (reached) await answersItsKeys(control, type, name);
        for (const key of [...SHORTCUTS, ...OWN]) {
          if (!(await focus(control))) break;
          await notebook.page.keyboard.press(key);
        }
        const now = await state();
        assert.deepEqual(now.cells, cells, name);
        assert.deepEqual([now.mode, now.activeCellIndex], ["command", index], name);
      }
      assert.ok(tried > 3, `${tried} controls`);
    });

    test(`${kind}: a press beside its controls keeps the keys too, and Escape gives them back`, async () => {
      const widget = widgetOf(kind);
      // What the keys before have begun would move the title away from under the pointer.
      await widget.and(notebook.page.locator(":not([aria-busy='true'])")).waitFor();
      await widget.locator(".limpid-title").first().click();
      const { cells } = await state();
      await press(SHORTCUTS);
      assert.deepEqual((await state()).cells, cells);
      assert.ok(await inside(widget), "the focus is in the widget");
      await notebook.page.keyboard.press("Control+s");
      await notebook.page.waitForFunction(() => !document.querySelector(".jp-mod-current.jp-mod-dirty"));
      await press(["Escape", "b"]);
      assert.equal(await inside(widget), false);
      const after = (await state()).cells;
      assert.equal(after.length, cells.length + 1, "b inserts a cell again");
      await press(["d", "d"]);
      assert.deepEqual((await state()).cells, cells);
    });
  }

  test("rank-matrix: keys walk over its cells and choose two measures, whose maps appear, and none reaches the notebook", async () => {
    const widget = widgetOf("rank-matrix", CELLS.length - 1);
    await widget.scrollIntoViewIfNeeded();
    const { cells } = await state();
    const active = () => notebook.page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? "");
    await widget.locator("td[tabindex='0']").focus();
    assert.match(await active(), /^\S+ by pixel-flipping: mean /);
    await press([...SHORTCUTS, "End"]);
    assert.match(await active(), /^\S+ by selectivity: mean /);
    assert.match((await widget.locator(".limpid-rank-reading").textContent())!, /by selectivity: mean /);
    for (const [index, measure] of ["pixel-flipping", "selectivity"].entries()) {
      await widget.getByRole("button", { name: measure }).focus();
      await press([index === 0 ? " " : "Enter", ...SHORTCUTS]);
      // The name is drawn anew, and keeps the focus.
      const chosen = () => document.activeElement?.matches(".limpid-rank-measure[aria-pressed='true']");
      await notebook.page.waitForFunction(chosen, undefined, { timeout: 30_000 });
    }
    await widget.locator(".limpid-method-grid canvas").first().waitFor({ timeout: 30_000 });
    const now = await state();
    assert.deepEqual([now.cells, now.mode, now.activeCellIndex], [cells, "command", CELLS.length - 1]);
  });

  test("Escape first ends what a part has begun", async () => {
    const map = widgetOf("heatmap");
    await map.locator("canvas").first().focus();
    await press(["ArrowRight", "Escape"]);
    assert.ok(await inside(map));
    await press(["Escape"]);
    assert.equal(await inside(map), false);
    assert.deepEqual(notebook.errors, []);
  });
});
