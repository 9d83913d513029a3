import { Command, CommanderError } from "commander";
import { LimpidError } from "../explainers/errors.js";
import { AbortedError } from "../explainers/progress.js";
import type { Action } from "./action.js";
import { registerBench } from "./bench.js";
import { registerExplain } from "./explain.js";
import { registerGoldens } from "./goldens.js";
import { registerMethods } from "./methods.js";
import { registerModels } from "./models.js";
import { registerPrototypes } from "./prototypes.js";
import { registerShattering } from "./shattering.js";
import { registerTrain } from "./train.js";

/**
 * The command line behind `limpid`, but for setup, lab and doctor, which must run before anything is compiled.
 *
 * @param argv What follows `limpid`.
 * @returns The exit code. Whatever is wrong with the input is said in one line on stderr.
 */
export async function main(argv: string[]): Promise<number> {
  let action: Action | undefined;
  const run = (next: Action) => {
    action = next;
  };
  const program = new Command("limpid")
    .description("See through a neural network: explanations, benchmarks and checks without a notebook.")
    .enablePositionalOptions()
    .exitOverride()
    .addHelpText("after", "\nAlso: limpid setup, limpid lab (JupyterLab on the notebooks), limpid doctor.");
  registerExplain(program, run);
  registerMethods(program, run);
  registerModels(program, run);
  registerPrototypes(program, run);
  registerTrain(program, run);
  registerBench(program, run);
  registerGoldens(program, run);
  registerShattering(program, run);
  try {
    await program.parseAsync(argv, { from: "user" });
    return (await action?.()) ?? 0;
  } catch (error) {
    // Commander has said it already, on stderr, or printed the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof LimpidError)) throw error;
    process.stderr.write(`limpid: ${error.message}\n`);
    // As a shell says of what Ctrl-C ended.
    return error instanceof AbortedError ? 130 : 1;
  }
}
