import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { long } from "../every.js";
import { until } from "../helpers/until.js";
import { fingerprint, type Lab, type Notebook, startLab } from "./lab.js";

const CELLS = [
  `import { ClassPrototype, loadDensity, loadDigits, loadModel } from "limpid";
const [model, decoder, rbm, digits] = await Promise.all([
  loadModel("mnist-cnn"), loadModel("mnist-decoder"), loadDensity("mnist-rbm"), loadDigits(),
]);
const widget = new ClassPrototype(model, { target: 3, generator: decoder, densities: { RBM: rbm }, examples: digits });
await widget.settled();
widget`,
  "const second = 6 * 7;\nsecond",
];

let lab: Lab;
let notebook: Notebook;
before(async () => {
  lab = await startLab();
  await lab.write("prototype.ipynb", CELLS);
  notebook = await lab.open("prototype.ipynb", { height: 1100 });
  await notebook.runAll();
});
after(async () => {
  await notebook?.close();
  await lab?.close();
});

const widget = () => notebook.panel.locator(".limpid-prototype").first();
const picture = () => widget().locator(".limpid-prototype-picture canvas");
const button = (name: string) => widget().getByRole("button", { name, exact: true });
const play = () => widget().locator(".limpid-primary");
const slider = (label: string) => widget().getByLabel(label, { exact: true });

/** The number behind "step" in the heading. */
async function steps(): Promise<number> {
  return Number((await widget().locator(".limpid-books").innerText()).match(/step (\d+)/)?.[1]);
}

