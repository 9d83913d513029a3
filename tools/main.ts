import { runCommands } from "../src/cli/program.js";
import { registerBench } from "./bench/main.js";
import { registerPrototypes } from "./figures/prototypes.js";
import { registerShattering } from "./figures/shattering.js";
import { registerGoldens } from "./goldens/main.js";
import { registerTrain } from "./train/main.js";

/** The commands of whoever works on Limpid: goldens, bench, train and the figures. */
process.exitCode = await runCommands(
  "npm run",
  "Goldens, benchmarks, training and figures, for work on Limpid itself.",
  [registerGoldens, registerBench, registerTrain, registerPrototypes, registerShattering],
  process.argv.slice(2),
);
