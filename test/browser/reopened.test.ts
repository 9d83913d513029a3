/** Notebooks without the kernel that made their widgets: reopened, restarted, saved by another front end. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Locator, Page } from "playwright-core";
import { long } from "../every.js";
import { changed, until } from "../helpers/until.js";
import { type Lab, type Notebook, ROOT, startLab } from "./lab.js";

const cells = [
  `import { display, FloatSlider, Heatmap, HBox, VBox } from "limpid";
const size = 24;
const pixels = Uint8Array.from({ length: 4 * size * size }, (_, i) => (i % 4 === 3 ? 255 : (i * 7) % 200));
const wave = (turns: number) => ({
  shape: [size, size],
  values: Float32Array.from({ length: size * size }, (_, i) => Math.sin((turns * i) / size) * (i / size / size)),
});
const map = new Heatmap({ image: { pixels, width: size, height: size }, relevance: wave(1), title: "A *wave*", subtitle: "1 turn" });
map`,
  `const slider = new FloatSlider({ value: 1, min: 1, max: 9, step: 1, description: "turns" });
const moved = new Heatmap({ relevance: wave(1), title: "Moved" });
slider.observe(({ new: turns }) => moved.set({ relevance: wave(turns), subtitle: turns + " turns" }), "value");
display(new VBox([slider, moved]));
console.log("below");`,
];

let lab: Lab;
before(async () => {
  lab = await startLab();
});
after(() => lab?.close());

const stored = (notebook: Notebook, cell: number): Locator => notebook.codeCell(cell).locator(".limpid-stored").first();
const inState = (output: Locator, state: string): Promise<void> =>
  output.and(output.page().locator(`[data-state="${state}"]`)).waitFor({ state: "attached" });

/** Opens a notebook that was run, saved and left, in a kernel that knows nothing of it. */
async function reopened(name: string, look: Parameters<Lab["open"]>[1] = {}): Promise<Notebook> {
  await lab.write(name, cells);
  const first = await lab.open(name);
  await first.runAll();
  await inState(stored(first, 1), "live");
  await first.command("docmanager:save");
  await first.close();
  return lab.open(name, look);
}

test("a notebook reopened without its kernel shows its pictures, and running it makes them live", async () => {
  const notebook = await reopened("reopened.ipynb");
  try {
    for (const cell of [0, 1]) {
      const output = stored(notebook, cell);
      await inState(output, "stored");
      const picture = output.locator("img");
      await picture.waitFor();
      assert.ok(await picture.evaluate((image) => (image as HTMLImageElement).naturalWidth > 100));
      const words = cell === 0 ? /^Heatmap: A wave 1 turn/ : /^VBox of FloatSlider.*value: 1.*; Heatmap: Moved/;
      assert.match((await picture.getAttribute("alt")) ?? "", words);
      // What is hidden has a text, too.
      const note = output.locator("[role='note']:visible");
      assert.match(await note.innerText(), /Run this cell to make it live\.$/);
      const opacity = await output.locator(".limpid-stored-picture").evaluate((part) => getComputedStyle(part).opacity);
      assert.ok(Number(opacity) < 0.8, opacity);
    }
    for (const words of [/model not found/, /Loading widget/]) {
      assert.equal(await notebook.panel.getByText(words).filter({ visible: true }).count(), 0);
    }
    await notebook.picture("reopened-light");
    await notebook.runAll();
    for (const cell of [0, 1]) {
      await inState(stored(notebook, cell), "live");
      assert.equal(await notebook.codeCell(cell).locator("img").count(), 0);
      assert.equal(await notebook.codeCell(cell).locator("[role='note']").isVisible(), false);
    }
    assert.equal(await notebook.widget("heatmap").isVisible(), true);
    await notebook.picture("reopened-live");
    assert.deepEqual(notebook.errors, []);
  } finally {
    await notebook.close();
  }
});

/** Waits until every stored picture of the notebook is there, and lies in the width of its output. */
async function picturesIn(notebook: Notebook): Promise<void> {
  for (const cell of [0, 1]) {
    const output = stored(notebook, cell);
    await inState(output, "stored");
    const picture = output.locator("img");
    await picture.waitFor();
    const [shown, whole, natural] = await output.evaluate((node) => {
      const image = node.querySelector("img")!;
      return [image.getBoundingClientRect().right, node.getBoundingClientRect().right, image.naturalWidth];
    });
    assert.ok(natural! > 100 && shown! <= whole!, `${natural} wide, to ${shown} of ${whole}`);
  }
}

test("a notebook whose kernel is slow to come shows its pictures at once, in every width and theme", long, async () => {
  // Until its session is there, nobody knows which widgets the kernel has. Here it is asked for when the pictures have been seen.
  let seen: unknown;
  const prepare = (page: Page) =>
    page.route("**/api/sessions*", async (route) => {
      const pictures = page.locator(".limpid-stored-picture img");
      if (route.request().method() === "POST") {
        seen ??= await pictures
          .nth(1)
          .waitFor()
          .then(
            () => "pictures",
            () => "nothing",
          );
      }
      await route.continue();
    });
  const notebook = await reopened("slow.ipynb", { width: 480, prepare });
  assert.equal(seen, "pictures");
  try {
    for (const theme of ["light", "dark"] as const) {
      await notebook.theme(theme);
      for (const width of [480, 800, 1280]) {
        await notebook.page.setViewportSize({ width, height: 900 });
        await picturesIn(notebook);
      }
    }
  } finally {
    await notebook.close();
  }
});

