/**
 * `npm run test:notebook`: Limpid in a Jupyter Notebook 7 that was there before. It is installed by `limpid install --sys-prefix`, a
 * notebook is run, reloaded, opened again without its kernel, and opened once more after `limpid uninstall`.
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { fingerprint, SCREENSHOTS, startBrowser, WAIT } from "../browser/lab.js";
import { freePorts } from "../helpers/ports.js";
import { scratchFolder } from "../helpers/scratch.js";
import { until } from "../helpers/until.js";
import { ROOT, run } from "./run.js";

const PROGRAMS = process.env["LIMPID_NOTEBOOK7"];
const TOKEN = "notebook-seven";
const CELL = `import { Heatmap, loadImage, loadModel, lrp } from "limpid";
const model = await loadModel("mnist-cnn");
const photo = await loadImage("coffee.png", model.input);
new Heatmap({ image: photo, relevance: await lrp(model)(photo.tensor), title: "Cup" })`;

let browser: Browser;
let server: ChildProcess;
let page: Page;
let url: string;
const folder = scratchFolder("notebook7");
const data = scratchFolder("notebook7-data");

async function limpid(...words: string[]): Promise<number> {
  const all = [join(ROOT, "scripts", "limpid.mjs"), ...words, "--python", join(PROGRAMS!, "python")];
  return (await run(process.execPath, all, { cwd: folder })).code;
}

/** Runs one of the notebook's commands. */
const command = (id: string) =>
  page.evaluate(
    (id) =>
      (
        window as never as { jupyterapp: { commands: { execute(id: string): Promise<unknown> } } }
      ).jupyterapp.commands.execute(id),
    id,
  );

async function open(): Promise<void> {
  page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
  page.setDefaultTimeout(WAIT);
  await page.goto(`${url}/notebooks/cup.ipynb?token=${TOKEN}`);
  await page.locator(".jp-CodeCell").first().waitFor();
}

interface Jupyter {
  jupyterapp: {
    shell: { currentWidget: { sessionContext?: { session?: { kernel?: { status: string } | null } | null } } | null };
  };
}

/** Waits until the notebook's kernel is there and has nothing to do. */
const kernelIdle = () =>
  page.waitForFunction(
    () =>
      (window as never as Jupyter).jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status === "idle",
    undefined,
  );

async function endSessions(): Promise<void> {
  const headers = { authorization: `token ${TOKEN}` };
  const sessions = (await (await fetch(`${url}/api/sessions`, { headers })).json()) as { id: string }[];
  for (const { id } of sessions) await fetch(`${url}/api/sessions/${id}`, { method: "DELETE", headers });
}

before(async () => {
  assert.ok(PROGRAMS, "start this by npm run test:notebook");
  await limpid("uninstall", "--sys-prefix");
  const kernelspec = { name: "limpid", display_name: "Limpid (TypeScript)", language: "typescript" };
  const cell = { cell_type: "code", id: "cup", metadata: {}, outputs: [], execution_count: null, source: CELL };
  const notebook = { cells: [cell], metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 };
  await writeFile(join(folder, "cup.ipynb"), JSON.stringify(notebook));
  const [port] = await freePorts(1);
  url = `http://127.0.0.1:${port}`;
  const options = [
    "--no-browser",
    "--allow-root",
    "--ip=127.0.0.1",
    `--port=${port}`,
    `--IdentityProvider.token=${TOKEN}`,
  ];
  server = spawn(
    join(PROGRAMS, "jupyter-notebook"),
    [...options, `--ServerApp.root_dir=${folder}`, "--JupyterNotebookApp.expose_app_in_browser=True"],
    {
      cwd: folder,
      stdio: "ignore",
      env: { ...process.env, JUPYTER_DATA_DIR: data, JUPYTER_CONFIG_DIR: data, JUPYTER_RUNTIME_DIR: data },
    },
  );
  const answers = () =>
    fetch(`${url}/api/status?token=${TOKEN}`).then(
      ({ ok }) => ok,
      () => false,
    );
  await until(answers, "Notebook did not start");
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  if (server && server.exitCode === null) {
    server.kill();
    await once(server, "exit");
  }
  if (PROGRAMS) await limpid("uninstall", "--sys-prefix");
});

