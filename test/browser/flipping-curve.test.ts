/** Curves of pixel flipping, linked to the picture at every step, and the reader who flips himself. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Locator } from "playwright-core";
import { long } from "../every.js";
import { type Lab, type Notebook, startLab } from "./lab.js";

const cells = [
  `import { FlippingCurve, loadDigits, loadModel, tensorflow } from "limpid";
const [tf, model, digits] = await Promise.all([tensorflow(), loadModel("mnist-cnn"), loadDigits()]);
const digit = tf.tensor4d(Float32Array.from(digits.pixels.subarray(4 * 784, 5 * 784), (byte) => byte / 255), [1, 28, 28, 1]);
const curves = new FlippingCurve({ model, image: digit, region: 4, methods: ["lrp", "sensitivity", "gradient-times-input", "grad-cam", "occlusion"] });
curves`,
  `const trying = new FlippingCurve({ model, image: digit, region: 4, tab: "reader", methods: ["lrp", "sensitivity"] });
trying`,
  `new FlippingCurve({ model, image: digit, region: 4, methods: {
  LRP: "lrp",
  broken: async () => { throw new Error("The model has no layer \\"conv9\\""); },
  constant: async (x) => ({ ...(await (await import("limpid")).lrp(model)(x)), relevance: new Float32Array(784) }),
} })`,
  `new FlippingCurve({ model, image: digit, region: 1, steps: 784, orders: 40, methods: ["lrp", "sensitivity"] })`,
];

let lab: Lab;
let notebook: Notebook;
let widget: Locator;
before(async () => {
  lab = await startLab();
  await lab.write("flipping.ipynb", cells);
  notebook = await lab.open("flipping.ipynb", { height: 1500 });
  await notebook.runAll();
  widget = notebook.widget("flipping");
  await drawn(widget);
});
after(async () => {
  await notebook?.close();
  await lab?.close();
});

/** Waits for the curves, and for two animation frames. */
async function drawn(of: Locator): Promise<void> {
  await of.and(of.page().locator("[aria-busy='false']")).waitFor();
  await of.locator(".limpid-line-area .scatterlayer .trace path.js-line").first().waitFor();
  await of.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

const rows = (of = widget) =>
  of
    .locator(".limpid-flip-table tbody tr")
    .evaluateAll((lines) =>
      lines.map((line) => [...line.querySelectorAll("th, td")].map((cell) => cell.textContent!.trim())),
    );
const subtitle = () => widget.locator(".limpid-subtitle").innerText();
const area = () => widget.getByRole("slider", { name: "Step of flipping" });

test("shows a curve for each method, a gray one for chance, and what they come to by rank", async () => {
  assert.match(await widget.locator(".limpid-title").innerText(), /^How fast does \d fall\?$/);
  assert.match(await subtitle(), /^probability while 7 × 7 regions are replaced by mean · most relevant first$/);
  const lines = await rows();
  assert.equal(lines.length, 6);
  assert.equal(lines.at(-1)![0], "random order");
  const numbers = lines.slice(0, -1).map((line) => Number(line[2]));
  assert.deepEqual(
    numbers,
    [...numbers].sort((a, b) => b - a),
  );
  assert.deepEqual(
    lines.slice(0, -1).map((line) => line[3]),
    ["1", "2", "3", "4", "5"],
  );
  await notebook.picture("flipping-light", widget);
});

test("a step that is pointed at, or walked to, shows the picture, the values there and what is flipped", async () => {
  const box = (await area().boundingBox())!;
  await notebook.page.mouse.move(box.x + box.width * 0.3, box.y + 100);
  await notebook.page.mouse.move(box.x + box.width * 0.31, box.y + 100);
  await widget.locator(".limpid-reading", { hasText: /^Step \d+: \d+\u202f% flipped/ }).waitFor();
  await widget.locator("h4", { hasText: /^The picture at step \d+, as LRP/ }).waitFor();
  await notebook.page.waitForTimeout(500);
  await notebook.picture("flipping-step", widget);
  await notebook.page.mouse.move(0, 0);
  await area().focus();
  const at = async () => Number(await area().getAttribute("aria-valuenow"));
  const start = await at();
  await notebook.page.keyboard.press("ArrowRight");
  assert.equal(await at(), start + 1);
  await notebook.page.keyboard.press("Home");
  assert.equal(await at(), 0);
  for (let step = 0; step < 6; step++) await notebook.page.keyboard.press("ArrowRight");
  assert.match(await widget.locator(".limpid-flip-table thead").innerText(), /probability at step 6/);
});

test("a range that is dragged over, or chosen by keys, is what is summed up", async () => {
  const before = await rows();
  const box = (await area().boundingBox())!;
  await notebook.page.mouse.move(box.x + box.width * 0.2, box.y + 100);
  await notebook.page.mouse.down();
  await notebook.page.mouse.move(box.x + box.width * 0.3, box.y + 100, { steps: 4 });
  await notebook.page.mouse.up();
  const said = widget.locator(".limpid-flip-range", { hasText: /^Summed up from \d+\u202f% to \d+\u202f% flipped/ });
  await said.waitFor();
  assert.notDeepEqual(
    (await rows()).map((line) => line[2]),
    before.map((line) => line[2]),
  );
  await notebook.picture("flipping-range", widget);
  await notebook.page.mouse.dblclick(box.x + box.width * 0.5, box.y + 100);
  await said.waitFor({ state: "hidden" });
  assert.deepEqual(
    (await rows()).map((line) => line[2]),
    before.map((line) => line[2]),
  );
  await area().focus();
  await notebook.page.keyboard.press("Home");
  for (let step = 0; step < 4; step++) await notebook.page.keyboard.press("Shift+ArrowRight");
  assert.match(await widget.locator(".limpid-flip-range").innerText(), /steps 0 to 4\.$/);
  await notebook.page.keyboard.press("Escape");
  assert.match(await widget.locator(".limpid-flip-range").innerText(), /over all steps/);
});

test("another replacement measures again, and shows how the ranking changes", async () => {
  await widget.getByLabel("Replaced by").selectOption("blurred");
  await widget.locator(".limpid-subtitle", { hasText: "replaced by blur" }).waitFor();
  await widget.locator("th", { hasText: "with mean → blur" }).waitFor();
  for (const line of (await rows()).slice(0, -1)) assert.match(line[4]!, /^\d → \d( [▲▼])?$/);
  await widget.getByRole("button", { name: "Try every replacement" }).click();
  await widget.getByRole("button", { name: "Try every replacement" }).waitFor({ state: "hidden" });
  const chart = widget.getByRole("img", { name: /^Ranks\. LRP.*: \d with mean, \d with blur, \d with uniform noise/ });
  await chart.waitFor();
  assert.match(await widget.locator(".limpid-flip-all").innerText(), /of 5 methods change their rank|agree/);
  await notebook.picture("flipping-ranks", widget);
});

test("least relevant first, logits and areas each say what they are", async () => {
  await widget.getByRole("radio", { name: "LeRF" }).check();
  await widget.locator(".limpid-title", { hasText: "How long does" }).waitFor();
  assert.match(await widget.locator(".limpid-flip-table thead").innerText(), /AOPC \(lower is better\)/);
  await widget.getByRole("radio", { name: "AUC" }).check();
  assert.match(await widget.locator(".limpid-flip-table thead").innerText(), /AUC \(higher is better\)/);
  await widget.getByRole("radio", { name: "logit" }).check();
  await widget.locator(".limpid-subtitle", { hasText: "logit while" }).waitFor();
  await widget.locator(".ytitle", { hasText: /^logit of \d$/ }).waitFor();
  await notebook.picture("flipping-lerf", widget);
});

test("the reader flips first: the value follows his clicks, and then his curve stands among the methods'", async () => {
  const trying = notebook.widget("flipping", 1);
  await trying.scrollIntoViewIfNeeded();
  const live = trying.locator(".limpid-flip-live");
  await live.locator("strong", { hasText: /^\d/ }).waitFor();
  assert.equal(await trying.locator(".limpid-flip-table").isVisible(), false, "nothing of the methods is given away");
  assert.equal(await trying.locator(".limpid-tile").first().isVisible(), false);
  const pad = trying.getByRole("application", { name: /^The picture/ });
  const box = (await pad.boundingBox())!;
  const region = (row: number, column: number) =>
    notebook.page.mouse.click(box.x + (box.width * (column + 0.5)) / 7, box.y + (box.height * (row + 0.5)) / 7);
  await region(4, 2);
  await region(4, 3);
  await region(3, 3);
  await live.locator(".limpid-remark", { hasText: "3 of 49 regions" }).waitFor();
  await pad.focus();
  await notebook.page.keyboard.press("ArrowRight");
  await notebook.page.keyboard.press("ArrowDown");
  await notebook.page.keyboard.press("ArrowDown");
  await notebook.page.keyboard.press("Enter");
  await live.locator(".limpid-remark", { hasText: "4 of 49 regions" }).waitFor();
  await notebook.page.keyboard.press("Backspace");
  await live.locator(".limpid-remark", { hasText: "3 of 49 regions" }).waitFor();
  await region(2, 2);
  await region(1, 2);
  await live.locator(".limpid-remark", { hasText: /5 of 49 regions, 10\u202f% of the picture$/ }).waitFor();
  await notebook.page.waitForTimeout(500);
  await notebook.picture("flipping-reader", trying);
  await trying.getByRole("button", { name: "Compare with the methods" }).click();
  await trying.locator(".limpid-flip-table th", { hasText: "You" }).waitFor();
  const lines = await rows(trying);
  const own = lines.find(([name]) => name === "You")!;
  assert.match(own[2]!, /^[−\d.e]+$/);
  assert.match(own[3]!, /^[123]$/);
  assert.match(await trying.locator(".limpid-flip-range").innerText(), /^Summed up from 0\u202f% to 10\u202f%/);
  await notebook.page.waitForTimeout(500);
  await notebook.picture("flipping-compared", trying);
});

test("a method that fails, or puts nothing first, is named in its place, and the others go on", async () => {
  const failing = notebook.widget("flipping", 2);
  await failing.scrollIntoViewIfNeeded();
  await drawn(failing);
  const lines = await rows(failing);
  assert.match(lines.find(([name]) => name === "LRP")![2]!, /^\d/);
  assert.match(lines.find(([name]) => name === "broken")![1]!, /It gave no map/);
  assert.match(lines.find(([name]) => name === "constant")![1]!, /^Every feature has the relevance 0/);
  assert.match(await failing.locator(".limpid-tile", { hasText: "broken" }).innerText(), /no layer "conv9"/);
  await notebook.picture("flipping-failing", failing);
});

test("what is stopped leaves the curves that were there, under what they are of", async () => {
  const long = notebook.widget("flipping", 3);
  await long.scrollIntoViewIfNeeded();
  await drawn(long);
  await long.getByLabel("Replaced by").selectOption("uniform");
  await long.locator("[role='progressbar'][aria-valuenow]").waitFor();
  await long.getByRole("button", { name: "Stop" }).click();
  const outcome = long.locator(".limpid-outcome", { hasText: /^Stopped at [<\d.\s]+%\. The curves are still of mean/ });
  await outcome.waitFor();
  assert.match(await long.locator(".limpid-subtitle").innerText(), /replaced by mean/);
  await notebook.picture("flipping-stopped", long);
  await outcome.getByRole("button", { name: "Run again" }).click();
  await long.locator(".limpid-subtitle", { hasText: "replaced by uniform noise" }).waitFor();
});

test("a page that is loaded again shows everything as it was, and still answers", async () => {
  const before = { title: await subtitle(), rows: await rows() };
  await notebook.page.waitForTimeout(500);
  await notebook.command("docmanager:save");
  await notebook.load();
  await drawn(widget);
  assert.deepEqual({ title: await subtitle(), rows: await rows() }, before);
  await widget.getByRole("radio", { name: "MoRF" }).check();
  await widget.locator(".limpid-title", { hasText: "How fast does" }).waitFor();
  assert.deepEqual(notebook.errors, []);
});

test("in the dark theme, and in a narrow cell", long, async () => {
  for (const [name, theme, size] of [
    ["dark", "dark", { width: 1280, height: 1500 }],
    ["narrow", "light", { width: 480, height: 2400 }],
  ] as const) {
    await notebook.page.setViewportSize(size);
    await notebook.theme(theme);
    for (const [place, state] of [
      [0, "curves"],
      [1, "reader"],
    ] as const) {
      const shown = notebook.widget("flipping", place);
      await shown.scrollIntoViewIfNeeded();
      await drawn(shown);
      const fits = await shown.evaluate((element) => element.scrollWidth <= element.clientWidth + 1);
      assert.equal(fits, true);
      await notebook.picture(`flipping-${state}-${name}`, shown);
    }
  }
  assert.deepEqual(notebook.errors, []);
});
