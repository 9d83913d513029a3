import { existsSync } from "node:fs";
import { browserInWords } from "./browser.mjs";
import { checkInstalled, installedFolders, recordIn } from "./install.mjs";
import { findJupyters, inWords, troubles } from "./jupyter.mjs";
import { IS_CLONE, pythonProgram, ROOT, SETUP, START } from "./paths.mjs";
import { tryProgram } from "./process.mjs";
import { findPython, python as privatePython } from "./python.mjs";
import { steps } from "./steps.mjs";
import { compiler, nativeVersion } from "./tensorflow.mjs";

/**
 * Prints what is present, what is missing and the command that mends it: of Limpid's own JupyterLab, and of the Jupyters into which
 * it was put. Returns whether all of that works.
 */
export function doctor(log = console.log) {
  let healthy = true;
  const say = (good, name, detail, mend) => {
    log(`${good ? "✓" : "✗"} ${name.padEnd(28)} ${detail}${!good && mend ? `\n    mend: ${mend}` : ""}`);
  };
  const need = (good, ...rest) => {
    healthy &&= good;
    say(good, ...rest);
  };

  const [major, minor] = process.versions.node.split(".").map(Number);
  need(major > 20 || (major === 20 && minor >= 19), "Node", process.versions.node, "install Node 20.19 or newer");
  const python = findPython();
  need(Boolean(python), "Python", python?.version ?? "no 3.10 or newer", "apt-get install python3 python3-venv");
  const cxx = compiler();
  say(Boolean(cxx), "C++ compiler", cxx ?? "none: the native backend cannot be built", "apt-get install g++");
  const jupyters = findJupyters();
  const folders = installedFolders(jupyters);
  // Who has Limpid in a Jupyter of their own needs no private one.
  const needOwn = IS_CLONE || (folders.length === 0 && !jupyters.some(({ versions }) => versions.limpid)) ? need : say;
  for (const step of steps) {
    const missing = step.missing();
    (step === privatePython ? needOwn : need)(!missing, step.name, missing ?? "as it should be", SETUP);
  }
  const native = nativeVersion();
  say(Boolean(native), "TensorFlow backend", native ? `native, TensorFlow ${native}` : "WebAssembly", SETUP);
  const lab = existsSync(pythonProgram()) ? tryProgram(pythonProgram(), ["-m", "jupyterlab", "--version"]) : undefined;
  needOwn(Boolean(lab), "JupyterLab", lab ?? "not there", SETUP);
  if (IS_CLONE) {
    const browser = browserInWords();
    say(
      Boolean(browser),
      "browser (tests only)",
      browser ?? "not there",
      "apt-get install chromium, or set LIMPID_CHROMIUM",
    );
  }
  for (const folder of folders) {
    const faults = checkInstalled(folder);
    need(faults.length === 0, "Limpid in Jupyter", `${recordIn(folder).version} in ${folder}`);
    for (const [fault, mend] of faults) log(`    ${fault}\n    mend: ${mend}`);
  }
  for (const jupyter of jupyters) {
    const { path, versions } = jupyter;
    const has = versions.limpid ? `Limpid ${versions.limpid} by pip` : path.some(recordIn) ? "Limpid" : undefined;
    // Of a Jupyter that was not chosen nothing is demanded.
    const faults = has ? troubles(jupyter) : [];
    need(
      faults.length === 0,
      "Jupyter",
      `${inWords(jupyter)}: ${has ? `has ${has}` : "without Limpid (limpid install)"}`,
    );
    for (const [fault, mend] of faults) log(`    ${fault}\n    mend: ${mend}`);
  }
  log(`\n${healthy ? `All is well. Open the notebooks: ${START}` : "Something is missing."} Limpid is in ${ROOT}`);
  return healthy;
}
