import { Command, CommanderError, Help } from "commander";
import { LimpidError } from "../explainers/errors.js";
import { AbortedError } from "../explainers/progress.js";
import type { Action } from "./action.js";

/** Adds a command to a program; what it does is handed to `run`. */
export type Register = (program: Command, run: (action: Action) => void) => void;

interface ProgramOptions {
  readonly help?: string;
  readonly usage?: (line: string) => string;
  readonly version?: string;
}

/**
 * Runs one command of a program.
 *
 * @param argv What follows the program's name.
 * @param options.help What the program's own help says at its end.
 * @param options.usage Changes the line that says how a command is written.
 * @param options.version What `--version` says.
 * @returns The exit code. Whatever is wrong with the input is said in one line on stderr.
 */
export async function runCommands(
  name: string,
  description: string,
  commands: readonly Register[],
  argv: string[],
  { help = "", usage = (line) => line, version }: ProgramOptions = {},
): Promise<number> {
  let action: Action | undefined;
  const program = new Command(name)
    .description(description)
    .enablePositionalOptions()
    .exitOverride()
    .configureHelp({ commandUsage: (command) => usage(new Help().commandUsage(command)) })
    .addHelpText("after", help);
  if (version !== undefined) program.version(version);
  for (const register of commands) {
    register(program, (next) => {
      action = next;
    });
  }
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