const view = () => page.locator(".limpid-heatmap");
const stored = () => page.locator(".limpid-stored-picture img");
/** What the file has of each output, by type. */
const kept = async (): Promise<Record<string, string>[]> => {
  const saved = JSON.parse(await readFile(join(folder, "cup.ipynb"), "utf8")) as {
    cells: { outputs: { data: Record<string, string> }[] }[];
  };
  return saved.cells[0]!.outputs.map(({ data }) => data);
};
const kernelspecs = async () => {
  const answer = await fetch(`${url}/api/kernelspecs?token=${TOKEN}`);
  return Object.keys(((await answer.json()) as { kernelspecs: object }).kernelspecs);
};

test("limpid install --sys-prefix: kernel and widgets are there", async () => {
  assert.ok(!(await kernelspecs()).includes("limpid"));
  assert.equal(await limpid("install", "--sys-prefix"), 0);
  assert.ok((await kernelspecs()).includes("limpid"));
});

test("a cell is run, and its widget is live", async () => {
  await open();
  await kernelIdle();
  await command("notebook:run-all-cells");
  await view().waitFor();
  await page.screenshot({ path: join(SCREENSHOTS, "notebook7-live.png") });
  await page.locator(".limpid-report-button").click();
  await page.locator(".limpid-report-form").waitFor();
  await page.screenshot({ path: join(SCREENSHOTS, "notebook7-export.png") });
  await page.getByRole("button", { name: "Export", exact: true }).click();
  await page.getByText("The report is ready").waitFor();
  await page.getByRole("button", { name: "Close", exact: true }).click();
  const canvas = view().locator(".limpid-canvas");
  const before = await fingerprint(canvas);
  await view().getByRole("radio", { name: "Image" }).check({ force: true });
  await until(async () => (await fingerprint(canvas)) !== before, "the picture stays");
  await command("docmanager:save");
  const saved = JSON.parse(await readFile(join(folder, "cup.ipynb"), "utf8")) as {
    cells: { outputs: { data: Record<string, string> }[] }[];
  };
  assert.ok(
    saved.cells[0]!.outputs.some(({ data }) => "image/png" in data),
    "the file has no picture",
  );
});

test("the page reloaded, it shows the widget or its picture", async () => {
  await page.reload();
  await page.locator(".limpid-heatmap, .limpid-stored-picture img").first().waitFor();
  await page.screenshot({ path: join(SCREENSHOTS, "notebook7-reloaded.png") });
  assert.equal(await page.getByText(/model not found/i).count(), 0);
});

test("opened again without its kernel, it shows the picture", async () => {
  await page.close();
  await endSessions();
  await open();
  await stored().waitFor();
  await page.screenshot({ path: join(SCREENSHOTS, "notebook7-stored.png") });
  assert.ok((await stored().evaluate((image: HTMLImageElement) => image.naturalWidth)) > 200);
  assert.equal(await page.getByText("Run this cell to make it live").count(), 1);
});

test("limpid uninstall takes both out; the picture stays in the file", async () => {
  await page.close();
  await endSessions();
  assert.equal(await limpid("uninstall", "--sys-prefix"), 0);
  assert.ok(!(await kernelspecs()).includes("limpid"));
  await open();
  // Jupyter's own widget manager says here that it does not know the widget: it takes the output before the picture beside it.
  await page.locator(".jp-OutputArea-output").first().waitFor();
  await page.screenshot({ path: join(SCREENSHOTS, "notebook7-uninstalled.png") });
  assert.equal(await page.locator("[class*='limpid-']").count(), 0);
  assert.ok((await kept()).some((data) => "image/png" in data));
});
