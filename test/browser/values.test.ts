/** What a cell's last expression looks like: models, photos, results, tensors, rows, plots and errors. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Lab, type Notebook, startLab } from "./lab.js";

const cells = [
  `import { loadImage, loadModel, lrp, occlusion, plot, sensitivity } from "limpid";
const model = await loadModel("mnist-cnn");
const photo = await loadImage("coffee.png", model.input);`,
  "model",
  "photo",
  "[await lrp(model)(photo.tensor, { target: 3 }), await sensitivity(model)(photo.tensor, { target: 3 })]",
  "photo.tensor",
  `[{ method: "<img src=x onerror='window.injected = true'>", AOPC: 0.31, n: 10 }, { method: "IG", AOPC: -0.02, n: 1000 }]`,
  `plot({ LRP: [0.4, 0.2, 0.1], "<i>random</i>": [0.4, 0.38, 0.3] }, { title: "Pixel flipping", x: "pixels flipped (%)", y: "probability" })`,
  "plot({ steps: [1, 10, 100, 1000] }, { logY: true })",
  "occlusion(model, { window: -3 })",
];

let lab: Lab;
let notebook: Notebook;
before(async () => {
  lab = await startLab();
  await lab.write("values.ipynb", cells);
  notebook = await lab.open("values.ipynb", { height: 1400 });
  await notebook.runAll();
});
after(async () => {
  await notebook?.close();
  await lab?.close();
});

for (const [width, theme] of [
  [1280, "light"],
  [800, "dark"],
  [480, "light"],
] as const) {
  test(`values read well at ${width} pixels, ${theme}`, async () => {
    await notebook.page.setViewportSize({ width, height: 1400 });
    await notebook.theme(theme);
    const output = (cell: number) => notebook.output(cell).first();
    await output(1).scrollIntoViewIfNeeded();
    assert.match((await output(1).textContent())!, /conv1conv2d24×24×16416epsilon/);
    await output(2).locator("img").waitFor();
    assert.match((await output(2).textContent())!, /coffee\.png.*28 × 28 pixels/);
    await output(3).scrollIntoViewIfNeeded();
    assert.equal(await output(3).locator("img").count(), 2);
    assert.match((await output(3).textContent())!, /target 3.*adds up to/);
    assert.match((await output(4).textContent())!, /Tensor float32 \[1, 28, 28, 1\].*min/);
    await output(5).scrollIntoViewIfNeeded();
    assert.equal(await output(5).locator("td").first().textContent(), "<img src=x onerror='window.injected = true'>");
    const plotted = output(6).locator(".limpid-plot");
    await plotted.scrollIntoViewIfNeeded();
    await plotted.and(notebook.page.locator("[aria-busy='false']")).waitFor();
    assert.equal(await plotted.locator(".scatterlayer .trace").count(), 2);
    assert.ok((await plotted.locator(".legendtext").allTextContents()).includes("<i>random</i>"));
    assert.equal(await notebook.page.evaluate(() => "injected" in window), false);
    const logarithmic = output(7).locator(".limpid-plot");
    await logarithmic.scrollIntoViewIfNeeded();
    await logarithmic.and(notebook.page.locator("[aria-busy='false']")).waitFor();
    const ticks = await logarithmic.locator(".ytick text").allTextContents();
    // Of an axis whose ticks are evenly apart, 10 would be none.
    assert.ok(ticks.includes("10"), ticks.join());
    // The message comes first; what happens inside is folded.
    await output(8).scrollIntoViewIfNeeded();
    const lines = (await output(8).textContent())!;
    assert.match(lines, /^ParameterError: window must be/);
    assert.match(lines, /calls? inside limpid/);
    assert.ok(!lines.includes("/build/src/"));
    // Nothing is wider than its cell but what scrolls.
    for (const cell of [1, 2, 3, 4, 5, 6]) {
      const [outer, inner] = await output(cell).evaluate((element) => [element.clientWidth, element.scrollWidth]);
      // A widget's margins of 2 pixels stand beside its full width.
      assert.ok(inner! <= outer! + 4, `cell ${cell} is ${inner} wide in ${outer}`);
      await output(cell).scrollIntoViewIfNeeded();
      await notebook.picture(`values-${cell}-${width}-${theme}`, output(cell));
    }
    assert.deepEqual(notebook.errors, []);
  });
}
