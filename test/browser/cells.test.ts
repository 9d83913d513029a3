/** What a researcher types: names that are completed and mended, lists that are set, widgets that are closed, work that is interrupted. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Locator } from "playwright-core";
import { changed, until } from "../helpers/until.js";
import { type Lab, type Notebook, startLab } from "./lab.js";

const CELLS = {
  opening: `import { ClassPrototype, compare, display, Dropdown, Explorer, FloatSlider, loadImage, loadModel, lrp, VBox } from "limpid";
const model = await loadModel("mnist-cnn");
const photo = await loadImage("coffee.png", model.input);
const kept = 41;
const dropdown = new Dropdown({ options: ["one", "two"], description: "letter" });
const slider = new FloatSlider({ value: 1, min: 0, max: 2, description: "amount" });
const box = new VBox([dropdown]);
display(box);`,
  options: `dropdown.options = ["three", "four"];
dropdown.options = { five: 5, six: 6 };
dropdown.value`,
  pushed: "(box.children as unknown[]).push(slider)",
  filled: `const outer = new VBox();
const inner = new VBox();
outer.children = [inner];
inner.children = [new FloatSlider({ description: "first" })];
outer`,
  refilled: `const watched = new FloatSlider({ description: "first" });
display(watched);
watched.observe(() => {
  inner.children = [new FloatSlider({ description: watched.description })];
}, "description");
inner.box_style = "info";
watched.description = "second";`,
  closed: "slider.close();\nslider.value = 2",
  misspelled: `compare(model, photo, ["integrated-gradient" as "lrp"])`,
  noModel: `await loadModel("mnist-cn")`,
  noClass: `await lrp(await loadModel("efficientnet-lite0"))((await loadImage("chelsea.png")).tensor, { target: "tiger kat" })`,
  completed: `compare(model, photo, ["integ`,
  asked: `await input("Your name? ")`,
  endless: "for (;;);",
  thrown: `throw { get [Symbol.toStringTag]() { throw new Error("not to be read"); } }`,
  alive: "kept + 1",
  prototype: `const prototype = new ClassPrototype(model, { target: 3, seed: 1, pauseEvery: 1e9 });
prototype.playing = true;
prototype`,
  counted: "[prototype.playing, prototype.step, prototype.target]",
};
type Name = keyof typeof CELLS;
const place = (name: Name) => Object.keys(CELLS).indexOf(name);

let lab: Lab;
let notebook: Notebook;
before(async () => {
  lab = await startLab();
  await lab.write("cells.ipynb", Object.values(CELLS));
  notebook = await lab.open("cells.ipynb", { height: 1200 });
  await run("opening");
});
after(async () => {
  await notebook?.close();
  await lab?.close();
});

const output = (name: Name): Locator => notebook.output(place(name)).last();

/** Starts a cell as its reader does: a click on it, Shift+Enter. */
async function start(name: Name): Promise<void> {
  await notebook.codeCell(place(name)).locator(".jp-InputArea-editor").click();
  await notebook.page.keyboard.press("Control+Enter");
}

async function run(name: Name): Promise<string> {
  await start(name);
  await notebook.settled();
  return (await notebook.output(place(name)).count()) === 0 ? "" : output(name).innerText();
}

const interrupt = () => notebook.command("notebook:interrupt-kernel");

test("a list of options in any form that the constructor takes reaches the view", async () => {
  assert.equal((await run("options")).trim(), "5");
  const select = notebook.codeCell(place("opening")).locator("select");
  await select.locator("option", { hasText: "six" }).waitFor({ state: "attached" });
  assert.deepEqual(await select.locator("option").allInnerTexts(), ["five", "six"]);
});

test("widgets are shown that are made after what they are put into, or by an observer of a change on its way", async () => {
  await run("filled");
  const words = notebook.codeCell(place("filled")).locator(".widget-vbox .widget-label");
  await words.getByText("first").waitFor();
  await run("refilled");
  await words.getByText("second").waitFor();
  assert.deepEqual(notebook.errors, []);
});

