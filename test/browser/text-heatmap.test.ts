/** A text colored by two models: its words are read, summed and struck out, by mouse and by keys. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Locator } from "playwright-core";
import { type Lab, type Notebook, startLab } from "./lab.js";

const cells = [
  `import { TextHeatmap, tokenize } from "limpid";
const text = "Never a dull moment. It's warm, funny and wise.";
const tokens = tokenize(text);
const weights = { SVM: [-0.2, 0, -0.9, 0.1, 0, 0.7, 0.8, 0, 0.6], LSTM: [1.1, 0.1, -0.5, 0.2, 0.1, 1.2, 0.9, 0, 1.4] };
const widget = new TextHeatmap({ text, tokens, relevance: { SVM: { relevance: weights.SVM, output: 1.1 }, LSTM: { relevance: weights.LSTM, output: 4.5 } },
  title: "Why *positive*?", subtitle: "two models",
  score: ({ kept }) => Object.values(weights).map((one) => kept.reduce((sum, at) => sum + one[at]!, 0)) });
widget`,
  `const pieces = new TextHeatmap({ tokens: ["un", "##believ", "##able", ",", "sadly"], relevance: [0.4, 1.2, 0.3, 0, -1.1], signed: true });
pieces`,
  `const long = new TextHeatmap({ tokens: Array.from({ length: 3000 }, (_, at) => "word" + at), relevance: Array.from({ length: 3000 }, (_, at) => Math.sin(at)) });
long`,
];

let lab: Lab;
let notebook: Notebook;
let widget: Locator;
before(async () => {
  lab = await startLab();
  await lab.write("text.ipynb", cells);
  notebook = await lab.open("text.ipynb", { height: 1300 });
  await notebook.runAll();
  widget = notebook.output(0).locator(".limpid-text-heatmap");
  await widget.waitFor();
});
after(async () => {
  await notebook?.close();
  await lab?.close();
});

const pane = (by: string) => widget.getByRole("textbox", { name: new RegExp(`colored by ${by}`) });
const unit = (by: string, words: string) => pane(by).locator("[data-unit]").getByText(words, { exact: true });
const reading = () => widget.locator(".limpid-text-reading").innerText();
const background = (of: Locator) => of.evaluate((element) => getComputedStyle(element).backgroundColor);
const books = (by: string) =>
  widget.locator("section", { has: notebook.page.getByRole("heading", { name: by }) }).locator(".limpid-books");
const frames = () =>
  widget.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

test("both models' texts, their numbers, and colors on scales of their own or on one", async () => {
  assert.equal(await pane("SVM").innerText(), "Never a dull moment. It's warm, funny and wise.");
  assert.equal(await books("SVM").innerText(), "output 1.10 · relevance 1.10");
  assert.equal(await books("LSTM").innerText(), "output 4.50 · relevance 4.50");
  const [red, , blue] = (await background(unit("SVM", "dull"))).match(/\d+/g)!.map(Number) as [number, number, number];
  assert.ok(blue > red, "what speaks against is blue");
  const own = await background(unit("SVM", "funny"));
  await widget.getByRole("radio", { name: "One for all" }).check();
  await frames();
  assert.notEqual(await background(unit("SVM", "funny")), own);
  await widget.locator(".limpid-color-bar").waitFor();
  await notebook.picture("text-heatmap-light", widget);
});

test("a word that is pointed at is read in both, and by arrow keys; sentences are sums", async () => {
  await unit("SVM", "funny").hover();
  assert.match(await reading(), /^“funny” · SVM \+0\.800 \(24\s% of all values’ sizes\) · LSTM \+0\.900/);
  assert.equal(await pane("LSTM").locator(".limpid-text-pointed").innerText(), "funny");
  await pane("LSTM").focus();
  await pane("LSTM").press("Home");
  assert.match(await reading(), /^“Never”/);
  await pane("LSTM").press("ArrowRight");
  await pane("LSTM").press("ArrowRight");
  assert.match(await reading(), /^“dull” · SVM −0\.900/);
  await widget.getByRole("radio", { name: "Sentences" }).check();
  await pane("SVM").press("Home");
  assert.match(await reading(), /^“Never a dull moment” · SVM −1\.00 .* LSTM \+0\.900/);
  await widget.getByRole("radio", { name: "Words" }).check();
  await widget.getByLabel("Numbers").check();
  assert.equal(await unit("SVM", "dull").getAttribute("data-value"), "−0.90");
  await notebook.picture("text-heatmap-numbers", widget);
  await widget.getByLabel("Numbers").uncheck();
});

test("words are struck out by a click or a key, the outputs follow, and all comes back", async () => {
  await unit("SVM", "dull").click();
  await books("SVM").getByText("without what is struck out 2.00").waitFor();
  assert.match(await books("LSTM").innerText(), /struck out 5\.00$/);
  assert.match((await unit("LSTM", "dull").getAttribute("class"))!, /struck/);
  await pane("LSTM").focus();
  await pane("LSTM").press("End");
  await pane("LSTM").press("Delete");
  await books("SVM").getByText("struck out 1.40").waitFor();
  await notebook.picture("text-heatmap-struck", widget);
  await widget.getByRole("button", { name: "Restore all" }).click();
  await books("SVM")
    .getByText(/^output 1\.10 · relevance 1\.10$/)
    .waitFor();
  assert.equal(await widget.locator(".limpid-text-struck").count(), 0);
});

test("pieces of words, a long text, dark and narrow", async () => {
  const pieces = notebook.output(1).locator(".limpid-text-heatmap");
  assert.equal(await pieces.getByRole("textbox").innerText(), "unbelievable, sadly");
  await pieces.getByRole("radio", { name: "Words" }).check();
  await pieces.locator("[data-unit]").first().hover();
  assert.match(await pieces.locator(".limpid-text-reading").innerText(), /^“unbelievable” · \+1\.90/);
  const long = notebook.output(2).locator(".limpid-text-heatmap");
  await long.getByRole("textbox").focus();
  await long.getByRole("textbox").press("End");
  assert.match(await long.locator(".limpid-text-reading").innerText(), /^“word2999”/);
  await notebook.theme("dark");
  await notebook.picture("text-heatmap-dark", widget);
  await notebook.theme("light");
  for (const width of [480, 160]) {
    await widget.evaluate((element, width) => {
      element.parentElement!.style.width = `${width}px`;
    }, width);
    await frames();
    await notebook.picture(`text-heatmap-${width}`, widget);
    const overflow = await widget.evaluate((element) => element.scrollWidth - element.clientWidth);
    assert.ok(overflow <= 1, `${overflow} pixels too wide at ${width}`);
  }
  assert.deepEqual(notebook.errors, []);
});
