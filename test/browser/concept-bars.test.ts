/** Concepts by layers: a row that is chosen shows its pictures, what its direction ranks, and how many random sets are enough. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Locator } from "playwright-core";
import { long } from "../every.js";
import { type Lab, type Notebook, startLab } from "./lab.js";

const cells = [
  `import { ConceptBars, loadModel, plantedPictures, tensorflow } from "limpid";
const tf = await tensorflow();
const model = await loadModel("planted-watermark");
const pictures = (options: { count: number } & Parameters<typeof plantedPictures>[0]) => tf.tensor4d(plantedPictures(options).pixels, [options.count, 48, 48, 3]);
const asked = {
  layers: ["conv2", "conv3"], target: "disc", random: pictures({ count: 300, seed: 12 }),
  inputs: pictures({ count: 30, seed: 13, object: "disc", watermark: { share: 0.5 } }),
  concepts: { watermark: pictures({ count: 20, seed: 11, watermark: {} }), stripes: pictures({ count: 20, seed: 11, scene: "stripes" }) },
};
const bars = new ConceptBars(model, asked);
bars`,
  `const long = new ConceptBars(model, { ...asked, randomSets: 100 });
setTimeout(() => long.stop());
long`,
  `new ConceptBars(model, { ...asked, layers: "conv9" })`,
];

let lab: Lab;
let notebook: Notebook;
let widget: Locator;
before(async () => {
  lab = await startLab();
  await lab.write("concepts.ipynb", cells);
  notebook = await lab.open("concepts.ipynb", { height: 1300 });
  await notebook.start();
  widget = notebook.output(0).locator(".limpid-widget").first();
  await widget.locator("button.limpid-tcav-row").first().waitFor();
});
after(async () => {
  await notebook?.close();
  await lab?.close();
});

const row = (layer: string, concept: string) =>
  widget.getByRole("region", { name: `Layer ${layer}` }).getByRole("button", { name: concept });

test("the planted concept is marked and told, the other is not", async () => {
  assert.match(
    await widget.locator(".limpid-tcav-verdict").innerText(),
    /^watermark makes more of disc at every layer\. Not told .* stripes\.$/,
  );
  assert.match((await row("conv3", "watermark").getAttribute("class"))!, /limpid-tcav-sure/);
  assert.doesNotMatch((await row("conv3", "stripes").getAttribute("class"))!, /limpid-tcav-sure/);
  assert.match(await row("conv3", "watermark").innerText(), /p < 0\.001\n\d+\s%$/);
  await notebook.picture("concepts-light", widget);
});

test("what is chosen, by mouse or keys, shows its pictures, its order and its curve", async () => {
  await row("conv3", "watermark").click();
  const chosen = widget.locator(".limpid-tcav-chosen");
  await widget.locator(".limpid-tcav-chosen", { hasText: "watermark at conv3" }).waitFor();
  const strips = widget.locator(".limpid-strip");
  assert.deepEqual(
    await strips.evaluateAll((all) => all.map((one) => one.querySelectorAll("canvas").length)),
    [6, 6, 6],
  );
  // The mark is white ink at the lower left: bright in what lies towards it, and not in what lies away.
  const ink = (strip: number) =>
    strips
      .nth(strip)
      .locator("canvas")
      .evaluateAll((all) => {
        const bright = (canvas: HTMLCanvasElement) => {
          const { data } = canvas.getContext("2d")!.getImageData(1, 41, 12, 5);
          return data.filter((value, at) => at % 4 !== 3 && value > 220).length / (data.length * 0.75);
        };
        return all.reduce((sum, canvas) => sum + bright(canvas as HTMLCanvasElement), 0) / all.length;
      });
  assert.ok((await ink(1)) > (await ink(2)) + 0.1, `${await ink(1)} towards, ${await ink(2)} away`);
  assert.match((await widget.locator(".limpid-enough").getAttribute("aria-label"))!, /by 3 random sets, .* by 15$/);
  await notebook.page.keyboard.press("ArrowDown");
  await widget.locator(".limpid-tcav-chosen", { hasText: "stripes at conv3" }).waitFor();
  assert.equal(await chosen.innerText(), "stripes at conv3");
});

test("counts of signs can be shown instead, with their own test", async () => {
  await widget.getByRole("radio", { name: "sign count" }).check();
  await widget.locator(".limpid-tcav-hint", { hasText: "Share of 30 inputs" }).first().waitFor();
  assert.match(await row("conv3", "watermark").innerText(), /^watermark\n1\n/);
  await notebook.picture("concepts-sign", widget);
  await widget.getByRole("radio", { name: "magnitude" }).check();
});

test("what runs can be stopped and run again, and what cannot run says why", async () => {
  const long = notebook.output(1).locator(".limpid-widget").first();
  // It was stopped from its cell: nothing else is kept waiting.
  await long.getByRole("button", { name: "Run again" }).click();
  await long.getByRole("button", { name: "Stop" }).click();
  await long.getByRole("button", { name: "Run again" }).waitFor();
  const wrong = notebook.output(2).locator(".limpid-widget").first();
  await wrong.locator(".limpid-tcav-error", { hasText: "conv9" }).waitFor();
});

test("in the dark and in narrow cells it stands as it should", long, async () => {
  await notebook.theme("dark");
  await notebook.picture("concepts-dark", widget);
  await notebook.theme("light");
  await notebook.page.setViewportSize({ width: 620, height: 1300 });
  await notebook.page.waitForTimeout(500);
  await notebook.picture("concepts-narrow", widget);
  assert.ok(await widget.evaluate((element) => element.scrollWidth <= element.clientWidth + 1));
});
