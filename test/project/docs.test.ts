import assert from "node:assert/strict";
import { copyFileSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parseNpy } from "../../src/kernel-helpers/formats/npy.js";
import { methodsPage } from "../../tools/docs/methods-page.js";
import { long } from "../every.js";
import { startKernel } from "../helpers/kernel.js";

test("docs/methods.md says what the registry says (npm run docs)", () => {
  const page = readFileSync(new URL("../../../docs/methods.md", import.meta.url), "utf8");
  assert.equal(page, methodsPage());
});

/** The cells of a page, or of one of its sections: its blocks of TypeScript, from the top. */
const cellsOf = (name: string, section?: string): string[] => {
  const whole = readFileSync(new URL(`../../../docs/${name}`, import.meta.url), "utf8");
  const page = section === undefined ? whole : whole.split(/^## /m).find((part) => part.startsWith(section))!;
  return [...page.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, code]) => code!.trim());
};

test("every cell of “From captum, shap and matplotlib” runs as it stands, each task in one statement", async () => {
  const [imports, ...cells] = cellsOf("from-captum-shap-matplotlib.md") as [string, ...string[]];
  assert.match(imports, /^import /);
  for (const cell of cells) assert.equal(cell.match(/;/g)!.length, 1, `more than one statement: ${cell}`);
  const kernel = await startKernel();
  try {
    await kernel.evaluate(imports);
    let printed = "";
    for (const cell of cells) {
      const { reply, stdout } = await kernel.execute(cell);
      assert.equal(reply["status"], "ok", `${cell}\n${String(reply["evalue"])}`);
      printed += stdout;
      // The figure is saved when it is there.
      if (cell.startsWith("const grid")) await kernel.evaluate("await grid.settled()");
    }
    assert.equal(
      await kernel.evaluate("grid.cells.map(({ phase, error }) => phase + error).join()"),
      "'done,done,done,done,done,done'",
    );
    for (const name of ["relevance.npy", "scores.csv", "why.png", "methods.png"]) {
      assert.ok(statSync(join(kernel.folder, name)).size > 0, name);
      assert.match(printed, new RegExp(`^saved ${name}: `, "m"));
    }
    const { shape, values } = parseNpy("relevance.npy", readFileSync(join(kernel.folder, "relevance.npy")));
    assert.deepEqual(shape, [1, 224, 224, 3]);
    const [sum, total] = (await kernel.evaluate(
      "[relevance.relevance.reduce((a, b) => a + b, 0), grid.cell(0, 0).total].join()",
    ))!
      .replaceAll("'", "")
      .split(",")
      .map(Number) as [number, number];
    assert.ok(Math.abs(values.reduce((a, b) => a + b, 0) - sum) < 1e-3);
    assert.ok(Math.abs(sum - total) < 1e-3, "the grid's LRP is the one that was called alone");
    const csv = readFileSync(join(kernel.folder, "scores.csv"), "utf8");
    assert.equal(csv, "method,AOPC,images\nLRP,0.3127,100\nrandom,0.0412,100\n");
  } finally {
    await kernel.stop();
  }
});

test("the cells of “Where relevance goes” and “Molecules” run as they stand", async () => {
  const kernel = await startKernel();
  try {
    await kernel.evaluate(`import { loadImage, loadModel, lrp, RelevanceFlow } from "limpid";
const model = await loadModel("efficientnet-lite0");
const photo = await loadImage("chelsea.png", model.input);`);
    const cells = ["Where relevance goes", "Molecules", "Signals and what", "Heads"].flatMap((section) =>
      cellsOf("widgets.md", section),
    );
    for (const cell of cells) {
      const { reply } = await kernel.execute(cell);
      assert.equal(reply["status"], "ok", `${cell}\n${String(reply["evalue"])}`);
    }
    assert.equal(
      await kernel.evaluate(
        "[flow.subtitle, flow.layers[flow.layer].name, given.error, shares.rows.map(({ part }) => part)].join()",
      ),
      "'LRP, ε-γ-box · biases absorb,b5_project,,O1–H1,O1–H2'",
    );
  } finally {
    await kernel.stop();
  }
});

test("the cells of “Files of your own” run as they stand", async () => {
  const kernel = await startKernel();
  try {
    const files = new URL("../../../test/kernel-helpers/formats/files/", import.meta.url);
    for (const name of ["recording.edf", "second.nii.gz"])
      copyFileSync(new URL(name, files), join(kernel.folder, name));
    for (const cell of cellsOf("data.md", "Files of your own")) {
      const { reply } = await kernel.execute(cell);
      assert.equal(reply["status"], "ok", `${cell}\n${String(reply["evalue"])}`);
    }
    assert.equal(
      await kernel.evaluate(
        "[windows.shape, recording.rate, recording.channels[0].unit, brain.shape, brain.repetition].join()",
      ),
      "'3,1,64,64,µV,5,2,4,3,2.5'",
    );
  } finally {
    await kernel.stop();
  }
});

test("every cell of “Understanding a model” runs as it stands", long, async () => {
  const kernel = await startKernel();
  try {
    for (const cell of cellsOf("understanding.md")) {
      const { reply } = await kernel.execute(cell);
      assert.equal(reply["status"], "ok", `${cell}\n${String(reply["evalue"])}`);
    }
    assert.equal(
      await kernel.evaluate("accuracy > 0.9 && score >= 0 && score <= 1 && correctedPValue !== null"),
      "true",
    );
  } finally {
    await kernel.stop();
  }
});

test("the cells of “Evaluating explanations” run from the top", async () => {
  const kernel = await startKernel();
  try {
    for (const cell of cellsOf("evaluation.md")) {
      const { reply } = await kernel.execute(cell);
      assert.equal(reply["status"], "ok", `${cell}\n${String(reply["evalue"])}`);
    }
    assert.equal(await kernel.evaluate("[score.values.length, score.curves[0].y.length].join()"), "'8,29'");
  } finally {
    await kernel.stop();
  }
});
