/** The walk through a network's relevance: layers, a unit's shares, a share's formula, by pointer and by keys. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Locator } from "playwright-core";
import { type Lab, type Notebook, startLab } from "./lab.js";

const opening = `import { LayerWalk, loadDigits, loadModel, tensorflow } from "limpid";
const tf = await tensorflow();
const [model, digits] = await Promise.all([loadModel("mnist-cnn"), loadDigits({ count: 14 })]);
const three = tf.tensor4d(Float32Array.from(digits.pixels.subarray(13 * 784, 14 * 784), (ink) => ink / 255), [1, 28, 28, 1]);`;
const source = `const walk = new LayerWalk(model, three, { parameters: { composite: "epsilon-gamma-box" }, target: 3 });
await walk.settled();
walk`;

let lab: Lab;
let notebook: Notebook;
let walk: Locator;
before(async () => {
  lab = await startLab();
  await lab.write("walk.ipynb", [opening, source]);
  notebook = await lab.open("walk.ipynb", { height: 1500 });
  await notebook.runAll();
  walk = notebook.output(1).locator(".limpid-layer-walk").first();
  await walk.and(notebook.page.locator("[aria-busy='false']")).waitFor();
});
after(async () => {
  await notebook?.close();
  await lab?.close();
});

const shares = () => walk.getByRole("listbox", { name: "What its inputs get" });
const way = () => walk.locator(".limpid-walk-way li").allTextContents();
const arrived = (layer: string) => walk.locator(".limpid-walk-way li[aria-current]", { hasText: layer }).waitFor();
const numbers = (text: string) =>
  [
    ...text
      .replaceAll("\u2212", "-")
      .replaceAll("\u202f", "")
      .matchAll(/-?\d+(?:\.\d+)?(?:e-?\d+)?/g),
  ].map(([found]) => Number(found));

describe("the walk", () => {
  test("begins at the output: its shares, what others get and what is kept make up its relevance", async () => {
    await arrived("logits");
    const values = await shares().locator(".limpid-walk-value").allTextContents();
    const listed = values.reduce((sum, value) => sum + numbers(value.replace("+", ""))[0]!, 0);
    const [, others, kept, together] = numbers(
      (await walk.locator(".limpid-walk-sum").textContent())!.replaceAll("+", ""),
    );
    assert.ok(
      Math.abs(listed + others! + kept! - together!) < 0.02 * together!,
      `${listed} + ${others} + ${kept}, not ${together}`,
    );
    assert.deepEqual(notebook.errors, []);
    await notebook.picture("layer-walk", walk);
  });

  test("the formula has the numbers of the share that the arrow keys choose, and Enter walks on to it", async () => {
    const { page } = notebook;
    await shares().focus();
    await page.keyboard.press("ArrowDown");
    await shares().locator("[aria-selected='true']:nth-child(2)").waitFor();
    const math = await walk.locator(".limpid-walk-math").nth(1).getAttribute("aria-label");
    const [over, sum, bias, epsilon, relevance] = numbers(
      math!.replace("−", "-").replaceAll("+ ", "").replaceAll("- ", "-"),
    );
    const result = numbers((await walk.locator(".limpid-walk-line strong").textContent())!)[0]!;
    assert.ok(
      Math.abs((over! / (sum! + bias! + epsilon!)) * relevance! - result) < 2e-3 * Math.abs(result),
      `${math} is not ${result}`,
    );
    const name = (await shares().locator("[aria-selected='true'] .limpid-walk-note").textContent())!;
    await page.keyboard.press("Enter");
    await arrived("dense");
    assert.ok((await way()).at(-1)!.includes(name));
    // Enter and what command mode would take stay in the widget.
    const cells = await notebook.panel.locator(".jp-Cell").count();
    await shares().focus();
    for (const key of ["b", "d", "d", "x", "End", "Home"]) await page.keyboard.press(key);
    assert.equal(await notebook.panel.locator(".jp-Cell").count(), cells);
  });

  test("a layer, a unit of the list, a place of the map and the button lead on; the way leads back", async () => {
    await walk.getByRole("button", { name: "Walk on to it" }).click();
    await arrived("pool2");
    assert.equal((await way()).length, 3);
    assert.match((await walk.locator(".limpid-walk-formula").textContent())!, /The largest of these values/);
    await walk.locator(".limpid-walk-step").first().click();
    await arrived("logits");
    assert.equal((await way()).length, 1);
    await walk.locator(".limpid-flow-row", { hasText: "conv2" }).click();
    await arrived("conv2");
    const units = walk.getByRole("listbox", { name: /Units of this layer/ });
    await units.locator("[role='option']").nth(4).click();
    await units.locator("[aria-selected='true']:nth-child(5)").waitFor();
    const before = await way();
    await walk.locator(".limpid-canvas").click({ position: { x: 150, y: 150 } });
    await notebook.page.waitForFunction(
      ([words]) => document.querySelector(".limpid-walk-way li[aria-current]")?.textContent !== words,
      before,
    );
    await arrived("conv2");
    await notebook.picture("layer-walk-conv2", walk);
    await walk.locator(".limpid-flow-row", { hasText: "pixels" }).click();
    await arrived("pixels");
    assert.match((await walk.textContent())!, /Here the walk ends/);
    assert.deepEqual(notebook.errors, []);
  });

  for (const [width, theme] of [
    [800, "dark"],
    [480, "light"],
  ] as const) {
    test(`at ${width} pixels, ${theme}, nothing sticks out`, async () => {
      await walk.locator(".limpid-flow-row", { hasText: "conv1" }).click();
      await arrived("conv1");
      await notebook.page.setViewportSize({ width, height: 2200 });
      await notebook.theme(theme);
      const out = await walk.evaluate((root) => {
        const outer = root.getBoundingClientRect();
        return [...root.querySelectorAll("p, li, [role='option'], .limpid-walk-line")]
          .filter((part) => part.getBoundingClientRect().right > outer.right + 1)
          .map((part) => part.textContent);
      });
      assert.deepEqual(out, []);
      await notebook.picture(`layer-walk-${width}-${theme}`, walk);
    });
  }
});
