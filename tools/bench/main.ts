import { readdir } from "node:fs/promises";
import type { Command } from "commander";
import type { Action } from "../../src/cli/action.js";
import { LimpidError } from "../../src/explainers/errors.js";

/** Where the compiled benchmarks are: one file each, which exports `main(argv)`. */
const folder = new URL("./", import.meta.url);

/** `npm run bench -- NAME …`: runs build/tools/bench/NAME.js with what follows. */
export function registerBench(program: Command, run: (action: Action) => void): void {
  program
    .command("bench")
    .description("time the explainers, beside their Python peers where those are installed")
    .argument("<name>", "which benchmark")
    .argument("[options...]", "what it takes")
    .passThroughOptions()
    .allowUnknownOption()
    .action((name: string, options: string[]) => {
      run(async () => {
        const files = await readdir(folder).catch(() => []);
        const known = files
          .filter((file) => file.endsWith(".js") && file !== "main.js")
          .map((file) => file.slice(0, -3));
        if (!known.includes(name)) {
          throw new LimpidError(`There is no benchmark "${name}"; there are ${known.join(", ") || "none"}`);
        }
        const bench = (await import(new URL(`${name}.js`, folder).href)) as { main(argv: string[]): Promise<number> };
        return bench.main(options);
      });
    });
}
