/** Debugging as its reader does it: a click beside a line, a run, a step, a look at a variable. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { until } from "../helpers/until.js";
import { type Lab, type Notebook, startLab } from "./lab.js";

const CELL = `let total = 0;
for (const n of [1, 2, 3]) {
  const doubled = n * 2;
  total += doubled;
}
total`;

let lab: Lab;
let notebook: Notebook;
before(async () => {
  lab = await startLab();
  await lab.write("debugged.ipynb", [CELL]);
  notebook = await lab.open("debugged.ipynb");
});
after(async () => {
  await notebook?.close();
  await lab?.close();
});

test("a breakpoint that is set beside a line stops the cell there; a step and the variables are shown", async () => {
  const { page } = notebook;
  const cell = notebook.codeCell(0);
  const line = (number: number) => cell.locator(".cm-line").nth(number - 1);
  await notebook.panel.locator('.jp-DebuggerBugButton[aria-disabled="false"]').click();
  await page.locator(".jp-DebuggerBreakpoints").waitFor();
  const gutter = await cell.locator(".cm-gutter.cm-breakpoint-gutter").boundingBox();
  const at = await line(4).boundingBox();
  await page.mouse.click(gutter!.x + gutter!.width / 2, at!.y + at!.height / 2);
  await page.locator(".jp-DebuggerBreakpoints-body").getByText("4", { exact: true }).waitFor();

  await line(6).click();
  await page.keyboard.press("Control+Enter");
  const paused = (number: number) =>
    cell.locator(`.cm-line.jp-DebuggerEditor-highlight:nth-child(${number})`).waitFor();
  await paused(4);
  const variables = page.locator(".jp-DebuggerVariables-body:visible");
  const shown = async (word: RegExp) =>
    until(async () => word.test((await variables.allInnerTexts()).join(" ")), `${word} among the variables`);
  await shown(/doubled\s+2\b/);
  await shown(/total\s+0\b/);
  const press = (command: string) =>
    page.locator(`jp-button[data-command="debugger:${command}"]:visible`).first().click();
  await press("next");
  await paused(2);
  await shown(/total\s+2\b/);
  await notebook.picture("debugger");
  await press("continue");
  await paused(4);
  await shown(/doubled\s+4\b/);
  // Turned off, it leaves the cell to end.
  await notebook.panel.locator(".jp-DebuggerBugButton").click();
  await notebook.settled();
  assert.equal(await notebook.output(0).last().innerText(), "12");
  assert.deepEqual(notebook.errors, []);
});
