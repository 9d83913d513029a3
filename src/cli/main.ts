import { createRequire } from "node:module";
import { registerBatch } from "./batch.js";
import { registerConcepts } from "./concepts.js";
import { registerData } from "./data.js";
import { registerEvaluate } from "./evaluate.js";
import { registerExplain } from "./explain.js";
import { registerExport } from "./export.js";
import { registerMethods } from "./methods.js";
import { registerModels } from "./models.js";
import { registerNew } from "./new.js";
import { type Register, runCommands } from "./program.js";
import { registerReport } from "./report.js";
import { registerWorker } from "./worker.js";

const { version } = createRequire(import.meta.url)("limpid/package.json") as { version: string };

/** What the launcher does itself, before anything is compiled: here it is only named, in the help and to who mistypes it. */
const registerLaunched: Register = (program) => {
  program.command("setup").description("set up what is missing");
  program.command("lab").description("open the notebooks in JupyterLab");
  program.command("install").description("put kernel and widgets into a Jupyter that is already there");
  program.command("uninstall").description("take them out again");
  program.command("doctor").description("say what is set up, and what is wrong");
};

/**
 * The command line behind `limpid`, but for setup, lab and doctor, which must run before anything is compiled.
 *
 * @param argv What follows `limpid`.
 * @returns The exit code.
 */
export function main(argv: string[]): Promise<number> {
  return runCommands(
    "limpid",
    "See through a neural network: explanations without a notebook.",
    [
      registerExplain,
      registerEvaluate,
      registerBatch,
      registerWorker,
      registerExport,
      registerConcepts,
      registerMethods,
      registerModels,
      registerData,
      registerReport,
      registerNew,
      registerLaunched,
    ],
    argv,
    { version },
  );
}
