// npm run test:papermill: the translator of docs/reports.md, run by papermill in an environment of its own, on Limpid's kernel.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { compileChanges } from "./setup/compile.mjs";
import { CACHE, ROOT } from "./setup/paths.mjs";
import { fingerprint, hasStamp, runProgram, SetupError, writeStamp } from "./setup/process.mjs";
import { findPython } from "./setup/python.mjs";
import { setUp, steps } from "./setup/steps.mjs";

const PACKAGES = ["papermill>=2.6,<3"];
const venv = join(CACHE, "papermill-venv");
const python = join(venv, process.platform === "win32" ? "Scripts" : "bin", "python");

/** Makes the environment, where it is not there. */
async function environment() {
  const stamp = join(venv, ".limpid-papermill");
  const wanted = fingerprint([venv, ...PACKAGES], []);
  if (hasStamp(stamp, wanted)) return;
  const found = findPython();
  if (!found) throw new SetupError("No Python 3.10 or newer was found.", "Install one, or name it: LIMPID_PYTHON=…");
  console.log(`papermill into ${venv}`);
  await runProgram(found.command, ["-m", "venv", "--clear", venv]);
  await runProgram(python, ["-m", "pip", "install", "-q", ...PACKAGES]);
  writeStamp(stamp, wanted);
}

try {
  await setUp(console.log, steps);
  await compileChanges();
  await environment();
  const test = join(ROOT, "build", "test", "install", "papermill.js");
  const env = { ...process.env, LIMPID_PAPERMILL: python, JUPYTER_PATH: join(ROOT, ".venv", "share", "jupyter") };
  const [code] = await once(spawn(process.execPath, ["--test", test], { stdio: "inherit", env }), "exit");
  process.exitCode = code ?? 1;
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`\n${error.message}`);
  process.exitCode = 1;
}
