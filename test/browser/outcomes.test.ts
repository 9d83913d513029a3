/** Cells that wait, throw and fail, and a notebook that nbconvert runs: what takes its time, and measures none. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type Lab, ROOT, SCREENSHOTS, startLab } from "./lab.js";

const NOTEBOOK = "00-first-light.ipynb";

let lab: Lab;
before(async () => {
  lab = await startLab();
});
after(() => lab?.close());

test("a cell that awaits a slider goes on when it moves", async () => {
  await lab.write("await.ipynb", [
    `import { IntSlider, display } from "limpid";
const slider = new IntSlider({ value: 3, description: "steps" });
display(slider);
console.log("waiting");
console.log("moved to", await slider.next("value"));`,
  ]);
  const notebook = await lab.open("await.ipynb");
  await notebook.start();
  const output = notebook.output(0);
  await output.filter({ hasText: "waiting" }).waitFor();
  const handle = notebook.codeCell(0).locator(".noUi-handle");
  await handle.focus();
  await notebook.page.keyboard.press("ArrowRight");
  await output.filter({ hasText: "moved to 4" }).waitFor();
  await notebook.settled();
  await notebook.picture("await-slider", notebook.codeCell(0));
  await notebook.close();
});

test("a cell that throws shows its error and stops the cells after it", async () => {
  await lab.write("throws.ipynb", [
    "const before = 1; before",
    'function fail(): never { throw new RangeError("too deep"); }\nfail();',
    'console.log("never")',
  ]);
  const notebook = await lab.open("throws.ipynb");
  await notebook.start();
  await notebook.output(1).filter({ hasText: "RangeError: too deep" }).waitFor();
  await notebook.settled();
  assert.equal(await notebook.output(2).count(), 0);
  assert.match(await notebook.output(1).innerText(), /Cell In\s?\[?2\]?/);
  await notebook.picture("cell-error");
  await notebook.close();
});

test("an explanation that fails says so in the widget's place, and the rest goes on", async () => {
  await lab.write("fails.ipynb", [
    `import { Explorer, loadImage, loadModel, tensorflow } from "limpid";
const tf = await tensorflow();
const model = await loadModel((x) => tf.transpose(tf.unsortedSegmentSum(tf.transpose(tf.reshape(x, [-1, 300])), Array.from({ length: 300 }, (_, i) => i % 3), 3)), { input: { shape: [10, 10, 3] } });
new Explorer(model, await loadImage("coffee.png", model.input))`,
  ]);
  const notebook = await lab.open("fails.ipynb");
  await notebook.runAll();
  const explorer = notebook.widget("explorer");
  await explorer.locator(".limpid-error", { hasText: "UnsortedSegmentSum" }).waitFor();
  assert.equal(await explorer.locator(".limpid-class-name").count(), 3);
  await notebook.picture("explorer-error", explorer);
  // The error is named; trying again comes to the same.
  await explorer.getByRole("button", { name: "Try again" }).click();
  await explorer.getByRole("button", { name: "Try again" }).waitFor();
  // Another method can still explain it.
  await explorer.getByLabel("Method").selectOption("sensitivity");
  await explorer.locator(".limpid-error").waitFor({ state: "hidden" });
  await notebook.close();
});

test("nbconvert executes the notebook, with the state of its widgets and their pictures in the file", async () => {
  await mkdir(SCREENSHOTS, { recursive: true });
  const arguments_ = [
    "nbconvert",
    "--to",
    "notebook",
    "--execute",
    "--output-dir",
    SCREENSHOTS,
    join(lab.folder, NOTEBOOK),
  ];
  const run = spawn(join(ROOT, ".venv", "bin", "jupyter"), arguments_, { stdio: ["ignore", "ignore", "pipe"] });
  let complaints = "";
  run.stderr.on("data", (text: Buffer) => {
    complaints += text;
  });
  const [status] = (await once(run, "exit")) as [number];
  assert.equal(status, 0, complaints);
  const executed = JSON.parse(await readFile(join(SCREENSHOTS, NOTEBOOK), "utf8"));
  const { state } = executed.metadata.widgets["application/vnd.jupyter.widget-state+json"];
  const models: {
    model_name: string;
    state: { method?: string; parameters?: object; form?: { name: string; default: unknown }[] };
    buffers?: { path: string[] }[];
  }[] = Object.values(state);
  const explorer = models.find(({ model_name }) => model_name === "ExplorerModel");
  assert.deepEqual([explorer?.state.method, explorer?.state.parameters], ["lrp", {}]);
  assert.equal(explorer?.state.form?.find(({ name }) => name === "gamma")?.default, 0.25);
  assert.deepEqual(explorer?.buffers?.map(({ path }) => path.join(".")).sort(), ["image.data", "relevance.data"]);
  assert.equal(models.filter(({ model_name }) => model_name === "HeatmapModel").length, 5);
  const outputs: { data?: { [mime: string]: string } }[] = executed.cells.flatMap(
    (cell: { outputs?: unknown[] }) => cell.outputs ?? [],
  );

  // What is displayed has a picture for readers without the extension; a box, that of its children.
  assert.equal(outputs.filter(({ data }) => data?.["image/png"]).length, 5);
});
