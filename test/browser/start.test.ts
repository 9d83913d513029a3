import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { freePorts } from "../helpers/ports.js";
import { scratchFolder } from "../helpers/scratch.js";
import { ROOT, SCREENSHOTS, startBrowser, WAIT } from "./lab.js";

/** What git says was changed in the repository's own notebooks; empty where this is no clone of git. */
const changed = () =>
  existsSync(join(ROOT, ".git"))
    ? execFileSync("git", ["status", "--porcelain", "notebooks"], { cwd: ROOT, encoding: "utf8" })
    : "";

/** `npm start` for a reader without any settings of Jupyter's, whose copies of the notebooks lie in `folder`. */
async function start(folder: string) {
  const home = scratchFolder("home");
  const places = ["CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR"].map((name) => [`JUPYTER_${name}`, join(home, name)]);
  const [port] = await freePorts(1);
  const server = spawn(
    process.execPath,
    [join(ROOT, "scripts", "limpid.mjs"), "lab", "--no-browser", "--port", `${port}`],
    {
      env: { ...process.env, ...Object.fromEntries(places), HOME: home, LIMPID_NOTEBOOKS: folder },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let log = "";
  let client: Socket | undefined;
  const address = new Promise<string>((resolve, reject) => {
    const read = (text: Buffer) => {
      log += text;
      const found = /(http:\/\/127\.0\.0\.1:\d+\/\S*\?token=\w+)\s/.exec(log);
      if (found) resolve(found[1]!);
      if (client !== undefined || !log.includes(`http://127.0.0.1:${port}/`)) return;
      // Who clicks at once on the first address that is printed is not turned away.
      client = connect(port!, "127.0.0.1", () => client?.destroy());
      client.on("error", ({ message }) =>
        reject(new Error(`limpid lab names an address before it listens: ${message}`)),
      );
    };
    server.stdout.on("data", read);
    server.stderr.on("data", read);
    server.on("exit", (code) => reject(new Error(`limpid lab ended with ${code}:\n${log}`)));
  });
  const stop = async () => {
    if (server.exitCode !== null) return;
    const ended = once(server, "exit");
    server.kill("SIGTERM");
    await ended;
  };
  return { address, stop };
}

test("npm start opens the index of the notebooks in a copy, asks nothing, and leaves the repository's own as they were", async () => {
  const folder = scratchFolder("copies");
  const before = changed();
  const mine = '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}';
  await writeFile(join(folder, "01b-draw-a-digit.ipynb"), mine);
  const lab = await start(folder);
  const browser = await startBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(WAIT);
    await page.goto(await lab.address);
    const notebook = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)");
    await notebook.waitFor();
    assert.equal(await page.locator(".lm-DockPanel .lm-TabBar-tab.lm-mod-current").innerText(), "README.ipynb");
    await notebook.getByText("Limpid (TypeScript)").waitFor();
    await page.locator(".jp-NotebookPanel-toolbar").getByText("Limpid (TypeScript)").waitFor();

    // Keys that come before the kernel are lost.
    await page.getByText("Limpid (TypeScript) | Idle").waitFor();
    await notebook.locator(".jp-CodeCell").first().click();
    await page.keyboard.press("Shift+Enter");
    const prompt = notebook.locator(".jp-CodeCell .jp-InputArea-prompt").first();
    await prompt.getByText("[1]:").waitFor();
    await page.keyboard.press("Control+s");
    const copy = async () => readFile(join(folder, "README.ipynb"), "utf8");
    for (let turn = 0; !/"execution_count": 1\b/.test(await copy()); turn++) {
      assert.ok(turn < 100, "the copy was not saved");
      await page.waitForTimeout(200);
    }
    // News come some seconds after the start, as notifications or as a question.
    await page.waitForTimeout(5000);
    await page.screenshot({ path: join(SCREENSHOTS, "start.png") });
    assert.equal(await page.locator(".jp-Dialog, .Toastify__toast").count(), 0);

    const own = (await readdir(join(ROOT, "notebooks"))).filter((name) => name.endsWith(".ipynb")).sort();
    assert.deepEqual((await readdir(folder)).filter((name) => name.endsWith(".ipynb")).sort(), own);
    // What was there already is the reader's.
    assert.equal(await readFile(join(folder, "01b-draw-a-digit.ipynb"), "utf8"), mine);
    assert.equal(changed(), before);
  } finally {
    await browser.close();
    await lab.stop();
  }
});
