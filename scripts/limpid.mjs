#!/usr/bin/env node
// The one door: sets up what is missing with nothing but Node, then does what was asked.
import { existsSync } from "node:fs";
import module from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "./setup/paths.mjs";
import { SetupError } from "./setup/process.mjs";

const [command = "help", ...rest] = process.argv.slice(2);

const commands = {
  async setup() {
    const { setUp, steps } = await import("./setup/steps.mjs");
    const done = steps.every((step) => !step.missing());
    await setUp();
    if (done) console.log("Everything is set up. Open the notebooks: npm start");
    return 0;
  },
  async lab() {
    const { LAB_HELP, labOptions, openLab } = await import("./setup/lab.mjs");
    const options = labOptions(rest);
    if (options.help) {
      console.log(LAB_HELP);
      return 0;
    }
    const { setUp } = await import("./setup/steps.mjs");
    await setUp();
    return openLab(options);
  },
  async doctor() {
    const { doctor } = await import("./setup/doctor.mjs");
    return doctor() ? 0 : 1;
  },
};

/** Every other command is compiled TypeScript. */
async function compiled() {
  const main = join(ROOT, "build", "src", "cli", "main.js");
  if (!existsSync(main)) throw new SetupError("Limpid is not set up yet.", "Run: npm run setup");
  // Compiled code is kept between two starts; Node 20 cannot.
  module.enableCompileCache?.();
  const cli = await import(pathToFileURL(main).href);
  return cli.main(process.argv.slice(2));
}

try {
  process.exitCode = await (Object.hasOwn(commands, command) ? commands[command]() : compiled());
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`\n${error.message}`);
  process.exitCode = 1;
}
