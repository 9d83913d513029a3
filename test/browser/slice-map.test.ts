/** Maps of a volume: cuts that follow pointer and keys in all maps, thresholds, frames; a single slice has one cut. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Locator } from "playwright-core";
import { type Lab, type Notebook, startLab } from "./lab.js";

const cells = [
  // 6 × 5 × 4 voxels (x, y, z); voxel (4, 1, 2) stands out in one map, (1, 3, 0) in the other.
  `import { Label, SliceMap } from "limpid";
const index = (x: number, y: number, z: number) => (z * 5 + y) * 6 + x;
const values = (at: number, value: number) => Float32Array.from({ length: 120 }, (_, voxel) => (voxel === at ? value : Math.sin(voxel) / 10));
const brain = { shape: [1, 4, 5, 6] as const, voxel: [2, 3, 4] as const, affine: [[-2, 0, 0, 5], [0, 3, 0, -6], [0, 0, 4, 0]] };
const map = new SliceMap({ volume: brain, title: "Volume", percentile: 100, maps: { Relevance: values(index(4, 1, 2), 3), Contrast: { values: values(index(1, 3, 0), -8), unit: "t" } } });
map`,
  `const mask = Uint8Array.from({ length: 800 }, (_, at) => (at % 40 < 30 ? 1 : 0));
const ramp = (step: number) => Float32Array.from({ length: 600 }, (_, at) => step * (at - 300));
const flat = new SliceMap({ volume: { shape: [1452, 1, 20, 40], voxel: [3.1, 3.75, 3.75], mask }, frames: ["one volume", "all"], maps: { Relevance: { values: [ramp(1), ramp(2)] } } });
flat`,
  `const told = new Label();
const tell = () => { told.value = JSON.stringify([map.cursor, map.threshold, flat.frame, flat.limits.map((limit) => limit !== null)]); };
for (const name of ["cursor", "threshold"] as const) map.observe(tell, name);
for (const name of ["frame", "limits"] as const) flat.observe(tell, name);
told`,
];

let lab: Lab;
let notebook: Notebook;
let widget: Locator;
let flat: Locator;
before(async () => {
  lab = await startLab();
  await lab.write("slices.ipynb", cells);
  notebook = await lab.open("slices.ipynb", { height: 1400 });
  await notebook.start();
  widget = notebook.output(0).locator(".limpid-widget").first();
  flat = notebook.output(1).locator(".limpid-widget").first();
  await flat.locator("canvas").first().waitFor();
});
after(async () => {
  await notebook?.close();
  await lab?.close();
});

const plane = (map: string, name: string) =>
  widget.getByRole("region", { name: map }).locator(`[data-plane=${name}] canvas`);
const reading = (map: string) => widget.getByRole("region", { name: map }).locator(".limpid-slice-value").innerText();
const place = (of = widget) => of.locator(".limpid-slice-place").innerText();
/** Presses the middle of a position of a cut of so many rows and columns. */
const press = async (canvas: Locator, [row, rows]: [number, number], [column, columns]: [number, number]) => {
  const { width, height } = (await canvas.boundingBox())!;
  await canvas.click({ position: { x: ((column + 0.5) * width) / columns, y: ((row + 0.5) * height) / rows } });
};

test("it starts where the first map is strongest, and reads every map there", async () => {
  assert.equal(await place(), "voxel 4, 1, 2 · 3.0 mm left, 3.0 mm posterior, 8.0 mm superior");
  assert.match(await reading("Relevance"), /^\+3\.00\s+at the cross$/);
  assert.match(await reading("Contrast"), /t\s+at the cross$/);
  await notebook.picture("slice-map", widget);
});

test("cuts are in the proportions of their millimeters, to one scale, left is left and superior is up", async () => {
  const sizes = await widget
    .getByRole("region", { name: "Relevance" })
    .locator("[data-plane]")
    .evaluateAll((all) =>
      all.map((one) => {
        const { width, height } = one.getBoundingClientRect();
        return [one.getAttribute("data-plane"), width, height] as const;
      }),
    );
  // 12 × 15 × 16 mm
  const scale = sizes[0]![1] / 12;
  for (const [at, [name, wide, tall]] of [
    ["coronal", 12, 16],
    ["sagittal", 15, 16],
    ["axial", 12, 15],
  ].entries()) {
    assert.equal(sizes[at]![0], name);
    assert.ok(Math.abs(sizes[at]![1] / scale - Number(wide)) < 0.15, `${name}: ${sizes[at]}`);
    assert.ok(Math.abs(sizes[at]![2] / scale - Number(tall)) < 0.15, `${name}: ${sizes[at]}`);
  }
  // The affine's x leads to the left: index 4 of 6 is drawn in the second column; z leads up: index 2 of 4 in the second row.
  const strongest = await plane("Relevance", "coronal").evaluate((canvas: HTMLCanvasElement) => {
    const color = (row: number, column: number) => [
      ...canvas
        .getContext("2d")!
        .getImageData(((column + 0.3) * canvas.width) / 6, ((row + 0.3) * canvas.height) / 4, 1, 1).data,
    ];
    return { there: color(1, 1), elsewhere: color(2, 4) };
  });
  assert.ok(strongest.there[0]! > 90 && strongest.there[1]! < 60, `end color: ${strongest.there}`);
  assert.ok(strongest.elsewhere[1]! > 150, `near zero: ${strongest.elsewhere}`);
});

