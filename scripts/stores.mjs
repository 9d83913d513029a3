// npm run test:stores: a store of explanations in the hands of xarray, zarr-python and ViRelAy, in an environment of its own, by the lines of docs/batch.md.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { compileChanges } from "./setup/compile.mjs";
import { CACHE, ROOT } from "./setup/paths.mjs";
import { fingerprint, hasStamp, runProgram, SetupError, writeStamp } from "./setup/process.mjs";
import { findPython } from "./setup/python.mjs";
import { setUp, stepsOfUnits } from "./setup/steps.mjs";

const PACKAGES = ["xarray>=2025.1", "zarr>=3.0.8,<4", "virelay>=0.6,<1"];
const venv = join(CACHE, "stores-venv");
const python = join(venv, process.platform === "win32" ? "Scripts" : "bin", "python");

/** Makes the environment, where it is not there. */
async function environment() {
  const stamp = join(venv, ".limpid-stores");
  const wanted = fingerprint([venv, ...PACKAGES], []);
  if (hasStamp(stamp, wanted)) return;
  const found = findPython();
  if (!found) throw new SetupError("No Python 3.10 or newer was found.", "Install one, or name it: LIMPID_PYTHON=…");
  console.log(`xarray, zarr and ViRelAy into ${venv}`);
  await runProgram(found.command, ["-m", "venv", "--clear", venv]);
  await runProgram(python, ["-m", "pip", "install", "-q", ...PACKAGES]);
  writeStamp(stamp, wanted);
}

try {
  await setUp(console.log, stepsOfUnits);
  await compileChanges();
  await environment();
  const test = join(ROOT, "build", "test", "install", "stores.js");
  const env = { ...process.env, LIMPID_STORES: python };
  const [code] = await once(spawn(process.execPath, ["--test", test], { stdio: "inherit", env }), "exit");
  process.exitCode = code ?? 1;
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`\n${error.message}`);
  process.exitCode = 1;
}
