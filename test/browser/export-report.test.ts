/** “Export as Live Report…” in JupyterLab: its dialogs, what it asks `limpid report` for, and what comes of it. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { long } from "../every.js";
import { type Lab, type Notebook, startLab } from "./lab.js";

let lab: Lab;
let notebook: Notebook;
/** A file beside the notebook. */
const mark = (name: string) => join(lab.folder, name);

before(async () => {
  lab = await startLab();
  await lab.write("study.ipynb", [
    'const gamma = 0.25;\nconst photo: string = "coffee.png"; // which picture',
    "`gamma is ${gamma}, photo is ${photo}`",
    `import { appendFileSync } from "node:fs";
if (photo === "slow") { setInterval(() => appendFileSync("beats", "."), 100); await new Promise(() => {}); }`,
  ]);
  const file = join(lab.folder, "study.ipynb");
  const content = JSON.parse(await readFile(file, "utf8"));
  content.cells[0].metadata.tags = ["parameters"];
  content.cells[2].id = "load";
  await writeFile(file, JSON.stringify(content));
  notebook = await lab.open("study.ipynb");
});
after(async () => {
  await notebook?.close();
  await lab?.close();
});

const dialog = () => notebook.page.locator(".jp-Dialog");
const press = (name: string) => dialog().getByRole("button", { name, exact: true }).click();
const ask = async () => {
  await notebook.panel.locator(".limpid-report-button").click();
  await dialog().locator(".limpid-report-form").waitFor();
};
/** The kernels that the server runs beside the notebook's. */
const reportKernels = () =>
  notebook.page.evaluate(async () => {
    const { serviceManager } = (
      window as never as {
        jupyterapp: {
          serviceManager: {
            sessions: { refreshRunning(): Promise<void>; running(): Iterable<{ type: string; name: string }> };
          };
        };
      }
    ).jupyterapp;
    await serviceManager.sessions.refreshRunning();
    return [...serviceManager.sessions.running()].filter(
      ({ type, name }) => type === "report" && name === "Report of study.ipynb",
    ).length;
  });

test("the button asks for options, saves the notebook, and makes the report with the parameters that were given", async () => {
  await ask();
  const gamma = dialog().getByLabel("gamma");
  assert.equal(await gamma.getAttribute("placeholder"), "0.25");
  assert.equal(await dialog().getByLabel("photo").getAttribute("placeholder"), '"coffee.png"');
  await notebook.picture("export-options", dialog());
  await gamma.fill("0.5");
  await dialog().getByLabel("File", { exact: true }).fill("study-2.html");
  await press("Export");
  await dialog().getByText("The report is ready").waitFor();
  await notebook.picture("export-ready", dialog());
  assert.match(await dialog().innerText(), /study-2\.html, [\d.]+\sMB\. It needs no Jupyter and no network\./);
  const html = await readFile(mark("study-2.html"), "utf8");
  assert.match(html, /gamma is 0\.5, photo is coffee\.png/);

  const opened = notebook.page.context().waitForEvent("page");
  await press("Open");
  const page = await opened;
  await page.getByText("gamma is 0.5, photo is coffee.png").first().waitFor();
  await page.close();
  assert.equal(await reportKernels(), 0);
});

test("a value of another type, and a cell that throws, are named, and the options can be changed", long, async () => {
  await ask();
  await dialog().getByLabel("gamma").fill("half");
  await dialog().getByLabel("Go on after a cell that fails").check();
  await dialog().getByLabel("Computed with").selectOption("wasm");
  await press("Export");
  await dialog().getByText("The report could not be made").waitFor();
  await notebook.picture("export-failed", dialog());
  assert.match(await dialog().locator("pre").innerText(), /gamma.*cell 1/s);
  await press("Options…");
  await dialog().locator(".limpid-report-form").waitFor();
  assert.equal(await dialog().getByLabel("gamma").inputValue(), "half", "what was entered is there to be changed");
  assert.ok(await dialog().getByLabel("Go on after a cell that fails").isChecked());
  assert.equal(await dialog().getByLabel("Computed with").inputValue(), "wasm");
  await dialog().getByLabel("gamma").fill("0.5");
  await dialog().getByLabel("Go on after a cell that fails").uncheck();
  await dialog().getByLabel("Longest cell").fill("1");
  await dialog().getByLabel("photo").fill("slow");
  await press("Export");
  await dialog().getByText("The report could not be made").waitFor();
  assert.match(await dialog().locator("pre").innerText(), /took longer than 1 s \(--cell-timeout\)/);
  await press("Close");
  await dialog().waitFor({ state: "detached" });
  assert.ok(!existsSync(mark("study.html")));
});

test("it shows how far it is and can be hidden; Stop ends it and its processes, and leaves the file that was there", async () => {
  await writeFile(mark("study.html"), "of before");
  await ask();
  await dialog().getByLabel("photo").fill("slow");
  await press("Export");
  await dialog()
    .getByText(/3 of 4 cells done: .*load/)
    .waitFor();
  await notebook.picture("export-progress", dialog());
  for (let turn = 0; !existsSync(mark("beats")); turn++) {
    assert.ok(turn < 300, "the slow cell did not begin");
    await notebook.page.waitForTimeout(100);
  }
  await press("Hide");
  await dialog().waitFor({ state: "detached" });
  await notebook.panel.locator(".limpid-report-button").click();
  await dialog()
    .getByText(/3 of 4 cells done/)
    .waitFor();
  await press("Stop");
  await dialog().waitFor({ state: "detached" });
  for (let turn = 0; (await reportKernels()) > 0; turn++) {
    assert.ok(turn < 100, "the report's kernel is still there");
    await notebook.page.waitForTimeout(100);
  }
  const beats = async () => (await readFile(mark("beats"))).length;
  for (let turn = 0, before = -1, now = await beats(); now !== before; turn++) {
    assert.ok(turn < 20, "the report's own kernel goes on");
    await notebook.page.waitForTimeout(1000);
    [before, now] = [now, await beats()];
  }
  assert.equal(await readFile(mark("study.html"), "utf8"), "of before");
  assert.deepEqual(notebook.errors, []);
});

test("without running, the report has what the file holds; the command asks as the button does", async () => {
  await notebook.page.evaluate(() => {
    const { commands } = (window as never as { jupyterapp: { commands: { execute(id: string): unknown } } }).jupyterapp;
    void commands.execute("limpid:export-report");
  });
  await dialog().locator(".limpid-report-form").waitFor();
  await dialog().getByLabel("Run the notebook from clean").uncheck();
  assert.ok(await dialog().getByLabel("Widgets").isDisabled());
  await press("Export");
  await dialog().getByText("The report is ready").waitFor();
  const downloaded = notebook.page.waitForEvent("download");
  await press("Download");
  assert.equal((await downloaded).suggestedFilename(), "study.html");
  const html = await readFile(mark("study.html"), "utf8");
  // The cell that was tagged is there, in colors; it was never run, and has no count.
  assert.match(html.replace(/<[^>]+>/g, ""), /const gamma = 0\.25;\s*const photo: string = (?:"|&quot;)coffee\.png/);
  assert.doesNotMatch(html, /gamma is 0/);
});
