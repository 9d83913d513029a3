/** What each layer keeps of a picture: the slider, both ways, several starts, linked pictures, stop, and the chart by layer. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Locator } from "playwright-core";
import { long } from "../every.js";
import { type Lab, type Notebook, SCREENSHOTS, startLab } from "./lab.js";

const cells = [
  `import { Inversion, loadDigits, loadImage, loadModel, tensorflow } from "limpid";
const [tf, model, digits] = await Promise.all([tensorflow(), loadModel("mnist-cnn"), loadDigits()]);
const digit = tf.tensor4d(Float32Array.from(digits.pixels.subarray(4 * 784, 5 * 784), (byte) => byte / 255), [1, 28, 28, 1]);
const inversion = new Inversion(model, digit, { layer: "conv2", steps: 60 });
inversion`,
  `const long = new Inversion(model, digit, { layer: "dense", steps: 100_000, starts: 2 });
long`,
  `const net = await loadModel("efficientnet-lite0");
new Inversion(net, await loadImage("coffee.png", net.input), { layers: ["b2_add", "b10_add"], layer: "b10_add", starts: 1, steps: 2 })`,
  `const other = tf.sequential({ layers: [tf.layers.conv2d({ name: "dark", inputShape: [28, 28, 1], filters: 2, kernelSize: 3, activation: "relu", biasInitializer: tf.initializers.constant({ value: -1e3 }) }), tf.layers.flatten(), tf.layers.dense({ name: "out", units: 2 })] });
new Inversion(await loadModel((x) => other.predict(x) as never, { input: { shape: [28, 28, 1] } }), digit, { layers: ["nowhere"] })`,
];

let lab: Lab;
let notebook: Notebook;
let widget: Locator;
before(async () => {
  lab = await startLab();
  await lab.write("inversion.ipynb", cells);
  notebook = await lab.open("inversion.ipynb", { height: 1500 });
  await notebook.runAll();
  widget = notebook.widget("inversion");
  await drawn(widget);
});
after(async () => {
  await notebook?.close();
  await lab?.close();
});

/** Waits until nothing runs, and for two animation frames. */
async function drawn(of: Locator): Promise<void> {
  await of.and(of.page().locator("[aria-busy='false']")).waitFor();
  await of.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

const heads = (of = widget) =>
  of.locator(".limpid-inversion-head").evaluateAll((all) => all.map((head) => head.textContent!.trim()));
const words = (of = widget) => of.locator(".limpid-inversion-words").innerText();
const slider = (of = widget) => of.getByRole("slider", { name: "Layer" });

test("a run is stopped and run again, its last pictures stay", async () => {
  const long = notebook.widget("inversion", 1);
  await long.getByRole("button", { name: "Stop" }).click();
  await drawn(long);
  assert.match(await long.locator(".limpid-outcome").innerText(), /^Stopped at .*%: the last pictures stay\./);
  const [, caption] = await heads(long);
  assert.match(caption!, /^From dense, optimization, step \d+ of 100000$/);
  await long.locator(".limpid-outcome").getByRole("button", { name: "Run again" }).click();
  await long.and(long.page().locator("[aria-busy='true']")).waitFor();
  await long.getByRole("button", { name: "Stop" }).click();
  await drawn(long);
});

test("shows original, reconstruction and difference with one scale, and says how far off it is", async () => {
  assert.deepEqual(await heads(), ["Original", "From conv2, optimization, 60 steps", "Difference, gray levels of 255"]);
  assert.match(
    await words(),
    /^conv2 makes values of it that differ from the original’s by [\d.]+\s?%; its pixels differ by \d+ of 255 gray levels\. Where the 3 starts/,
  );
  const ticks = await widget.locator(".limpid-ticks span").allInnerTexts();
  assert.deepEqual(ticks, ["0", "32", "64", "96", "128"]);
  assert.equal(await widget.locator(".limpid-inversion-starts button").count(), 3);
  await widget.screenshot({ path: join(SCREENSHOTS, "inversion.png") });
});

test("pointing at one picture marks and reads the same place in all three, also by arrow keys", async () => {
  const canvas = widget.getByLabel("The original picture");
  await canvas.hover({ position: { x: 60, y: 60 } });
  assert.equal(await widget.locator(".limpid-crosshair:visible").count(), 3);
  const [first, , third] = await widget.locator(".limpid-inversion-value").allInnerTexts();
  assert.match(first!, /^x \d+, y \d+: \d+$/);
  assert.match(third!, /^\d+$/);
  assert.ok(await widget.locator(".limpid-marker").isVisible());
  await widget.page().mouse.move(0, 0);
  assert.equal(await widget.locator(".limpid-crosshair:visible").count(), 0);
  await widget.getByLabel("The reconstruction from the layer alone").focus();
  await widget.page().keyboard.press("ArrowRight");
  await widget.page().keyboard.press("Shift+ArrowUp");
  const [moved] = await widget.locator(".limpid-inversion-value").allInnerTexts();
  assert.match(moved!, /^x 15, y 4: /);
  await widget.page().keyboard.press("Escape");
  assert.equal(await widget.locator(".limpid-crosshair:visible").count(), 0);
});

test("another start is shown at large by click and by arrow keys", async () => {
  const radios = widget.locator(".limpid-inversion-starts button");
  await radios.nth(2).click();
  await widget.locator(".limpid-inversion-starts button[aria-checked='true']").getByText("start 3").waitFor();
  await widget.page().keyboard.press("ArrowLeft");
  await widget.locator(".limpid-inversion-starts button[aria-checked='true']").getByText("start 2").waitFor();
});

test("the slider inverts another layer, the trained network draws it in one pass, and the chart has a point for each", async () => {
  await slider().focus();
  await widget.page().keyboard.press("ArrowRight");
  await widget.getByText("From pool2, optimization, 60 steps").waitFor();
  await drawn(widget);
  assert.equal(await slider().getAttribute("aria-valuetext"), "4 of 6: pool2");
  assert.equal(await widget.locator(".limpid-steps-plot circle").count(), 2);
  await widget.getByRole("radio", { name: "trained network" }).check();
  await widget.getByText("From pool2, trained network").waitFor();
  await drawn(widget);
  assert.match(await words(), /^pool2 makes values of it .* The network draws the mean/);
  assert.equal(await widget.locator(".limpid-steps-plot circle").count(), 3);
  await widget.getByRole("button", { name: "All layers" }).click();
  await widget.locator(".limpid-steps-plot circle").nth(7).waitFor({ state: "attached" });
  await drawn(widget);
  assert.equal(await widget.locator(".limpid-steps-plot circle").count(), 2 + 6);
  // A click on the chart goes to that layer; its result is there at once.
  const box = (await widget.locator(".limpid-steps-plot svg").boundingBox())!;
  await widget.page().mouse.click(box.x + 1, box.y + box.height / 2);
  await widget.getByText("From conv1, trained network").waitFor();
  await widget.getByRole("radio", { name: "of values" }).check();
  assert.match(await widget.locator(".limpid-inversion-unit").innerText(), /of the layer's values/);
  await widget.screenshot({ path: join(SCREENSHOTS, "inversion-network.png") });
});

test("what cannot be inverted is said in the picture's place", async () => {
  const failed = notebook.widget("inversion", 3);
  await drawn(failed);
  const note = failed.locator(".limpid-note");
  assert.match(await note.innerText(), /could not be inverted[\s\S]*no layer "nowhere"/);
  await failed.screenshot({ path: join(SCREENSHOTS, "inversion-error.png") });
  assert.equal(await failed.getByRole("radio", { name: "trained network" }).isDisabled(), true);
});

describe("the widget elsewhere", () => {
  test("a photograph fits a narrow cell", long, async () => {
    const photo = notebook.widget("inversion", 2);
    await photo.scrollIntoViewIfNeeded();
    await drawn(photo);
    for (const width of [480, 140]) {
      await photo.evaluate((element, to) => {
        (element as HTMLElement).style.width = `${to}px`;
      }, width);
      await drawn(photo);
      const over = await photo.evaluate((element) => element.scrollWidth - element.clientWidth);
      await photo.screenshot({ path: join(SCREENSHOTS, `inversion-${width}.png`) });
      assert.ok(over <= 1, `${over} pixels too wide at ${width}`);
    }
  });
});