test("a press in one map moves the cuts of all, and the kernel hears of it", async () => {
  // Axial: anterior is up, so y = 3 of 5 is row 1; left is left, so x = 1 of 6 is column 4.
  await press(plane("Relevance", "axial"), [1, 5], [4, 6]);
  await press(plane("Relevance", "coronal"), [3, 4], [4, 6]);
  await notebook.page.mouse.move(0, 0);
  assert.match(await place(), /^voxel 1, 3, 0 · 3\.0 mm right/);
  assert.match(await reading("Contrast"), /^−8\.00 t\s+at the cross$/);
});

test("the pointer reads without moving the cuts", async () => {
  const canvas = plane("Relevance", "axial");
  const { width, height } = (await canvas.boundingBox())!;
  await canvas.hover({ position: { x: width / 12, y: height / 10 } });
  assert.match(await place(), /^voxel 5, 4, 0/);
  assert.match(await reading("Contrast"), /t\s+at the pointer$/);
  assert.equal(await widget.locator(".limpid-slice-pointed:visible").count(), 2, "framed in both maps' axial cuts");
  await notebook.page.mouse.move(0, 0);
  assert.match(await place(), /^voxel 1, 3, 0/);
});

test("keys walk in a cut, go through the slices and to the extremes", async () => {
  const canvas = plane("Relevance", "axial");
  await canvas.focus();
  await notebook.page.keyboard.press("ArrowLeft");
  await notebook.page.keyboard.press("ArrowDown");
  await notebook.page.keyboard.press("PageUp");
  assert.match(await place(), /^voxel 2, 2, 1/);
  for (let turn = 0; turn < 5; turn++) await notebook.page.keyboard.press("PageUp");
  assert.match(await place(), /^voxel 2, 2, 3/, "stays within");
  await notebook.page.keyboard.press("Home");
  assert.match(await place(), /^voxel 4, 1, 2/);
  await plane("Contrast", "sagittal").focus();
  await notebook.page.keyboard.press("End");
  assert.match(await place(), /^voxel 1, 3, 0/);
});

test("the threshold hides as many voxels of each map, and counts what they share", async () => {
  const threshold = widget.getByRole("slider", { name: "Threshold" });
  await threshold.fill("95");
  // The 119 steps between 120 magnitudes: from the 114th on.
  assert.deepEqual(await widget.locator(".limpid-slice-cut:visible").allInnerTexts(), [
    await widget.locator(".limpid-slice-cut").nth(0).innerText(),
    await widget.locator(".limpid-slice-cut").nth(1).innerText(),
  ]);
  for (const words of await widget.locator(".limpid-slice-cut").allInnerTexts())
    assert.match(words, /^7 voxels from ±0\.0\d+ on$/);
  assert.match(
    await widget.locator(".limpid-slice-agreement").innerText(),
    /of the strongest 7 of each, \d are the same/,
  );
  const clear = await plane("Contrast", "axial").evaluate((canvas: HTMLCanvasElement) => {
    const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
    return data.filter((value, at) => at % 4 === 3 && value === 0).length / (data.length / 4);
  });
  assert.ok(clear > 0.6 && clear < 1, `${clear} of the cut is clear`);
});

test("a single slice has one cut in its proportions and no sliders of cuts; frames are gone through", async () => {
  assert.equal(await flat.locator("canvas").count(), 1);
  const { width, height } = (await flat.locator("canvas").boundingBox())!;
  assert.ok(Math.abs(width / height - (40 * 3.1) / (20 * 3.75)) < 0.02, `${width} × ${height}`);
  assert.deepEqual(await flat.locator(".limpid-slice-controls label:visible").allInnerTexts(), [
    "Threshold",
    "Color range",
  ]);
  const end = () => flat.locator(".limpid-ticks > span").last().innerText();
  const first = await end();
  await flat.getByRole("slider", { name: "Frame" }).fill("1");
  assert.equal(await flat.locator(".limpid-step-name").first().innerText(), "all");
  assert.equal(Number((await end()).slice(1)), 2 * Number(first.slice(1)), "its own scale");
  await flat.getByRole("button", { name: "Hold scale" }).click();
  await flat.getByRole("slider", { name: "Frame" }).fill("0");
  assert.equal(Number((await end()).slice(1)), 2 * Number(first.slice(1)), "held");
  await notebook.picture("slice-map-flat", flat);
});

test("the kernel has what was chosen", async () => {
  await notebook.output(2).getByText("[[1,3,0],95,0,[true]]").waitFor();
  assert.deepEqual(notebook.errors, []);
});
