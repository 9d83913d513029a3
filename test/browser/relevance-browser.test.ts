/** A store of explanations in the browser: looked through by mouse and by keys, also while a run goes on in it. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Locator } from "playwright-core";
import { type Lab, type Notebook, startLab } from "./lab.js";

const cells = [
  `import { Button, display, loadModel, RelevanceBrowser } from "limpid";
import { explainDataset } from "limpid/runs";
const model = await loadModel("mnist-cnn");
const run = { store: "digits.zarr", samples: 64, shard: 8, method: "lrp", parameters: { composite: "epsilon-plus" } };
const controller = new AbortController();
// Four shards are there when it is stopped, or those that are written meanwhile, too.
await explainDataset(model, "mnist", { ...run, signal: controller.signal, onProgress: ({ shards: [done] }) => { if (done === 4) controller.abort(); } }).catch(() => {});
const browser = new RelevanceBrowser("digits.zarr", { every: 0.2 });
browser`,
  `new RelevanceBrowser("nowhere.zarr")`,
  `const goOn = new Button({ description: "Go on" });
display(goOn);
await goOn.next("click");
await explainDataset(model, "mnist", run);`,
];

let lab: Lab;
let notebook: Notebook;
let widget: Locator;
/** How many samples are there before the run goes on. */
let there: number;
before(async () => {
  lab = await startLab();
  await lab.write("browser.ipynb", cells);
  notebook = await lab.open("browser.ipynb", { height: 1500 });
  await notebook.start();
  widget = notebook.output(0).locator(".limpid-widget").first();
  await widget.locator(".limpid-samples-card").first().waitFor();
  there = Number((await widget.locator(".limpid-samples-there").innerText()).split(" ")[0]);
  assert.ok(there >= 32 && there < 64, `${there} samples`);
});
after(async () => {
  await notebook?.close();
  await lab?.close();
});

const found = () => widget.locator(".limpid-samples-found").innerText();
const ids = () => widget.locator(".limpid-samples-id").allInnerTexts();
const outputs = async () =>
  (await widget.locator(".limpid-samples-output").allInnerTexts()).map((text) => Number(text.replace("−", "-")));
const waitFound = (words: RegExp | string) => widget.locator(".limpid-samples-found", { hasText: words }).waitFor();

test("each sample is a card with its map over its picture, and a bar says how many are there", async () => {
  await widget
    .locator(".limpid-samples-there", { hasText: `${there} of 64 samples are there; more are looked for` })
    .waitFor();
  const percent = await widget.locator(".limpid-samples-there-bar").getAttribute("aria-valuenow");
  assert.equal(percent, String(Math.floor((100 * there) / 64)));
  assert.equal(await found(), `${there} samples`);
  assert.deepEqual(
    await ids(),
    Array.from({ length: 12 }, (_, at) => String(at)),
  );
  // A map over its picture has colors and gray.
  const colors = await widget
    .locator(".limpid-samples-card canvas")
    .first()
    .evaluate((canvas) => {
      const { width, height } = canvas as HTMLCanvasElement;
      const { data } = (canvas as HTMLCanvasElement).getContext("2d")!.getImageData(0, 0, width, height);
      let [colored, gray] = [0, 0];
      for (let at = 0; at < data.length; at += 4) {
        if (Math.abs(data[at]! - data[at + 2]!) > 40) colored++;
        else gray++;
      }
      return { colored, gray };
    });
  assert.ok(colors.colored > 20 && colors.gray > 20, JSON.stringify(colors));
  await notebook.picture("relevance-browser-growing", widget);
});

