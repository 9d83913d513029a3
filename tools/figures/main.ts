import type { Command } from "commander";
import type { Action } from "../../src/cli/action.js";
import { registerCells } from "./cells.js";
import { registerFindings } from "./findings/command.js";
import { registerInversion } from "./inversion.js";
import { registerKeras } from "./keras.js";
import { registerMetamorphic } from "./metamorphic.js";
import { registerNets } from "./nets/command.js";
import { registerPrototypes } from "./prototypes.js";
import { registerShattering } from "./shattering.js";

/** `npm run figures -- NAME …`: the numbers behind the notebooks and the documentation. */
export function registerFigures(program: Command, run: (action: Action) => void): void {
  const figures = program
    .command("figures")
    .description("print the numbers behind the notebooks and the documentation, beside the published ones");
  for (const register of [
    registerPrototypes,
    registerInversion,
    registerShattering,
    registerMetamorphic,
    registerNets,
    registerKeras,
    registerFindings,
    registerCells,
  ])
    register(figures, run);
}
