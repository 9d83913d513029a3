import { registerExplain } from "./explain.js";
import { registerMethods } from "./methods.js";
import { registerModels } from "./models.js";
import { runCommands } from "./program.js";

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
    [registerExplain, registerMethods, registerModels],
    argv,
    { help: "\nAlso: limpid setup, limpid lab (JupyterLab on the notebooks), limpid doctor." },
  );
}
