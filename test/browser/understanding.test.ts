/** The widgets of understanding dark and narrow, without the kernel that made them, reopened, and after the page is loaded again. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Locator } from "playwright-core";
import { long, share } from "../every.js";
import { changed, until } from "../helpers/until.js";
import { type Lab, type Notebook, startLab } from "./lab.js";

/** The last line of each cell but the first shows a widget, of a model of digits, drawn scenes or characters. */
const cells = [
  `import { CellText, ConceptBars, ConceptExplorer, Inversion, loadConcepts, loadDigits, loadModel, plantedPictures, StrategyMap, tensorflow, UnitGallery, UnitPage } from "limpid";
const [tf, digitModel, hans, objects, characters, digits] = await Promise.all([tensorflow(), loadModel("mnist-cnn"), loadModel("planted-watermark"), loadModel("planted-objects"), loadModel("char-lstm"), loadDigits({ count: 30 })]);
const x = tf.tensor4d(Float32Array.from(digits.pixels, (ink) => ink / 255), [digits.count, 28, 28, 1]);
const drawn = (options: { count: number } & Parameters<typeof plantedPictures>[0]) => tf.tensor4d(plantedPictures(options).pixels, [options.count, 48, 48, 3]);
const painted = plantedPictures({ count: 160, seed: 3, watermark: { object: "disc", share: 0.4 } });
const scenes = tf.tensor4d(painted.pixels, [painted.count, 48, 48, 3]);`,
  `const inversion = new Inversion(digitModel, tf.slice(x, 4, 1), { layer: "conv2", steps: 20, starts: 2 });
await inversion.settled();
inversion`,
  `const text = new CellText(characters, 'type Side = "left" | "right"; // one of two\\n'.repeat(6), { rule: "comments", shifts: 19 });
await text.settled();
text`,
  `const bars = new ConceptBars(hans, { layers: ["conv2", "conv3"], random: drawn({ count: 200, seed: 12 }), inputs: drawn({ count: 20, seed: 13, object: "disc" }), target: "disc",
  concepts: { watermark: drawn({ count: 15, seed: 11, watermark: {} }), stripes: drawn({ count: 15, seed: 11, scene: "stripes" }) } });
await bars.settled();
bars`,
  `const gallery = new UnitGallery(objects, await loadConcepts("planted", objects.input, { count: 30 }), { layers: ["conv2", "conv3"], share: 0.05, leastOverlap: 0.06 });
await gallery.settled();
gallery`,
  `const strategies = new StrategyMap({ model: hans, data: { x: scenes, classes: painted.objects }, target: "disc", neighbors: 5, chosen: 2 });
await strategies.settled();
strategies.takeCluster(0);
await strategies.measure();
strategies`,
  `const concepts = new ConceptExplorer({ model: objects, image: tf.slice(scenes, 7, 1), data: { x: tf.slice(scenes, 0, 30) } });
await concepts.settled();
concepts.channel = concepts.channels[0]!.channel;
await concepts.settled();
concepts`,
  `const page = new UnitPage(digitModel, { data: { count: digits.count, take: (start: number, n: number) => tf.slice(x, start, n), labels: digits.labels }, layer: "conv2", channel: 13, steps: 8 });
await page.settled();
page`,
];
/** By cell: what its picture says in words. */
const spoken: [name: string, words: RegExp][] = [
  ["inversion", /^Inversion: .*conv2, optimization, 20 steps · .*differ by \d+ of 255 gray levels/s],
  ["cell-text", /^CellText: .*lstm\d? \d+: .*\d\.\d\d/s],
  ["concept-bars", /^ConceptBars: Which concepts move disc\?.*conv3 · watermark: .?\d.*p .*told apart \d+/s],
  ["unit-gallery", /^UnitGallery: .*conv3: \d+ of \d+ units are detectors.*IoU \d\.\d+/s],
  ["strategy-map", /^StrategyMap: Strategies for disc.*clusters of \d+, \d+.*disc: accuracy \d\.\d+ → \d\.\d+/s],
  ["concept-explorer", /^ConceptExplorer: Concepts of \w+ in .*relevance .?\d.*channel \d+: .?\d/s],
  ["unit-page", /^UnitPage: .*channel 13 of conv2.*Strongest by relevance: .*Relevance goes to: channel \d+/s],
];
const named = spoken.map(([name], at) => [name, at + 1] as const);

let lab: Lab;
let notebook: Notebook;
before(async () => {
  lab = await startLab();
  await lab.write("understanding.ipynb", cells);
  notebook = await lab.open("understanding.ipynb", { width: 1100, height: 1300 });
  await notebook.runAll();
});
after(async () => {
  await notebook?.close();
  await lab?.close();
});

const widget = (cell: number): Locator => notebook.codeCell(cell).locator(".limpid-widget").first();
const stored = (cell: number): Locator => notebook.codeCell(cell).locator(".limpid-stored").first();
const inState = (cell: number, state: string): Promise<void> =>
  stored(cell)
    .and(notebook.page.locator(`[data-state="${state}"]`))
    .waitFor();
