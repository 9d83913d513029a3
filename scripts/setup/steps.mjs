import { bundle } from "./bundle.mjs";
import { compile } from "./compile.mjs";
import { extension } from "./extension.mjs";
import { kernelspec } from "./kernelspec.mjs";
import { packages } from "./packages.mjs";
import { page } from "./page.mjs";
import { HOST_PYTHON, IS_CLONE } from "./paths.mjs";
import { python } from "./python.mjs";
import { tensorflow } from "./tensorflow.mjs";

/**
 * The set-up, in order; what npm installed is compiled and carries Jupyter's files. Each step has a `name`; `missing()` says what is not as it should be (undefined when all is
 * well); `run(progress)` mends it and may return a remark.
 */
export const steps = IS_CLONE
  ? [packages, python, tensorflow, compile, bundle, page, extension, kernelspec]
  : HOST_PYTHON
    ? [tensorflow]
    : [python, tensorflow];

/** What tests of the mathematics need: neither Python nor JupyterLab. */
export const stepsOfUnits = [packages, tensorflow, compile];

/** Runs the steps that are not done, saying what each does and how long it took. */
export async function setUp(log = console.log, chosen = steps) {
  const open = chosen.filter((step) => step.missing());
  if (open.length === 0) return;
  const begin = Date.now();
  log("Setting up Limpid:");
  for (const [index, step] of chosen.entries()) {
    const label = `[${index + 1}/${chosen.length}] ${step.name}`;
    const reason = step.missing();
    if (!reason) {
      log(`${label}: as it should be`);
      continue;
    }
    log(`${label}: ${reason}`);
    const start = Date.now();
    const remark = await step.run(reporter(log, start));
    log(`      done in ${seconds(start)}${remark ? ` (${remark})` : ""}`);
  }
  log(`Set up in ${seconds(begin)}.\n`);
}

/** Shows the progress of one step: live on a terminal, else a line every few seconds. */
function reporter(log, start) {
  const live = process.stdout.isTTY;
  let last = 0;
  return (text) => {
    const now = Date.now();
    if (now - last < (live ? 100 : 3000)) return;
    last = now;
    const line = `      ${seconds(start).padStart(7)}  ${text}`.slice(0, (process.stdout.columns ?? 120) - 1);
    if (live) process.stdout.write(`\r\x1b[2K${line}\r`);
    else log(line);
  };
}

function seconds(since) {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`;
}
