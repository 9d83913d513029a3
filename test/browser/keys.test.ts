/** Keys that are pressed in a widget stay in it: no shortcut of the notebook's command mode fires. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { ElementHandle, Locator } from "playwright-core";
import { long } from "../every.js";
import { until } from "../helpers/until.js";
import { likeness, sampled } from "./alike.js";
import { type Lab, type Notebook, startLab } from "./lab.js";

const CELLS = [
  `import { CellText, Choice, ClassPrototype, ConceptBars, ConceptExplorer, DrawDigit, Explorer, FlippingCurve, Heatmap, Inversion, LayerWalk, loadConcepts, loadDigits, loadModel, plantedPictures, RankMatrix, RelevanceBrowser, RelevanceFlow, SanityCheck, ScalpMap, ShatteredGradients, SignalHeatmap, StrategyMap, tensorflow, TextHeatmap, UnitGallery, UnitPage } from "limpid";
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
  "new LayerWalk(model, photo)",
  `const check = new SanityCheck(model, photo, { methods: ["gradient-times-input", "sensitivity"], seed: 1 });
await check.settled();
check`,
  `new FlippingCurve({ model, image: photo, methods: ["lrp", "sensitivity"], region: 7, orders: 1 })`,
  `const some = tf.tensor4d(Float32Array.from(digits.pixels.subarray(0, 10 * 784), (ink) => ink / 255), [10, 28, 28, 1]);
const units = new UnitPage(model, { data: { count: 10, take: (start: number, n: number) => tf.slice(some, start, n) }, steps: 4 });
await units.settled();
units`,
  `const tens = tf.tensor4d(Float32Array.from(digits.pixels.subarray(0, 60 * 784), (ink) => ink / 255), [60, 28, 28, 1]);
const strategies = new StrategyMap({ model, data: { x: tens, classes: digits.labels.subarray(0, 60).map((label) => Math.min(label, 1)) }, target: 1, neighbors: 5, chosen: 2 });
await strategies.settled();
strategies.takeCluster(0);
strategies`,
  `const concepts = new ConceptExplorer({ model, image: photo, data: { x: tens } });
await concepts.settled();
concepts.channel = concepts.channels[0]!.channel;
await concepts.settled();
concepts`,
  `const cells = new CellText(await loadModel("char-lstm"), 'type Side = "left" | "right"; // one of two\\n'.repeat(3), { shifts: 19 });
await cells.settled();
cells`,
  `new Inversion(model, photo, { layer: "conv2", steps: 3 })`,
  `const drawn = (options: { count: number } & Parameters<typeof plantedPictures>[0]) => tf.tensor4d(plantedPictures(options).pixels, [options.count, 48, 48, 3]);
const bars = new ConceptBars(await loadModel("planted-watermark"), { layers: ["conv2", "conv3"], random: drawn({ count: 150, seed: 12 }), inputs: drawn({ count: 10, seed: 13, object: "disc" }),
  target: "disc", concepts: { watermark: drawn({ count: 10, seed: 11, watermark: {} }), stripes: drawn({ count: 10, seed: 11, scene: "stripes" }) } });
await bars.settled();
bars`,
  `const objects = await loadModel("planted-objects");
const gallery = new UnitGallery(objects, await loadConcepts("planted", objects.input, { count: 20 }), { layers: ["conv2"], share: 0.05, leastOverlap: 0.06 });
await gallery.settled();
gallery`,
  `new TextHeatmap({ tokens: ["never", "dull", "and", "wise"], relevance: { one: [0.1, -0.4, 0, 1], two: [1, 0.2, 0, 0.5] }, score: ({ kept }) => [kept.length, 2], title: "words" })`,
  `new Choice("Which of them?", ["this", "that", "neither"], { answer: ["that"], multiple: true })`,
  `const { MoleculeView } = await import("limpid");
new MoleculeView({ name: "water", elements: ["O", "H", "H"], positions: Float32Array.of(0, 0, 0, 0, 0.76, 0.59, 0, -0.76, 0.59), flat: false, bonds: undefined, charges: new Map(), properties: {} },
  { atoms: [-2, 1, 1], bonds: [{ from: 0, to: 1, value: 1 }] })`,
  `const traced = { name: "waves", rate: 100, start: 0, classNames: [], annotations: [], channels: ["C3", "C4"].map((name) => ({ name, unit: "µV" })),
  series: [{ samples: 100, values: Float32Array.from({ length: 200 }, (_, at) => Math.sin(at / 9)) }] };
new SignalHeatmap({ signals: traced, relevance: { shape: [2, 100], values: Float32Array.from({ length: 200 }, (_, at) => Math.cos(at / 9)) }, title: "waves", brush: [20, 40] })`,
  `new ScalpMap({ electrodes: ["F3", "Fz", "F4", "C3", "Cz", "C4"], title: "head", maps: [{ values: { shape: [6, 3], values: Float32Array.from({ length: 18 }, (_, at) => Math.sin(at)) } }, { values: [1, 2, 3, 4, 5, 6] }] })`,
  `const { explainDataset } = await import("limpid/runs");
await explainDataset(model, "mnist", { store: "keys.zarr", samples: 30, shard: 16, method: "sensitivity" });
const browser = new RelevanceBrowser("keys.zarr", { selected: 3 });
await browser.settled();
browser`,
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
  "layer-walk",
  "sanity-check",
  "flipping",
  "unit-page",
  "strategy-map",
  "concept-explorer",
  "cell-text",
  "inversion",
  "concept-bars",
  "unit-gallery",
  "text-heatmap",
  "choice",
  "molecule-view",
  "signal-heatmap",
  "scalp-map",
  "relevance-browser",
];

/** What would insert, delete, cut, move, turn and restart. */
const SHORTCUTS = ["b", "a", "d", "d", "x", "m", "y", "1", "Shift+M", "Control+Shift+ArrowUp", "Control+z", "0", "0"];
const OWN = ["ArrowDown", "ArrowUp", "ArrowRight", "ArrowLeft", " ", "Enter"];