test("samples are chosen by class, rightness and name, and sorted", async () => {
  const own = widget.getByLabel("Own class");
  await own.selectOption("3");
  await waitFound(/of class “3”$/);
  const threes = await found();
  assert.match(await own.locator("option[value='3']").innerText(), new RegExp(`^3 \\(${threes.split(" ")[0]}\\)$`));
  await widget.getByRole("button", { name: "Show all" }).click();
  await waitFound(`${there} samples`);
  await widget.getByRole("radio", { name: "Wrong" }).check();
  await waitFound(/predicted wrongly/);
  await widget.getByRole("radio", { name: "All", exact: true }).check();
  await waitFound(`${there} samples`);
  await widget.getByLabel("Sort by").selectOption("output");
  await notebook.page.waitForFunction(() => {
    const values = [...document.querySelectorAll(".limpid-samples-output")].map((one) => Number(one.textContent));
    return values.length === 12 && values.every((value, at) => at === 0 || value <= values[at - 1]!);
  });
  const largest = (await outputs())[0]!;
  await widget.getByLabel("Largest first").uncheck();
  await notebook.page.waitForFunction(() => {
    const values = [...document.querySelectorAll(".limpid-samples-output")].map((one) => Number(one.textContent));
    return values.length === 12 && values.every((value, at) => at === 0 || value >= values[at - 1]!);
  });
  assert.ok((await outputs())[0]! < largest);
  await widget.getByLabel("Search").fill("#17");
  await waitFound(/^1 sample matching “#17”$/);
  assert.deepEqual(await ids(), ["17"]);
  await widget.getByLabel("Search").fill("");
  await widget.getByLabel("Sort by").selectOption("number");
  await waitFound(`${there} samples`);
});

test("keys walk over samples, turn pages, open one at large and close it", async () => {
  await widget.locator(".limpid-samples-card").first().focus();
  await notebook.page.keyboard.press("PageDown");
  await widget.locator(".limpid-samples-page", { hasText: `page 2 of ${Math.ceil(there / 12)}` }).waitFor();
  await widget.locator(".limpid-samples-id", { hasText: /^12$/ }).waitFor();
  await notebook.page.keyboard.press("ArrowRight");
  await notebook.page.keyboard.press("Enter");
  const open = widget.locator(".limpid-samples-open");
  await open.waitFor();
  assert.match(await open.locator("h4").first().innerText(), /^13, explained for \d$/);
  assert.match(
    await open.locator(".limpid-samples-facts").innerText(),
    /^output .* · relevance .* · conservation error .* · class \d, predicted/,
  );
  assert.ok((await open.locator(".limpid-samples-layers li").count()) >= 4);
  assert.equal(await widget.locator(".limpid-samples-card[aria-expanded='true'] .limpid-samples-id").innerText(), "13");
  await notebook.picture("relevance-browser-open", widget);
  await notebook.page.keyboard.press("Escape");
  await open.waitFor({ state: "hidden" });
  await widget.locator(".limpid-samples-card").nth(2).click();
  await open.getByRole("button", { name: "Close" }).click();
  await open.waitFor({ state: "hidden" });
});

test("while a run goes on, what has come is there, and the page stays", async () => {
  await notebook.output(2).getByRole("button", { name: "Go on" }).click();
  await widget.locator(".limpid-samples-there", { hasText: "All 64 samples are there" }).waitFor();
  assert.equal(await widget.locator(".limpid-samples-page").innerText(), "page 2 of 6");
  assert.deepEqual((await ids())[0], "12");
});

test("a store that is not there says so, and can be tried again", async () => {
  const wrong = notebook.output(1).locator(".limpid-widget").first();
  await wrong.locator(".limpid-samples-error", { hasText: "nowhere.zarr is no store of explanations" }).waitFor();
  await wrong.getByRole("button", { name: "Try again" }).waitFor();
});

test("in the dark and in narrow cells it stands as it should", async () => {
  await notebook.theme("dark");
  await notebook.picture("relevance-browser-dark", widget);
  await notebook.theme("light");
  await notebook.page.setViewportSize({ width: 620, height: 1500 });
  await notebook.page.waitForTimeout(500);
  await notebook.picture("relevance-browser-narrow", widget);
  assert.ok(await widget.evaluate((element) => element.scrollWidth <= element.clientWidth + 1));
});
