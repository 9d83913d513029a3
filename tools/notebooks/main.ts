import { readdirSync } from "node:fs";
import { basename } from "node:path";
import type { Command } from "commander";
import type { Action } from "../../src/cli/action.js";
import { positive } from "../../src/cli/numbers.js";
import { LimpidError } from "../../src/explainers/errors.js";
import { packageFile } from "../../src/kernel-helpers/platform/files.js";
import { checkedRun } from "./checked-run.js";

/** Seconds that all notebooks may take one after another, on two cores. */
const ALL = 20 * 60;
/** Cells that take less are not worth a line. */
const WORTH = 1;

/** `npm run notebooks [-- NAME…]`: every notebook of the package, or those whose name contains a NAME, run from clean and checked. */
export function registerNotebooks(program: Command, run: (action: Action) => void): void {
  program
    .command("notebooks")
    .description("run the notebooks from clean, time their cells, and say what is wrong with them")
    .argument("[name...]", "those whose file name contains one of these; by default all")
    .option("--patience <factor>", "by how much times may be longer, on a busy machine", positive, 1)
    .action((names: string[], { patience }: { patience: number }) => run(() => runNotebooks(names, patience)));
}

async function runNotebooks(names: readonly string[], patience: number): Promise<number> {
  const all = readdirSync(packageFile("notebooks")).filter((name) => name.endsWith(".ipynb"));
  const chosen = names.length === 0 ? all : all.filter((file) => names.some((name) => file.includes(name)));
  if (chosen.length === 0)
    throw new LimpidError(`No notebook's name contains ${names.join(" or ")}; there are ${all.join(", ")}`);
  let faulty = 0;
  let whole = 0;
  for (const name of chosen.sort()) {
    console.log(basename(name, ".ipynb"));
    const { seconds, faults } = await checkedRun(packageFile("notebooks", name), {
      patience,
      onCell(cell, time, tags) {
        if (time < WORTH) return;
        console.log(`${time.toFixed(1).padStart(8)} s  ${[cell, ...tags].join("  ")}`);
      },
    });
    for (const fault of faults) console.log(`  ✗ ${fault.replaceAll("\n", "\n    ")}`);
    console.log(`${seconds.toFixed(1).padStart(8)} s  ${faults.length === 0 ? "✓" : `${faults.length} wrong`}`);
    if (faults.length > 0) faulty++;
    whole += seconds;
  }
  const isLate = whole > ALL * patience;
  if (isLate) console.log(`✗ all take ${whole.toFixed(0)} s, and may take ${ALL * patience}`);
  console.log(`${chosen.length - faulty} passed, ${faulty} failed in ${whole.toFixed(1)} s`);
  return faulty === 0 && !isLate ? 0 : 1;
}
