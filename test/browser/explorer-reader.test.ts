/** What a reader does in an explorer by mouse and keyboard: any class, photos of their own, crops, layers, files. */
import assert from "node:assert/strict";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Locator } from "playwright-core";
import { changed } from "../helpers/until.js";
import { fingerprint, type Lab, type Notebook, ROOT, startLab } from "./lab.js";

const photo = (name: string) => readFile(join(ROOT, "photos", name));

let lab: Lab;
let notebook: Notebook;
let explorer: Locator;
before(async () => {
  lab = await startLab();
  await lab.write("reader.ipynb", [
    `import { Explorer, loadImage, loadModel } from "limpid";
const model = await loadModel("efficientnet-lite0");
const explorer = new Explorer(model, await loadImage("chelsea.png", model.input));
explorer`,
  ]);
  await cp(join(ROOT, "photos", "rocket.jpg"), join(lab.folder, "rocket.jpg"));
  await writeFile(join(lab.folder, "notes.txt"), "no picture");
  notebook = await lab.open("reader.ipynb", { height: 1300 });
  await notebook.runAll();
  explorer = notebook.widget("explorer");
  await explorer.scrollIntoViewIfNeeded();
  await idle();
});
after(async () => {
  await notebook?.close();
  await lab?.close();
});

const idle = () => explorer.and(notebook.page.locator("[aria-busy='false']")).waitFor();
const title = (words: string) => explorer.locator(".limpid-title", { hasText: words }).waitFor();
const refusal = (words: string) => explorer.locator(".limpid-refusal", { hasText: words }).waitFor();
const ends = () => explorer.locator(".limpid-low, .limpid-high").allTextContents();
const press = async (...keys: string[]) => {
  for (const key of keys) await notebook.page.keyboard.press(key);
};

/** Gives a file as a drop or a paste does. */
const give = (how: "drop" | "paste", name: string, type: string, bytes: Buffer) =>
  explorer.evaluate(
    (element, [how, name, type, base64]) => {
      const data = Uint8Array.from(atob(base64!), (character) => character.charCodeAt(0));
      const files = new DataTransfer();
      files.items.add(new File([data], name!, { type: type! }));
      const target = element.querySelector("canvas")!;
      if (how === "paste") {
        target.dispatchEvent(new ClipboardEvent("paste", { clipboardData: files, bubbles: true, cancelable: true }));
        return;
      }
      for (const kind of ["dragenter", "dragover", "drop"]) {
        target.dispatchEvent(new DragEvent(kind, { dataTransfer: files, bubbles: true, cancelable: true }));
      }
    },
    [how, name, type, bytes.toString("base64")] as const,
  );

test("at first sight the sum is the output, and the heading, the bars and the scale say so", async () => {
  const books = await explorer.locator(".limpid-books").innerText();
  const [, output, relevance] = /^output ([\d.]+) · relevance ([\d.]+) · biases shared out$/.exec(books)!;
  assert.equal(output, relevance);
  assert.equal(
    await explorer.locator(".limpid-layer-caption").innerText(),
    `${output} enters, ${output} reaches the pixels`,
  );
  assert.deepEqual(await ends(), ["speaks against", "speaks for"]);
});

test("any class is found by a part of its name, by keyboard, and explained", async () => {
  const search = explorer.getByLabel("Any class");
  await search.click();
  await notebook.page.keyboard.type("golden ret");
  await explorer.getByRole("option", { name: "golden retriever" }).waitFor();
  await press("ArrowDown", "Enter");
  await title("Why golden retriever?");
  const row = explorer.locator(".limpid-far button");
  assert.equal(await row.getAttribute("aria-pressed"), "true");
  assert.match((await row.getAttribute("title"))!, /class 207, output −?[\d.]+, rank \d+/);
  // By the mouse: what is typed is a part of several.
  await search.fill("espresso");
  await explorer.getByRole("option", { name: "espresso maker" }).click();
  await title("Why espresso maker?");
});

test("a class that does not exist is said so, with the nearest names", async () => {
  const search = explorer.getByLabel("Any class");
  const note = explorer.locator(".limpid-seen .limpid-search-note");
  await search.fill("xyzzy");
  await press("Enter");
  assert.match(
    await note.innerText(),
    /^No class is called “xyzzy”\. Type a part of one of 1000 names, or a number from 0 to 999\.$/,
  );
  assert.equal(await search.getAttribute("aria-invalid"), "true");
  await search.fill("tiger catt");
  assert.match(await note.innerText(), /^No class is called “tiger catt”\. Did you mean one of these\?$/);
  await notebook.picture("explorer-nearest", explorer);
  assert.ok((await explorer.getByRole("option").allInnerTexts()).some((text) => text.startsWith("tiger cat")));
  await search.fill("cat");
  await press("Enter");
  assert.match(await note.innerText(), /^“cat” is part of \d+ names: choose one$/);
  await press("Escape");
  assert.equal(await search.inputValue(), "");
  assert.equal(await note.isVisible(), false);
  await title("Why espresso maker?");
});

