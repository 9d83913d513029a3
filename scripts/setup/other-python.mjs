// Tests in an environment of Python of their own, with packages that Limpid itself does not need.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { compileChanges } from "./compile.mjs";
import { CACHE, ROOT } from "./paths.mjs";
import { fingerprint, hasStamp, runProgram, SetupError, writeStamp } from "./process.mjs";
import { findPython } from "./python.mjs";
import { setUp } from "./steps.mjs";

/** The interpreter of the environment `name`, which is made where it is not there. */
async function pythonWith(name, packages) {
  const venv = join(CACHE, `${name}-venv`);
  const python = join(venv, process.platform === "win32" ? "Scripts" : "bin", "python");
  const stamp = join(venv, `.limpid-${name}`);
  const wanted = fingerprint([venv, ...packages], []);
  if (hasStamp(stamp, wanted)) return python;
  const found = findPython();
  if (!found) throw new SetupError("No Python 3.10 or newer was found.", "Install one, or name it: LIMPID_PYTHON=…");
  console.log(`${packages.join(", ")} into ${venv}`);
  await runProgram(found.command, ["-m", "venv", "--clear", venv]);
  await runProgram(python, ["-m", "pip", "install", "-q", ...packages]);
  writeStamp(stamp, wanted);
  return python;
}

/** Runs test/install/NAME.ts after these steps; its environment's variable LIMPID_NAME says where the interpreter is. */
export async function testWithPython(name, packages, steps, env = {}) {
  try {
    await setUp(console.log, steps);
    await compileChanges();
    const given = { ...process.env, ...env, [`LIMPID_${name.toUpperCase()}`]: await pythonWith(name, packages) };
    const test = join(ROOT, "build", "test", "install", `${name}.js`);
    const [code] = await once(spawn(process.execPath, ["--test", test], { stdio: "inherit", env: given }), "exit");
    process.exitCode = code ?? 1;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`\n${error.message}`);
    process.exitCode = 1;
  }
}
