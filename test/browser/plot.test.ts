/** A plot in the browser: its legend lies over the plot's frame and not in it, however the page was before. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Locator } from "playwright-core";
import { type Lab, type Notebook, startLab } from "./lab.js";

const cell = `import { plot } from "limpid";
const shares = { "the network as it is": [0.9, 0.8, 0.7], "the nearest class mean": [0.7, 0.6, 0.5], "the most frequent class": [0.2, 0.2, 0.2] };
plot(shares, { x: "data", y: "accuracy", kind: "bars" })`;

let lab: Lab;
let notebook: Notebook;
let widget: Locator;
before(async () => {
  lab = await startLab();
  await lab.write("plot.ipynb", [cell]);
  notebook = await lab.open("plot.ipynb", { width: 1280, height: 900 });
  await notebook.runAll();
  widget = notebook.output(0).locator(".limpid-widget").first();
  await widget.locator(".legend").waitFor();
});
after(async () => {
  await notebook?.close();
  await lab?.close();
});

/** Waits until the chart is as wide as its place, and gives how many lines its legend has and how far that reaches into the plot, in pixels. */
async function legend(): Promise<{ lines: number; within: number }> {
  await widget.page().waitForFunction(
    (root) => {
      const drawn = Number(root!.querySelector(".main-svg")!.getAttribute("width"));
      const isDrawn = Math.abs(root!.querySelector(".limpid-chart")!.clientWidth - drawn) < 2;
      return isDrawn && root!.querySelector(".legend") !== null;
    },
    await widget.elementHandle(),
  );
  return widget.evaluate((root) => {
    const box = (part: string) => root.querySelector(part)!.getBoundingClientRect();
    const tops = [...root.querySelectorAll(".legendtext")].map((text) => Math.round(text.getBoundingClientRect().top));
    return { lines: new Set(tops).size, within: box(".legend").bottom - box(".nsewdrag").top };
  });
}

test("the legend is over the frame on a wide page, on a narrow one, and on a wide one again", async () => {
  const wide = await legend();
  assert.equal(wide.lines, 1);
  assert.ok(wide.within <= 1, `${wide.within} pixels`);
  await notebook.page.setViewportSize({ width: 480, height: 900 });
  const narrow = await legend();
  assert.ok(narrow.lines > 1 && narrow.within <= 1, JSON.stringify(narrow));
  await notebook.page.setViewportSize({ width: 1280, height: 900 });
  assert.deepEqual(await legend(), wide);
});