test("why not: what speaks against a class, with colors that say which is which", async () => {
  await explorer.getByLabel("Any class").fill("282");
  await press("Enter");
  await title("Why tiger cat?");
  await idle();
  await explorer.getByRole("radio", { name: "Why", exact: true }).focus();
  await press("ArrowRight");
  await title("Why not tiger cat?");
  await idle();
  await explorer.locator(".limpid-high", { hasText: "against tiger cat" }).waitFor();
  assert.deepEqual(await ends(), ["for tiger cat", "against tiger cat"]);
  assert.match(await explorer.locator(".limpid-books").innerText(), /^output −9\.\d+ · relevance −9\.\d+/);
  // Another class that is searched for is asked the same.
  for (const [index, name] of [
    ["281", "tabby"],
    ["282", "tiger cat"],
  ] as const) {
    await explorer.getByLabel("Any class").fill(index);
    await press("Enter");
    await title(`Why not ${name}?`);
    await idle();
  }
  await explorer.getByRole("radio", { name: "Why not", exact: true }).focus();
  await press("ArrowLeft");
  await title("Why tiger cat?");
  await idle();
});

test("a click on a layer's bar shows what it computes", async () => {
  const strip = explorer.locator(".limpid-layers");
  const { width, height } = (await strip.boundingBox())!;
  await strip.click({ position: { x: width / 2, y: height / 2 } });
  await explorer.locator(".limpid-tile").first().waitFor();
  const name = await explorer.getByLabel("Layer", { exact: true }).inputValue();
  const words = await explorer.locator(".limpid-activations .limpid-search-note").innerText();
  assert.match(words, new RegExp(`^${name} computes \\d+×\\d+×\\d+: `));
  const first = await fingerprint(explorer.locator(".limpid-tile").first());
  // By the keyboard: the last bar before the pixels.
  await strip.focus();
  await press("ArrowLeft", ...Array.from({ length: 3 }, () => "ArrowRight"), "Enter");
  await changed(() => explorer.getByLabel("Layer", { exact: true }).inputValue(), name);
  await changed(() => fingerprint(explorer.locator(".limpid-tile").first()), first);
  await notebook.picture("explorer-layer", explorer);
  await explorer.getByLabel("Layer", { exact: true }).selectOption("");
  await explorer.locator(".limpid-tile").first().waitFor({ state: "hidden" });
});

test("a photo comes by file, by drop and by paste", async () => {
  const chooser = notebook.page.waitForEvent("filechooser");
  await explorer.getByRole("button", { name: "Photo…" }).focus();
  await press("Enter");
  await (await chooser).setFiles({ name: "coffee.png", mimeType: "image/png", buffer: await photo("coffee.png") });
  await title("Why espresso?");
  await give("drop", "astronaut.png", "image/png", await photo("astronaut.png"));
  await changed(() => explorer.locator(".limpid-title").innerText(), "Why espresso?");
  await idle();
  await give("paste", "coffee.png", "image/png", await photo("coffee.png"));
  await title("Why espresso?");
  await idle();
});

test("what is no picture says why, and the last one stays", async () => {
  const canvas = explorer.locator(".limpid-canvas");
  const before = await fingerprint(canvas);
  await give("drop", "notes.txt", "text/plain", Buffer.from("no picture"));
  await refusal("notes.txt is a file of type text/plain, not a picture");
  await give("paste", "broken.png", "image/png", (await photo("coffee.png")).subarray(0, 3000));
  await refusal("broken.png cannot be read as a picture: ");
  await give("drop", "empty.png", "image/png", Buffer.alloc(0));
  await refusal("empty.png is empty: give a picture");
  await notebook.picture("explorer-refusal", explorer);
  await idle();
  assert.equal(await fingerprint(canvas), before);
});

test("a photo comes from JupyterLab's file browser; a text file does not", async () => {
  await notebook.command("filebrowser:activate");
  const { page } = notebook;
  const drag = async (name: string) => {
    const from = (await page.locator(".jp-DirListing-item", { hasText: name }).boundingBox())!;
    const to = (await explorer.locator(".limpid-canvas").boundingBox())!;
    await page.mouse.move(from.x + 20, from.y + from.height / 2);
    await page.mouse.down();
    await page.mouse.move(to.x + 40, to.y + 60, { steps: 6 });
    await page.mouse.move(to.x + 60, to.y + 80, { steps: 3 });
    const lit = await explorer.evaluate((element) => element.classList.contains("limpid-photo-over"));
    await page.mouse.up();
    return lit;
  };
  assert.equal(await drag("notes.txt"), true, "the widget shows that it takes what is dragged");
  await refusal("notes.txt cannot be read as a picture");
  await drag("rocket.jpg");
  await changed(() => explorer.locator(".limpid-title").innerText(), "Why espresso?");
  await idle();
  assert.equal(await explorer.locator(".limpid-refusal").isVisible(), false);
  await notebook.command("application:toggle-left-area");
  await notebook.picture("explorer-rocket", explorer);
});

