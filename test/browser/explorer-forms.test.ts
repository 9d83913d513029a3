import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Locator } from "playwright-core";
import { methods, needsNoData } from "../../src/explainers/index.js";
import { long } from "../every.js";
import { changed } from "../helpers/until.js";
import { fingerprint, type Lab, type Notebook, startLab } from "./lab.js";

const NAME = "forms.ipynb";

let lab: Lab;
before(async () => {
  lab = await startLab();
  await lab.write(NAME, [
    `import { Explorer, loadImage, loadModel } from "limpid";
const model = await loadModel("efficientnet-lite0");
const explorer = new Explorer(model, await loadImage("chelsea.png", model.input));
explorer`,
  ]);
});
after(() => lab?.close());

async function open(look: { theme?: "dark"; width?: number } = {}): Promise<[Notebook, Locator]> {
  const notebook = await lab.open(NAME, { height: look.width === undefined ? 1300 : 1900, ...look });
  await notebook.runAll();
  const explorer = notebook.widget("explorer");
  await explorer.scrollIntoViewIfNeeded();
  await idle(explorer);
  return [notebook, explorer];
}

/** Waits until the kernel has answered and the picture is painted. */
async function idle(explorer: Locator): Promise<void> {
  await explorer.and(explorer.page().locator("[aria-busy='false']")).waitFor();
  await explorer.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

async function choose(explorer: Locator, method: string): Promise<void> {
  await explorer.getByLabel("Method").selectOption(method);
  const { name, short = name } = methods.find(({ id }) => id === method)!;
  await explorer.locator(".limpid-subtitle", { hasText: short }).waitFor();
  await idle(explorer);
}

const row = (explorer: Locator, label: string) =>
  explorer.locator(".limpid-row", { has: explorer.page().getByText(label, { exact: true }) });
const readout = (explorer: Locator, label: string) => row(explorer, label).locator("output").innerText();

/** Does something that changes the canvas, and waits until it has. */
async function repaints(explorer: Locator, act: () => Promise<unknown>): Promise<void> {
  const canvas = explorer.locator("canvas");
  const before = await fingerprint(canvas);
  await act();
  await changed(() => fingerprint(canvas), before, "the picture stayed as it was");
  await idle(explorer);
}

/** Runs code in a new cell and returns what it prints or throws. */
async function run(notebook: Notebook, code: string): Promise<string> {
  await notebook.command("notebook:insert-cell-below");
  const cell = notebook.panel.locator(".jp-CodeCell.jp-mod-active");
  await cell.locator(".cm-content").click();
  await notebook.page.keyboard.insertText(code);
  await notebook.page.keyboard.press("Control+Enter");
  const output = cell.locator(".jp-OutputArea-output").first();
  await output.waitFor();
  return output.innerText();
}

describe("the explorer's form", () => {
  let notebook: Notebook;
  let explorer: Locator;
  before(async () => {
    [notebook, explorer] = await open();
  });
  after(() => notebook?.close());

  test("offers the registry's methods by family, LRP first, with question and source", async () => {
    const select = explorer.getByLabel("Method");
    assert.deepEqual(
      await select
        .locator("option")
        .evaluateAll((options) => options.map((option) => (option as HTMLOptionElement).value)),
      methods.filter((method) => needsNoData(method, "image")).map(({ id }) => id),
    );
    assert.deepEqual(
      await select.locator("optgroup").evaluateAll((groups) => groups.map((group) => group.getAttribute("label"))),
      ["Relevance propagation", "Gradients", "Perturbation"],
    );
    assert.equal(await select.inputValue(), "lrp");
    assert.match(await explorer.locator(".limpid-about").innerText(), /layer by layer\? Bach et al\. 2015/);
  });

  test("integrated gradients: its steps by keyboard change the picture, and Reset brings the defaults back", async () => {
    await explorer.getByLabel("Method").selectOption("integrated-gradients");
    const steps = explorer.getByLabel("Steps", { exact: true });
    await steps.waitFor();
    assert.equal(await readout(explorer, "Steps"), "50");
    await steps.focus();
    await repaints(explorer, () => notebook.page.keyboard.press("Home"));
    assert.equal(await readout(explorer, "Steps"), "1");
    assert.match(await explorer.locator(".limpid-subtitle").innerText(), /Integrated gradients/);
    await repaints(explorer, async () => {
      for (let i = 0; i < 3; i++) await notebook.page.keyboard.press("ArrowRight");
    });
    assert.equal(await readout(explorer, "Steps"), "4");
    // The row is the one that it was: it has the focus still.
    assert.equal(await steps.evaluate((input) => input === document.activeElement), true);
    await repaints(explorer, () => explorer.getByLabel("Baseline").selectOption("gray"));
    assert.deepEqual(JSON.parse(await run(notebook, "console.log(JSON.stringify(explorer.parameters))")), {
      steps: 4,
      baseline: "gray",
    });
    await notebook.picture("form-integrated-gradients", explorer);
    await explorer.getByRole("button", { name: "Reset" }).click();
    await row(explorer, "Steps").locator("output", { hasText: "50" }).waitFor();
    assert.equal(await explorer.getByLabel("Baseline").inputValue(), "black");
    assert.equal(await explorer.getByRole("button", { name: "Reset" }).count(), 0);
  });

  test("another family: a field tells what is out of range, and a slow run can be stopped", async () => {
    await explorer.getByLabel("Method").selectOption("occlusion");
    const window = explorer.getByLabel("Window", { exact: true });
    await window.waitFor();
    await window.fill("0");
    await notebook.page.keyboard.press("Enter");
    assert.equal(await window.getAttribute("aria-invalid"), "true");
    assert.match(
      await window.evaluate((input) => (input as HTMLInputElement).validationMessage),
      /Window must be a whole number of at least 1/,
    );
    await repaints(explorer, async () => {
      await window.fill("112");
      await notebook.page.keyboard.press("Enter");
    });
    assert.equal(await window.getAttribute("aria-invalid"), "false");
    assert.equal(await explorer.locator(".limpid-subtitle").innerText(), "Occlusion");
    // What only the method can know is shown in the picture's place, and mended there.
    await explorer.getByLabel("Strides", { exact: true }).fill("200");
    await notebook.page.keyboard.press("Enter");
    await explorer.locator(".limpid-error", { hasText: "strides" }).waitFor();
    assert.equal(await explorer.locator(".limpid-fault label").textContent(), "Strides");
    await notebook.picture("form-refused", explorer);
    await repaints(explorer, async () => {
      await explorer.getByLabel("Strides", { exact: true }).fill("");
      await notebook.page.keyboard.press("Enter");
    });
    await explorer.locator(".limpid-error").waitFor({ state: "hidden" });
    await explorer.getByLabel("Method").selectOption("lime");
    await explorer.getByRole("slider", { name: "Superpixels", exact: true }).waitFor();
    await explorer.locator(".limpid-progress-words", { hasText: /\d\s?%/ }).waitFor();
    await explorer.getByText("More", { exact: true }).click();
    await notebook.picture("form-lime", explorer);
    await explorer.getByRole("button", { name: "Stop" }).click();
    await idle(explorer);
    await explorer.getByText("More", { exact: true }).click();
    // The picture that stays is of occlusion still, which its settings can be again.
    await explorer.getByRole("button", { name: /^Back to/ }).click();
    await explorer.locator(".limpid-outcome").waitFor({ state: "hidden" });
    assert.equal(await explorer.getByLabel("Method").inputValue(), "occlusion");
  });

  test("a cell sets parameters, the form shows them; a wrong one is refused by name", async () => {
    assert.match(
      await run(
        notebook,
        'explorer.set({ method: "smoothgrad", parameters: { samples: 3, noise: 0.3 } }); await explorer.settled(); console.log(explorer.title)',
      ),
      /Why/,
    );
    await idle(explorer);
    assert.equal(await explorer.getByLabel("Method").inputValue(), "smoothgrad");
    assert.deepEqual(
      [await readout(explorer, "Samples"), (await readout(explorer, "Noise σ")).replace(/\s/, " ")],
      ["3", "30 %"],
    );
    await notebook.picture("form-smoothgrad", explorer);
    assert.match(
      await run(notebook, "explorer.parameters = { samples: 0 };"),
      /ParameterError: samples must be a whole number of at least 1, but is 0/,
    );
    assert.match(await run(notebook, "console.log(JSON.stringify(explorer.parameters))"), /"samples":3/);
  });

  test("coming back to LRP, its composite brings its own parameters", async () => {
    await choose(explorer, "lrp");
    await repaints(explorer, () => explorer.getByLabel("Composite").selectOption("alpha-beta"));
    assert.equal(await readout(explorer, "α"), "2.0");
    assert.equal(await explorer.getByLabel("γ", { exact: true }).count(), 0);
    // The list keeps the focus while the rows below it change.
    await explorer.getByLabel("Composite").focus();
    await repaints(explorer, () => notebook.page.keyboard.press("Home"));
    assert.equal(await explorer.getByLabel("Composite").evaluate((select) => select === document.activeElement), true);
    assert.equal(await readout(explorer, "γ"), "0.25");
    assert.deepEqual(notebook.errors, []);
  });
});

test("in the dark, and in a window 480 pixels wide", long, async () => {
  for (const look of [{ theme: "dark" }, { width: 480 }] as const) {
    const [notebook, explorer] = await open(look);
    const name = "width" in look ? "narrow" : "dark";
    await explorer.getByLabel("Method").selectOption("meaningful-perturbation");
    await explorer.getByRole("slider", { name: "Blur", exact: true }).waitFor();
    await explorer.getByText("More", { exact: true }).click();
    const overflow = await explorer.evaluate((root) =>
      [...root.querySelectorAll("*")].some(
        (part) => part.getBoundingClientRect().right > root.getBoundingClientRect().right + 1,
      ),
    );
    assert.equal(overflow, false);
    await notebook.picture(`form-${name}`, explorer);
    await notebook.close();
  }
});