describe("a class prototype in the notebook", () => {
  test("starts with a picture, the class's name and real digits beside it", async () => {
    await picture().waitFor();
    assert.equal(await widget().locator(".limpid-title").innerText(), "How does a 3 look to the network?");
    assert.equal(await steps(), 0);
    assert.equal(await widget().locator(".limpid-real-pictures canvas").count(), 8);
    assert.equal(await widget().locator(".limpid-note").isVisible(), false);
    assert.deepEqual(notebook.errors, []);
  });

  test("plays, leaves the kernel to other cells meanwhile, and pauses", async () => {
    const first = await fingerprint(picture());
    await play().click();
    await until(async () => (await steps()) > 10, "no steps were made");
    assert.notEqual(await fingerprint(picture()), first);
    await notebook.codeCell(1).click();
    await notebook.command("notebook:run-cell");
    await notebook.output(1).last().waitFor();
    assert.equal((await notebook.output(1).last().innerText()).trim(), "42");
    const soon = await steps();
    await until(async () => (await steps()) > soon, "it did not go on");
    await play().click();
    await until(async () => /Play/.test(await play().innerText()), "it did not pause");
    await until(async () => {
      const now = await steps();
      await new Promise((resolve) => setTimeout(resolve, 400));
      return (await steps()) === now;
    }, "it went on after the pause");
    assert.match((await widget().locator(".limpid-curve-line").first().getAttribute("d")) ?? "", /^M0\.0 .*L/);
    await notebook.picture("class-prototype-light", widget());
  });

  test("single steps, keeping and reset do what they say", async () => {
    const at = await steps();
    await button("Step").click();
    await until(async () => (await steps()) === at + 1, "the step was not made");
    await button("Keep").click();
    await until(async () => (await widget().locator(".limpid-kept li").count()) === 1, "nothing was kept");
    assert.match(await widget().locator(".limpid-kept-caption").innerText(), /^pixels, L2 0\.02, smooth 0\.02$/);
    await button("Reset").click();
    await until(async () => (await steps()) === 0, "it did not begin anew");
  });

  test("sliders move by keyboard and act on the run; Space plays", async () => {
    await slider("Smooth").focus();
    await notebook.page.keyboard.press("Home");
    await slider("L2").focus();
    await notebook.page.keyboard.press("Home");
    assert.equal(await slider("Smooth").getAttribute("aria-valuetext"), "off");
    await widget()
      .locator(".limpid-curve-plot")
      .first()
      .evaluate((plot) => {
        plot.dispatchEvent(new KeyboardEvent("keydown", { key: " ", bubbles: true }));
      });
    await until(async () => (await steps()) > 10, "Space did not play");
    await play().click();
    await button("Keep").click();
    await until(async () => (await widget().locator(".limpid-kept li").count()) === 2, "nothing was kept");
    assert.equal(await widget().locator(".limpid-kept-caption").last().innerText(), "pixels");
  });

  test("another way to draw begins anew, keeps what was there, and looks like a digit", async () => {
    await widget().getByLabel("Drawn in").selectOption("generator");
    await until(async () => (await steps()) === 0, "it did not begin anew");
    await play().click();
    await until(async () => (await steps()) > 60, "no steps were made");
    await play().click();
    await until(
      async () => /p\(3\) = 0\.9|p\(3\) = 1/.test(await widget().locator(".limpid-books").innerText()),
      "the net is not sure",
    );
    assert.equal(await widget().getByLabel("Blur").isDisabled(), true);
    await notebook.picture("class-prototype-decoder", widget());
  });

  test("a class is chosen by typing, a name that does not exist is marked", async () => {
    const field = widget().getByRole("combobox", { name: "Class", exact: true });
    await field.fill("elf");
    await field.press("Enter");
    assert.equal(await field.getAttribute("aria-invalid"), "true");
    await field.fill("8");
    await field.press("Enter");
    await until(
      async () => (await widget().locator(".limpid-title").innerText()) === "How does an 8 look to the network?",
      "the class did not change",
    );
    await widget().getByRole("radio", { name: "channel" }).check({ force: true });
    await until(
      async () => /channel 0 of logits/.test(await widget().locator(".limpid-title").innerText()),
      "no channel is sought",
    );
    await widget().getByRole("radio", { name: "class" }).check({ force: true });
  });

  test("an error shows in the picture's place, and the next start recovers", async () => {
    await replaceSecondCell(
      "widget.l2 = 1e300; widget.drawnIn = 'pixels'; widget.playing = true; await widget.settled();",
    );
    const note = widget().locator(".limpid-note.limpid-error");
    await note.waitFor();
    assert.match(await note.innerText(), /objective/i);
    await replaceSecondCell("widget.set({ l2: 0.02, totalVariation: 0.02 });");
    await button("Reset").click();
    await note.waitFor({ state: "hidden" });
  });

  test("the notebook that is saved has a static picture; a reload brings the widget back", async () => {
    const kept = await widget().locator(".limpid-kept li").count();
    await notebook.command("docmanager:save");
    const saved = JSON.parse(await readFile(join(lab.folder, "prototype.ipynb"), "utf8"));
    const data = saved.cells[0].outputs.at(-1).data;
    assert.ok(data["application/vnd.jupyter.widget-view+json"]);
    assert.equal(Buffer.from(data["image/png"], "base64").subarray(1, 4).toString(), "PNG");
    await notebook.load();
    await widget().waitFor();
    await until(async () => (await widget().locator(".limpid-kept li").count()) === kept, "the gallery is gone");
    await picture().waitFor();
    await button("Step").click();
    await until(async () => (await steps()) > 0, "it is not alive after the reload");
    assert.deepEqual(notebook.errors, []);
  });
});

async function replaceSecondCell(source: string): Promise<void> {
  const cell = notebook.codeCell(1);
  await cell.locator(".cm-content").click();
  await notebook.page.keyboard.press("Control+a");
  await notebook.page.keyboard.insertText(source);
  await notebook.command("notebook:run-cell");
  await notebook.settled();
}

test("it fits a narrow page, and a dark one", long, async () => {
  for (const [theme, width] of [
    ["dark", 1280],
    ["light", 480],
  ] as const) {
    await notebook.page.setViewportSize({ width, height: 1500 });
    await notebook.theme(theme);
    const shown = widget();
    await shown.waitFor();
    const overflow = await shown.evaluate((element) => element.scrollWidth - element.clientWidth);
    assert.ok(overflow <= 1, `${overflow} pixels too wide at ${width}`);
    await notebook.picture(`class-prototype-${theme}-${width}`, shown);
  }
});