/** What is to be read in a widget. */
const words = async (cell: number): Promise<string> => (await widget(cell).allInnerTexts()).join("\n");
/** Brings a widget into view, whole; what was scrolled away is laid out, and then painted. */
async function seen(shown: Locator, name: string): Promise<void> {
  await shown.scrollIntoViewIfNeeded();
  await notebook.page.waitForTimeout(200);
  await notebook.picture(`understanding-${name}`, shown);
}

test("all seven are shown without an error, in the dark, and fit into narrow cells", async () => {
  assert.deepEqual(await notebook.panel.locator(".jp-mod-error, [data-mime-type*='stderr']").allTextContents(), []);
  const wide: string[] = [];
  const looks = [["140", 140], ["dark"], ["480", 480], ["light"]] as const;
  for (const [look, width] of share(looks, 4)) {
    await notebook.theme(look === "dark" ? "dark" : "light");
    for (const [name, cell] of named) {
      const shown = widget(cell);
      await shown.evaluate((element, width) => {
        element.parentElement!.style.width = width === undefined ? "" : `${width}px`;
      }, width);
      await seen(shown, `${name}-${look}`);
      const over = await shown.evaluate((element) => {
        const { right } = element.getBoundingClientRect();
        if (element.scrollWidth <= element.clientWidth + 1) return [];
        const beyond = [...element.querySelectorAll("*")].filter((part) => part.getBoundingClientRect().right > right);
        return beyond.map((part) => `${part.localName}.${part.getAttribute("class")}`);
      });
      if (over.length > 0) wide.push(`${name}, ${look}: ${[...new Set(over)].join(", ")}`);
    }
  }
  for (const [, cell] of named) await widget(cell).evaluate((one) => one.parentElement!.style.removeProperty("width"));
  assert.deepEqual(wide, []);
  assert.deepEqual(notebook.errors, []);
});

test("a page that is loaded again has the widgets as they were, and they answer", async () => {
  const said: string[] = [];
  for (const [, cell] of named) {
    await widget(cell).scrollIntoViewIfNeeded();
    // What is out of view is not laid out, and has no words.
    said.push(await changed(() => words(cell), ""));
  }
  await notebook.command("docmanager:save");
  await notebook.load();
  const other: string[] = [];
  for (const [at, [name, cell]] of named.entries()) {
    await notebook.codeCell(cell).scrollIntoViewIfNeeded();
    await widget(cell).waitFor();
    await until(async () => (await words(cell)) === said[at], name, 5000).catch(async () => {
      other.push(`${name}: ${said[at]} BECAME ${await words(cell)}`);
    });
  }
  assert.deepEqual(other, []);
  const inversion = widget(1);
  await inversion.scrollIntoViewIfNeeded();
  await inversion.getByRole("slider", { name: "Layer" }).focus();
  await notebook.page.keyboard.press("ArrowRight");
  await inversion.getByText(/^From pool2, optimization, 20 steps$/).waitFor();
  await inversion.getByRole("slider", { name: "Layer" }).focus();
  await notebook.page.keyboard.press("ArrowLeft");
  await inversion.getByText(/^From conv2, optimization, 20 steps$/).waitFor();
  assert.deepEqual(notebook.errors, []);
});

test("a kernel that restarts leaves pictures with locked controls", long, async () => {
  await notebook.command("docmanager:save");
  await notebook.restart();
  const open: string[] = [];
  for (const [name, cell] of named) {
    await stored(cell).scrollIntoViewIfNeeded();
    await inState(cell, "locked");
    assert.ok((await widget(cell).textContent())!.length > 40, `${name} still says what it showed`);
    const free = await stored(cell)
      .locator("button, input, select, textarea, [tabindex='0']")
      .evaluateAll((all) =>
        all
          .filter(
            (part) =>
              part.closest("[data-locked], [data-writes], [data-reads]") === null &&
              !(part as HTMLButtonElement).disabled,
          )
          .map((part) => part.outerHTML.slice(0, 120)),
      );
    open.push(...free.map((part) => `${name}: ${part}`));
    await seen(stored(cell), `${name}-locked`);
  }
  assert.deepEqual(open, []);
});

test("a notebook reopened without its kernel shows the pictures, and what they are of in words", async () => {
  await notebook.close();
  notebook = await lab.open("understanding.ipynb", { width: 800, height: 1300, theme: "dark" });
  for (const [at, [name, words]] of spoken.entries()) {
    const cell = at + 1;
    await stored(cell).scrollIntoViewIfNeeded();
    await inState(cell, "stored");
    const image = stored(cell).locator("img");
    await image.waitFor();
    const [natural, right, room] = await image.evaluate((shown) => [
      (shown as HTMLImageElement).naturalWidth,
      shown.getBoundingClientRect().right,
      shown.closest(".limpid-stored")!.getBoundingClientRect().right,
    ]);
    assert.ok(natural! > 200 && right! <= room! + 1, `${name}: ${natural} wide, to ${right} of ${room}`);
    assert.match((await image.getAttribute("alt")) ?? "", words);
    await seen(stored(cell), `${name}-stored`);
  }
  assert.deepEqual(notebook.errors, []);
});