test("what would change a list in place, and what is set on a closed widget, says what to do instead", async () => {
  assert.match(await run("pushed"), /^TypeError: .*not extensible/m);
  assert.equal(await notebook.codeCell(place("opening")).locator(".widget-slider").count(), 0);
  assert.match(await run("closed"), /WidgetClosedError: This FloatSlider is closed: its value cannot be set/);
});

test("names that do not exist come with those that may be meant, message first, without the library's own frames", async () => {
  for (const [name, words] of [
    ["misspelled", /Did you mean "integrated-gradients"\?/],
    ["noModel", /Did you mean "mnist-cnn"\?/],
    ["noClass", /did you mean .*tiger cat/],
  ] as const) {
    const text = await run(name);
    assert.match(text, words, name);
    assert.doesNotMatch(text, /node_modules|build\/src|file:\/\//, name);
    assert.match(text.split("\n")[0]!, /Error/, name);
  }
});

test("a method's id is completed in the cell", async () => {
  await notebook.codeCell(place("completed")).locator(".cm-line").click();
  await notebook.page.keyboard.press("End");
  const line = notebook.codeCell(place("completed")).locator(".cm-line");
  await until(async () => {
    // The front end waits a second for the kernel, whatever else the machine does.
    await notebook.command("completer:invoke-notebook");
    await notebook.page.waitForTimeout(1200);
    const offered = notebook.page.locator(".jp-Completer:visible .jp-Completer-match");
    const names = await offered.allInnerTexts();
    return names.includes("integrated-gradients") || /"integrated-gradients/.test(await line.innerText());
  }, "no completion");
  await notebook.page.keyboard.press("Escape");
});

describe("an interrupt, and what cannot be shown", () => {
  for (const [name, begun] of [
    ["asked", (cell: Locator) => cell.locator(".jp-Stdin-input").waitFor()],
    ["endless", (cell: Locator) => cell.locator(".jp-InputPrompt", { hasText: "*" }).waitFor()],
  ] as const) {
    test(`${name === "asked" ? "a question that nobody answers" : "a loop without an end"} stops, and the variables stay`, async () => {
      await start(name);
      await begun(notebook.codeCell(place(name)));
      await interrupt();
      await notebook.settled();
      await notebook.codeCell(place(name)).getByText("InterruptError").first().waitFor();
      assert.equal((await run("alive")).trim(), "42");
    });
  }

  test("what throws when it is looked at is shown all the same, and the variables stay", async () => {
    assert.notEqual((await run("thrown")).trim(), "");
    assert.equal((await run("alive")).trim(), "42");
  });

  test("a prototype at work says what it draws when its class is changed, and stops at an interrupt", async () => {
    await run("prototype");
    const widget = notebook.panel.locator(".limpid-prototype");
    const books = () => widget.locator(".limpid-books").innerText();
    await until(async () => /step \d+ · p\(3\)/.test(await books()), "it does not start");
    await widget.getByRole("combobox", { name: "Class", exact: true }).fill("8");
    await notebook.page.keyboard.press("Enter");
    await until(async () => /p\(8\)/.test(await books()), "the class was not taken");
    assert.equal(await widget.locator(".limpid-title").innerText(), "How does an 8 look to the network?");
    assert.match(await widget.locator("h4").first().innerText(), /of 8/);
    await interrupt();
    await widget.getByRole("button", { name: "play" }).waitFor();
    const stopped = await run("counted");
    assert.match(stopped, /^\[ false, \d+, 8 \]$/);
    await notebook.page.waitForTimeout(300);
    assert.equal(await run("counted"), stopped, "it went on");
    // It can be played on.
    const before = await books();
    await widget.getByRole("button", { name: "play" }).click();
    await changed(books, before);
  });
});
