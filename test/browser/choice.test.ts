/** A question in a notebook: all cells run, and the next waits until its reader has answered, by mouse or by keys. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { until } from "../helpers/until.js";
import { type Lab, type Notebook, SCREENSHOTS, startLab } from "./lab.js";

const cells = [
  `import { Choice } from "limpid";
const first = await new Choice("Which map is of the *cat*?", ["the left one", "the right one"], { answer: "the right one", explanation: "Its *sum* is the score." }).next();
first`,
  `const second = await new Choice("Which hold?", ["conservation", "positivity", "continuity"], { answer: ["conservation", "continuity"], multiple: true }).next();
second.join(" + ")`,
  `const late = new Choice("And which is *right*, of answers that are so long that they take more than one line of a narrow cell?", ["one of them, which is explained at some length so that it breaks", "the other"], { answer: "the other" });
late`,
];

let lab: Lab;
let notebook: Notebook;
before(async () => {
  lab = await startLab();
  await lab.write("choice.ipynb", cells);
  notebook = await lab.open("choice.ipynb", { width: 900, height: 1000 });
});
after(async () => {
  await notebook?.close();
  await lab?.close();
});

const widgetOf = (cell: number) => notebook.output(cell).locator(".limpid-choice.limpid-widget");
const focused = () => notebook.page.evaluate(() => document.activeElement?.textContent);

test("running all cells waits at each question for its answer, which the cell goes on with", async () => {
  await notebook.start();
  const first = widgetOf(0);
  await first.getByText("The notebook goes on then.").waitFor();
  assert.equal(await first.locator("h3 em").innerText(), "cat");
  await notebook.page.waitForTimeout(500);
  assert.equal(await notebook.page.locator(".limpid-choice").count(), 1, "the second cell has not begun");
  await first.getByRole("button", { name: "the left one" }).click();
  await first.getByText("You chose “the left one”; the answer is “the right one”.").waitFor();
  assert.match(await first.getByRole("status").innerText(), /Its sum is the score\.$/);
  const marks = await first.locator(".limpid-choice-mark").allInnerTexts();
  assert.deepEqual(marks, ["✗ your answer", "✓ right"]);
  await notebook.output(0).getByText("'the left one'").waitFor();
  // What has been answered stays so.
  await first.getByRole("button", { name: "the right one" }).click({ force: true });
  assert.deepEqual(await first.locator(".limpid-choice-mark").allInnerTexts(), marks);
});

test("of several, keys tick them, and a button answers", async () => {
  const second = widgetOf(1);
  await second.getByText("The notebook goes on then.").waitFor();
  const { keyboard } = notebook.page;
  await second.getByRole("button", { name: "conservation" }).focus();
  await keyboard.press("Enter");
  await keyboard.press("ArrowDown");
  await keyboard.press("Space");
  await keyboard.press("Space");
  await keyboard.press("ArrowDown");
  assert.match((await focused()) ?? "", /continuity/);
  await keyboard.press("Space");
  const pressed = () =>
    second.locator(".limpid-choice-answer").evaluateAll((all) => all.map((one) => one.ariaPressed === "true"));
  assert.deepEqual(await pressed(), [true, false, true]);
  await keyboard.press("ArrowDown");
  assert.match((await focused()) ?? "", /conservation/);
  await second.getByRole("button", { name: "Answer", exact: true }).click();
  await second.getByText("Right: “conservation” and “continuity”.").waitFor();
  await notebook.output(1).getByText("'conservation + continuity'").waitFor();
  assert.equal(await second.getByRole("button", { name: "Answer", exact: true }).count(), 0);
});

test("the file keeps the answer as a picture with words, and without its kernel a question can still be answered", async () => {
  await widgetOf(2).waitFor();
  await notebook.settled();
  type Output = { data?: { [mime: string]: string | string[] } };
  let stored: Output["data"];
  // The picture follows some time after.
  const isStored = async () => {
    await notebook.command("docmanager:save");
    const file = JSON.parse(await readFile(join(lab.folder, "choice.ipynb"), "utf8")) as {
      cells: { outputs: Output[] }[];
    };
    stored = file.cells[0]!.outputs.find(({ data }) => data?.["image/svg+xml"] !== undefined)?.data;
    return /✗ your answer/.test([stored?.["image/svg+xml"]].flat().join(""));
  };
  await until(isStored, "the file does not keep the answer");
  assert.match(
    [stored?.["text/plain"]].flat().join(""),
    /^Choice: Which map is of the \*cat\*\? \(answered\)\n {2}● the left one\n {2}○ the right one\nYou chose/,
  );
  for (const theme of ["light", "dark"] as const) {
    await notebook.theme(theme);
    for (const width of [900, 480]) {
      await notebook.page.setViewportSize({ width, height: 1000 });
      await notebook.page.screenshot({ path: join(SCREENSHOTS, `choice-${theme}-${width}.png`) });
    }
  }
  await notebook.command("kernelmenu:shutdown");
  const late = widgetOf(2);
  await late.getByRole("button", { name: "the other" }).click();
  await late.getByText("Right: “the other”.").waitFor();
});
