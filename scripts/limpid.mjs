#!/usr/bin/env node
// The one door: sets up what is missing with nothing but Node, then does what was asked.
import { existsSync } from "node:fs";
import module from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { commandLine, staleCommandLine } from "./setup/bundle.mjs";
import { IS_CLONE, ROOT, SETUP, START } from "./setup/paths.mjs";
import { SetupError } from "./setup/process.mjs";

const [command = "help", ...rest] = process.argv.slice(2);

const commands = {
  async setup() {
    const { setUp, steps } = await import("./setup/steps.mjs");
    const done = steps.every((step) => !step.missing());
    await setUp();
    if (done) console.log(`Everything is set up. Open the notebooks: ${START}`);
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
  async install() {
    const { INSTALL_HELP, install, installOptions } = await import("./setup/install.mjs");
    const options = installOptions(rest);
    if (options.help) console.log(INSTALL_HELP);
    else {
      if (IS_CLONE && options.where) await (await import("./setup/steps.mjs")).setUp();
      install(options);
    }
    return 0;
  },
  async uninstall() {
    const { INSTALL_HELP, installOptions, uninstall } = await import("./setup/install.mjs");
    const options = installOptions(rest);
    if (!options.help) return uninstall(options) ? 0 : 1;
    console.log(INSTALL_HELP);
    return 0;
  },
  async doctor() {
    const { doctor } = await import("./setup/doctor.mjs");
    return doctor() ? 0 : 1;
  },
};

/** Every other command is compiled TypeScript. */
async function compiled() {
  const main = staleCommandLine() ? join(ROOT, "build", "src", "cli", "main.js") : commandLine;
  if (!existsSync(main)) throw new SetupError("Limpid is not set up yet.", `Run: ${SETUP}`);
  if (command === "explain") await sayHowToBeFaster();
  // A report carries these scripts; who works on Limpid has changed them.
  if (command === "report" && IS_CLONE) await (await import("./setup/page.mjs")).freshPage();
  // Compiled code is kept between two starts; Node 20 cannot.
  module.enableCompileCache?.();
  const cli = await import(pathToFileURL(main).href);
  return cli.main(process.argv.slice(2));
}

/** What npm installed computes without a set-up, but several times slower. */
async function sayHowToBeFaster() {
  if (IS_CLONE || process.env.LIMPID_BACKEND) return;
  const { addon, wasTried } = await import("./setup/addon.mjs");
  if (existsSync(addon) || wasTried()) return;
  console.error(`limpid: WebAssembly computes; TensorFlow's library is several times faster: ${SETUP}`);
}

try {
  process.exitCode = await (Object.hasOwn(commands, command) ? commands[command]() : compiled());
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`\n${error.message}`);
  process.exitCode = 1;
}