/** In the page: the picture that the file would have of a cell's first output. */
function storedPng(cell: number): unknown {
  interface Outputs {
    get(index: number): { data: { "image/png"?: unknown } } | undefined;
  }
  const { jupyterapp } = globalThis as unknown as {
    jupyterapp: {
      shell: { currentWidget: { content: { model: { cells: { get(index: number): { outputs: Outputs } } } } } };
    };
  };
  return jupyterapp.shell.currentWidget.content.model.cells.get(cell).outputs.get(0)?.data["image/png"];
}

test("the file has what was seen last, of every child of a box", async () => {
  await lab.write("moved.ipynb", cells);
  let notebook = await lab.open("moved.ipynb");
  try {
    await notebook.runAll();
    await inState(stored(notebook, 1), "live");
    const source = () => notebook.page.evaluate(storedPng, 1);
    const before = await source();
    await notebook.codeCell(1).locator(".noUi-handle").focus();
    for (let turn = 1; turn < 4; turn++) await notebook.page.keyboard.press("ArrowRight");
    await notebook.codeCell(1).locator(".limpid-subtitle", { hasText: "4 turns" }).waitFor();
    await changed(source, before);
    // The view that is there stays: it is not drawn anew because the file is.
    assert.equal(
      await notebook
        .codeCell(1)
        .locator(".noUi-handle")
        .evaluate((at) => document.activeElement === at),
      true,
    );
    let output: { data: Record<string, string | string[]>; metadata: object } | undefined;
    const isStored = async () => {
      await notebook.command("docmanager:save");
      const file = JSON.parse(await readFile(join(lab.folder, "moved.ipynb"), "utf8"));
      output = file.cells[1].outputs[0];
      return /value: 4.*Heatmap: Moved 4 turns/.test([output!.data["text/plain"]].flat().join(""));
    };
    await until(isStored, "the file does not keep what was moved to");
    await notebook.close();
    assert.ok([output!.data["image/png"]].flat().join("").length < 200_000);
    notebook = await lab.open("moved.ipynb", { theme: "dark", width: 800 });
    await inState(stored(notebook, 1), "stored");
    await notebook.picture("reopened-dark");
  } finally {
    await notebook.close();
  }
});

test("a kernel that restarts leaves its pictures; controls that need it are locked, and say why", async () => {
  const closing = `const gone = new Heatmap({ relevance: wave(2), title: "Gone" });
slider.observe(() => gone.close(), "value");
gone`;
  await lab.write("restarted.ipynb", [...cells, closing]);
  const notebook = await lab.open("restarted.ipynb");
  try {
    await notebook.runAll();
    for (const cell of [1, 2]) await inState(stored(notebook, cell), "live");
    const closed = stored(notebook, 2);
    await notebook.codeCell(1).locator(".noUi-handle").press("ArrowRight");
    await inState(closed, "closed");
    assert.equal(await closed.locator("img, canvas").count(), 0);
    await notebook.restart();
    // What the kernel had closed is a picture of its file, as every widget whose kernel is gone.
    await inState(closed, "stored");
    assert.match((await closed.locator("img").getAttribute("alt")) ?? "", /^Heatmap: Gone/);
    assert.match(await closed.locator("[role='note']:visible").innerText(), /Run this cell to make it live\.$/);
    for (const cell of [0, 1]) {
      await inState(stored(notebook, cell), "locked");
      assert.equal(await notebook.codeCell(cell).locator(".limpid-heatmap canvas").isVisible(), true);
      assert.match(
        await stored(notebook, cell).locator("[role='note']").innerText(),
        /kernel that made this is gone.*Run this cell to make it live\.$/,
      );
    }
    // Neither the pointer nor the keyboard moves what the kernel would have answered, and it says so.
    const handle = notebook.codeCell(1).locator(".noUi-handle");
    assert.equal(await handle.getAttribute("aria-disabled"), "true");
    assert.match((await handle.getAttribute("title")) ?? "", /needs the kernel/);
    const turns = () => handle.getAttribute("aria-valuenow");
    const before = await turns();
    await handle.focus();
    await notebook.page.keyboard.press("ArrowRight");
    await handle.hover();
    await notebook.page.mouse.down();
    await notebook.page.mouse.move(900, 10, { steps: 3 });
    await notebook.page.mouse.up();
    assert.equal(await turns(), before);
    // How a map is seen asks no kernel.
    const map = notebook.codeCell(0).locator(".limpid-heatmap");
    await map.getByLabel("Opacity").focus();
    await notebook.page.keyboard.press("Home");
    assert.equal(await map.locator("output").first().textContent(), "0.00");
    await notebook.picture("restarted-light");
    await notebook.runAll();
    for (const cell of [0, 1, 2]) await inState(stored(notebook, cell), "live");
    await notebook.codeCell(1).locator(".noUi-handle").focus();
    await notebook.page.keyboard.press("ArrowRight");
    await notebook.codeCell(1).locator(".limpid-subtitle", { hasText: "2 turns" }).waitFor();
  } finally {
    await notebook.close();
  }
});

test("a notebook that nbconvert ran shows its pictures", long, async () => {
  await lab.write("converted.ipynb", cells);
  const run = spawn(
    join(ROOT, ".venv", "bin", "jupyter"),
    ["nbconvert", "--to", "notebook", "--execute", "--inplace", join(lab.folder, "converted.ipynb")],
    { stdio: "ignore" },
  );
  assert.deepEqual(await once(run, "exit"), [0, null]);
  const notebook = await lab.open("converted.ipynb");
  try {
    for (const cell of [0, 1]) {
      await inState(stored(notebook, cell), "stored");
      assert.equal(await notebook.codeCell(cell).locator("img").isVisible(), true);
    }
    await notebook.picture("reopened-nbconvert");
  } finally {
    await notebook.close();
  }
});
