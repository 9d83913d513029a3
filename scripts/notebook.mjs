// npm run test:notebook: Jupyter Notebook 7 in an environment of its own, Limpid installed into it, a notebook run in Chromium, and taken out again.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { testBrowser } from "./setup/browser.mjs";
import { compileChanges } from "./setup/compile.mjs";
import { CACHE, ROOT } from "./setup/paths.mjs";
import { fingerprint, hasStamp, runProgram, SetupError, writeStamp } from "./setup/process.mjs";
import { findPython } from "./setup/python.mjs";
import { setUp, steps } from "./setup/steps.mjs";

const PACKAGES = ["notebook>=7.4,<8", "jupyterlab_widgets>=3,<4"];
const venv = join(CACHE, "notebook-venv");
const programs = join(venv, process.platform === "win32" ? "Scripts" : "bin");

/** Makes the environment, where it is not there. */
async function environment() {
  const constraints = join(ROOT, "scripts", "setup", "constraints.txt");
  const stamp = join(venv, ".limpid-notebook");
  const wanted = fingerprint([venv, ...PACKAGES], [constraints]);
  if (hasStamp(stamp, wanted)) return;
  const found = findPython();
  if (!found) throw new SetupError("No Python 3.10 or newer was found.", "Install one, or name it: LIMPID_PYTHON=…");
  console.log(`Jupyter Notebook 7 into ${venv}`);
  await runProgram(found.command, ["-m", "venv", "--clear", venv]);
  await runProgram(join(programs, "python"), ["-m", "pip", "install", "-q", ...PACKAGES, "-c", constraints]);
  writeStamp(stamp, wanted);
}

try {
  await setUp(console.log, steps);
  await compileChanges();
  await environment();
  const test = join(ROOT, "build", "test", "install", "notebook7.js");
  const env = { ...process.env, LIMPID_NOTEBOOK7: programs, LIMPID_CHROMIUM: await testBrowser(console.log) };
  const [code] = await once(spawn(process.execPath, ["--test", test], { stdio: "inherit", env }), "exit");
  process.exitCode = code ?? 1;
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`\n${error.message}`);
  process.exitCode = 1;
}