test("a photo is cropped by mouse and keyboard", async () => {
  const canvas = explorer.locator(".limpid-canvas");
  const words = explorer.locator(".limpid-cropper .limpid-search-note");
  const before = await fingerprint(canvas);
  await explorer.getByRole("button", { name: "Crop…" }).click();
  const box = explorer.locator(".limpid-crop-box");
  await words.filter({ hasText: "of the width" }).waitFor();
  await press("-", "-", "-", "ArrowRight", "Shift+ArrowDown");
  const smaller = await words.innerText();
  const corner = (await explorer.locator(".limpid-crop-se").boundingBox())!;
  await notebook.page.mouse.move(corner.x + 6, corner.y + 6);
  await notebook.page.mouse.down();
  await notebook.page.mouse.move(corner.x - 24, corner.y - 24, { steps: 4 });
  await notebook.page.mouse.up();
  const share = async () => Number(/^(\d+)/.exec(await words.innerText())![1]);
  assert.ok((await share()) < Number(/^(\d+)/.exec(smaller)![1]), "the corner made it smaller");
  await notebook.picture("explorer-crop", explorer);
  await box.focus();
  await press("Enter");
  await changed(() => fingerprint(canvas), before);
  await idle();
  assert.equal(await box.isVisible(), false);
  // Escape leaves it as it is.
  const cropped = await fingerprint(canvas);
  await explorer.getByRole("button", { name: "Crop…" }).click();
  await words.filter({ hasText: "of the width" }).waitFor();
  await press("Escape");
  assert.equal(await box.isVisible(), false);
  assert.equal(await fingerprint(canvas), cropped);
});

test("all of a photo is seen between margins, chosen by keyboard, and a part of it again", async () => {
  const canvas = explorer.locator(".limpid-canvas");
  const words = explorer.locator(".limpid-cropper .limpid-search-note");
  const before = await fingerprint(canvas);
  const open = async () => {
    await explorer.getByRole("button", { name: "Crop…" }).click();
    await words.filter({ hasText: /of the/ }).waitFor();
  };
  await open();
  const fits = explorer.getByRole("radiogroup", { name: "Fit" });
  assert.equal(await fits.getByRole("radio", { name: "Crop" }).isChecked(), true);
  await fits.getByRole("radio", { name: "Crop" }).focus();
  await press("ArrowRight");
  // rocket.jpg has 640 × 427 pixels.
  await words.filter({ hasText: "All of the photo, with margins of 17 % above and below" }).waitFor();
  assert.equal(await explorer.locator(".limpid-crop-box").isVisible(), false);
  await notebook.picture("explorer-letterbox", explorer);
  await explorer.getByRole("button", { name: "See this" }).click();
  await changed(() => fingerprint(canvas), before);
  await idle();
  await notebook.picture("explorer-letterboxed", explorer);
  const whole = await fingerprint(canvas);
  await open();
  assert.equal(await fits.getByRole("radio", { name: "Letterbox" }).isChecked(), true);
  await fits.getByRole("radio", { name: "Letterbox" }).focus();
  await press("ArrowLeft");
  await words.filter({ hasText: "67 % of the width, 100 % of the height" }).waitFor();
  await explorer.locator(".limpid-crop-box").focus();
  await press("Enter");
  await changed(() => fingerprint(canvas), whole);
  await idle();
});

test("what is shown is saved as four kinds of files, by the menu", async () => {
  const opener = explorer.getByRole("button", { name: "Save as" });
  const save = async (item: string) => {
    const download = notebook.page.waitForEvent("download");
    await opener.click();
    await explorer.getByRole("menuitem", { name: item }).click();
    const file = await download;
    return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) };
  };
  const png = await save("Picture (PNG)");
  assert.match(png.name, /^rocket-why-[a-z-]+-lrp-epsilon-gamma-box\.png$/);
  assert.equal(png.bytes.subarray(1, 4).toString(), "PNG");
  assert.ok(png.bytes.readUInt32BE(16) > 800, "twice the figure's pixels");
  await writeFile(join(ROOT, "test-output", "explorer-saved.png"), png.bytes);
  const svg = await save("Figure (SVG)");
  assert.match(svg.bytes.toString(), /^<svg [\s\S]*Why <tspan[\s\S]*<\/svg>$/);
  const npy = await save("Values (.npy)");
  assert.match(npy.bytes.subarray(0, 100).toString("latin1"), /NUMPY.*'<f4'.*\(224, 224\)/);
  assert.equal(npy.bytes.length % 64, (4 * 224 * 224) % 64);
  // By the keyboard: the last entry.
  const download = notebook.page.waitForEvent("download");
  await opener.focus();
  await press("Enter", "ArrowUp", "Enter");
  const csv = await readFile(await (await download).path(), "utf8");
  const rows = csv.trim().split("\n");
  assert.deepEqual([rows.length, rows[0]!.split(",").length], [224, 224]);
  await opener.focus();
  await press("Enter", "Escape");
  assert.equal(await explorer.getByRole("menu").isVisible(), false);
  assert.equal(await opener.evaluate((button) => button === document.activeElement), true);
  assert.deepEqual(notebook.errors, []);
});
