import { existsSync } from "node:fs";
import { join } from "node:path";
import { browserInWords } from "./browser.mjs";
import { ROOT, venvProgram } from "./paths.mjs";
import { tryProgram } from "./process.mjs";
import { findPython } from "./python.mjs";
import { steps } from "./steps.mjs";
import { compiler, nativeVersion } from "./tensorflow.mjs";

/** Prints what is present, what is missing and the command that mends it. Returns whether a notebook can be opened. */
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
  for (const step of steps) {
    const missing = step.missing();
    need(!missing, step.name, missing ?? "as it should be", "npm run setup");
  }
  const native = nativeVersion();
  say(Boolean(native), "TensorFlow backend", native ? `native, TensorFlow ${native}` : "WebAssembly", "npm run setup");
  const lab = existsSync(venvProgram("jupyter-lab"))
    ? tryProgram(venvProgram("jupyter-lab"), ["--version"])
    : undefined;
  need(Boolean(lab), "JupyterLab", lab ?? "not there", "npm run setup");
  const browser = browserInWords();
  say(
    Boolean(browser),
    "browser (tests only)",
    browser ?? "not there",
    "apt-get install chromium, or set LIMPID_CHROMIUM",
  );
  log(healthy ? `\nAll is well. Open the notebooks: npm start` : `\nSomething is missing in ${join(ROOT)}.`);
  return healthy;
}
