import { registerCells } from "./concepts/cells.js";
import { registerDissect } from "./concepts/dissect.js";
import { registerSpray } from "./concepts/spray.js";
import { registerTcav } from "./concepts/tcav.js";
import type { Register } from "./program.js";

const commands: readonly Register[] = [registerTcav, registerDissect, registerSpray, registerCells];

const HELP = `
limpid concepts COMMAND --help says what each takes. All of them take --json (print one JSON object) and
say on stderr how far they are; Ctrl-C stops them.`;

/** `limpid concepts …`: what a network looks for, one command a question. */
export const registerConcepts: Register = (program, run) => {
  const concepts = program
    .command("concepts")
    .description(
      "what a network looks for: concepts that move a class, units that detect something, strategies, cells that keep track",
    )
    .addHelpText("after", HELP);
  for (const register of commands) register(concepts, run);
};