/** How long a control may wait for the kernel, in milliseconds, on a busy machine. */
const PATIENCE = 20_000;

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
  if (kind === "text" || kind === "search") return ["1"];
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
  const keys = ownKeys(kind);
  // The kernel's answer to an earlier key comes when it comes: it may take the control away between its focus and the key, and one
  // that waits for it answers once it is there.
  for (const deadline = Date.now() + PATIENCE; Date.now() < deadline; await notebook.page.waitForTimeout(100)) {
    const key = presses ? keys[answered]! : keys.shift()!;
    if (!(await focus(control))) return;
    const before = await look(control);
    const isReached = await pressOn(control, key);
    if ((await look(control)) !== before) answered++;
    else if (presses && isReached) assert.fail(`${name} does nothing at ${JSON.stringify(key)}`);
    if (answered >= (presses ? keys.length : 1)) return;
    if (!presses) keys.push(key);
  }
  assert.ok(!(await focus(control)), `${name} answers its own keys`);
}

/** Presses a key; whether the control had the focus and could act, when it went down and when it came up. */
async function pressOn(control: ElementHandle<Element>, key: string): Promise<boolean> {
  const seen = await control.evaluateHandle((element) => {
    const seen: string[] = [];
    for (const type of ["keydown", "keyup"]) {
      const see = ({ target }: Event) => {
        if (target === element && element.checkVisibility() && !element.matches(":disabled")) seen.push(type);
      };
      window.addEventListener(type, see, { capture: true, once: true });
    }
    return seen;
  });
  await notebook.page.keyboard.press(key);
  return (await seen.evaluate(({ length }) => length)) === 2;
}

/** False where a control cannot have the focus any more: what was pressed before has put it to rest. */
const focus = (control: ElementHandle<Element>) =>
  control.evaluate((element) => {
    (element as HTMLElement).focus();
    return document.activeElement === element;
  });

describe("keys in a widget", () => {
  for (const [index, kind] of WIDGETS.entries()) {
    test(
      `${kind}: no control lets a shortcut through, and each answers its own keys`,
      index % 2 === 0 ? {} : long,
      async () => {
        const widget = widgetOf(kind);
        await widget.scrollIntoViewIfNeeded();
        await widget.and(notebook.page.locator(":not([aria-busy='true'])")).waitFor();
        const { cells } = await state();
        const controls = (await widget
          .locator("button, input, select, summary, [tabindex='0']")
          .elementHandles()) as ElementHandle<Element>[];
        assert.ok(controls.length > 3, `${controls.length} controls`);
        const named = controls.map(async (control) => ({ control, alike: await control.evaluate(likeness) }));
        let tried = 0;
        for (const { control } of sampled(await Promise.all(named))) {
          if (!(await control.isVisible()) || !(await focus(control))) continue;
          tried++;
          const type = await kindOf(control);
          const name = await control.evaluate((element) => element.outerHTML.slice(0, 160));
          // Of radio buttons the keyboard comes to the one that is chosen, and of one entry there is no other to choose.
          const reached = await control.evaluate(
            (element) =>
              !element.matches("[type='radio']:not(:checked)") &&
              !(element instanceof HTMLSelectElement && element.options.length < 2) &&
              // A group takes the focus to be scrolled.
              !element.matches("[role='group']") &&
              !(element.matches("[role='listbox']") && element.querySelectorAll("[role='option']").length < 2),
          );
          if (reached) await answersItsKeys(control, type, name);
          for (const key of [...SHORTCUTS, ...OWN]) {
            if (!(await focus(control))) break;
            await notebook.page.keyboard.press(key);
          }
          const now = await state();
          assert.deepEqual(now.cells, cells, name);
          assert.deepEqual([now.mode, now.activeCellIndex], ["command", index], name);
        }
        assert.ok(tried > 2, `${tried} controls`);
      },
    );

    test(`${kind}: a press beside its controls keeps the keys too, and Escape gives them back`, async () => {
      const widget = widgetOf(kind);
      // What the keys before have begun would move the title away from under the pointer.
      await widget.and(notebook.page.locator(":not([aria-busy='true'])")).waitFor();
      await widget.locator(".limpid-title").first().click();
      const { cells } = await state();
      await press(SHORTCUTS);
      assert.deepEqual((await state()).cells, cells);
      assert.ok(await inside(widget), "the focus is in the widget");
      // What a widget shows may change again while its notebook is saved.
      const saved = async () => {
        await notebook.page.keyboard.press("Control+s");
        const clean = () => !document.querySelector(".jp-mod-current.jp-mod-dirty");
        return notebook.page.waitForFunction(clean, undefined, { timeout: 3000 }).then(
          () => true,
          () => false,
        );
      };
      await until(saved, "Control S saves");
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
      await notebook.page.waitForFunction(chosen);
    }
    await widget.locator(".limpid-method-grid canvas").first().waitFor();
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
