import { runCommands } from "../src/cli/program.js";
import { registerBench } from "./bench/main.js";
import { registerFigures } from "./figures/main.js";
import { registerGoldens } from "./goldens/main.js";
import { registerNotebooks } from "./notebooks/main.js";
import { registerTrain } from "./train/main.js";

/**
 * The commands of whoever works on Limpid: `npm run goldens`, `bench`, `train`, `figures` and `notebooks`.
 *
 * @param argv The command and what follows it.
 * @returns The exit code.
 */
export function main(argv: string[]): Promise<number> {
  return runCommands(
    "npm run",
    "Goldens, benchmarks, training, figures and notebooks, for work on Limpid itself.",
    [registerGoldens, registerBench, registerTrain, registerFigures, registerNotebooks],
    argv,
    // npm keeps the options before "--" for itself.
    { usage: (line) => line.replace(/^(npm run \w+) /, "$1 -- ") },
  );
}
