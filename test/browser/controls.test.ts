/** The standard controls in a real JupyterLab, driven from cells in TypeScript. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { until } from "../helpers/until.js";
import { type Lab, type Notebook, startLab } from "./lab.js";

const cells = [
  `import { Button, Checkbox, display, Dropdown, FloatLogSlider, HBox, IntSlider, interact, jslink, Label, Output,
     progress, StoppedError, VBox } from "limpid";
   const units = new IntSlider({ value: 3, min: 1, max: 9, description: "units" });
   const twin = new IntSlider({ min: 1, max: 9, description: "twin", tooltip: "follows in the browser" });
   jslink([units, "value"], [twin, "value"]);
   const epsilon = new FloatLogSlider({ value: 1e-6, min: -9, max: 0, description: "ε" });
   const bias = new Dropdown({ options: { "is absorbed": "absorb", "is ignored": "ignore" }, description: "bias" });
   const says = new Label();
   const tell = () => { says.value = \`\${units.value} units, ε = \${epsilon.value}, \${bias.value}\`; };
   for (const control of [units, epsilon, bias]) control.observe(tell, "value");
   tell();
   const count = new Button({ description: "Count" });
   const log = new Output();
   let clicks = 0;
   count.on("click", () => log.print(\`click \${++clicks}\`));
   new VBox([new HBox([units, twin]), epsilon, bias, says, count, log])`,
  `const chosen = await units.next("value"); chosen`,
  `interact(({ x, loud }) => "x is " + x + (loud ? "!" : ""), { x: [0, 10], loud: true })`,
  `const outcome = await progress("Counting", ({ report }) => { for (;;) report(0.5, "forever"); })
     .catch((error) => error instanceof StoppedError);
   outcome`,
];

let lab: Lab;
let notebook: Notebook;
before(async () => {
  lab = await startLab();
  await lab.write("controls.ipynb", cells);
  notebook = await lab.open("controls.ipynb");
});
after(async () => {
  await notebook?.close();
  await lab?.close();
});

const said = (text: string | RegExp) => notebook.output(0).getByText(text).waitFor();
const handle = (cell: number, index: number) => notebook.output(cell).locator(".noUi-handle").nth(index);

test("controls move by keyboard, observers answer, a waiting cell gets its value", async () => {
  await notebook.start();
  await said("3 units, ε = 0.000001, absorb");
  await handle(0, 0).press("ArrowRight");
  await said("4 units, ε = 0.000001, absorb");
  // The second cell waits for the slider; a press before it began to wait was not for it.
  const result = notebook.output(1).getByText(/^\s*\d\s*$/);
  const presses = async () => {
    if (await result.isVisible()) return true;
    // Back and forth: at its end the slider would not move.
    await handle(0, 0).press(pressed++ % 2 === 0 ? "ArrowRight" : "ArrowLeft");
    await notebook.page.waitForTimeout(700);
    return false;
  };
  let pressed = 0;
  await until(presses, "the cell that waits has no value");
  const value = await handle(0, 0).getAttribute("aria-valuetext");
  assert.equal(await handle(0, 1).getAttribute("aria-valuetext"), value, "linked in the browser");
  await handle(0, 2).press("ArrowRight");
  await notebook.output(0).locator("select").selectOption("is ignored");
  await said(/units, ε = 0\.00000125\d+, ignore/);
  const button = notebook.output(0).getByRole("button", { name: "Count" });
  await button.click();
  await button.click();
  await said("click 2");
});

test("interact answers its controls, and the stop button ends a loop that never awaits", async () => {
  const stop = notebook.output(3).getByRole("button", { name: "Stop" });
  await stop.waitFor();
  await notebook.picture("controls");
  await stop.click();
  await notebook.settled();
  await notebook
    .output(3)
    .getByText(/^Counting: stopped at 50 % after/)
    .waitFor();
  await notebook.output(3).getByText("true").waitFor();
  await notebook.output(2).getByText("'x is 5!'").or(notebook.output(2).getByText("x is 5!")).first().waitFor();
  await handle(2, 0).press("ArrowRight");
  await notebook.output(2).getByText("x is 6!").waitFor();
  await notebook.output(2).getByRole("checkbox").uncheck();
  await notebook
    .output(2)
    .getByText(/x is 6$/)
    .waitFor();
});

test("a page that is loaded again shows every control as it was", async () => {
  const before = await notebook.output(0).locator(".widget-label").filter({ hasText: "units, ε" }).textContent();
  await notebook.command("docmanager:save");
  await notebook.load();
  await said(String(before));
  await said("click 2");
  await notebook
    .output(2)
    .getByText(/x is 6$/)
    .waitFor();
  await handle(0, 0).press("ArrowLeft");
  await said(/^\d units, ε = 0\.00000125\d+, ignore$/);
  await notebook.picture("controls-restored");
  assert.deepEqual(notebook.errors, []);
});
