import type { Command } from "commander";
import type { Action } from "../../src/cli/action.js";
import { LimpidError } from "../../src/explainers/errors.js";

/** A benchmark: one file, which prints one JSON object a line. */
interface Benchmark {
  /** @param argv What follows its name. @returns The exit code. */
  main(argv: string[]): Promise<number>;
}

/** What can be timed, and how each is loaded: only the one that was asked for. */
const benchmarks: Readonly<Record<string, { about: string; load: () => Promise<Benchmark> }>> = {
  aborts: { about: "how long each measure runs on once it is aborted", load: () => import("./aborts.js") },
  batch: {
    about: "runs over data sets, by workers here and on a queue, beside zennit writing HDF5",
    load: () => import("./batch.js"),
  },
  dissection: { about: "network dissection of all layers, and its memory", load: () => import("./dissection.js") },
  evaluation: { about: "measures of explanations beside Quantus", load: () => import("./evaluation.js") },
  explainers: { about: "gradients and perturbations beside captum and lime", load: () => import("./explainers.js") },
  kernel: { about: "the kernel beside ipykernel and tslab", load: () => import("./kernel.js") },
  latency: { about: "from a reader's hand to new pixels, in JupyterLab", load: () => import("./latency.js") },
  lrp: { about: "LRP beside a forward pass and zennit", load: () => import("./lrp.js") },
  page: { about: "reports in a browser without a network: sizes and times", load: () => import("./page.js") },
  prototypes: { about: "activation maximization beside PyTorch", load: () => import("./prototypes.js") },
  shattering: { about: "a control of the shattered-gradients widget", load: () => import("./shattering.js") },
  soak: { about: "minutes of updates in JupyterLab, and whether memory stays", load: () => import("./soak.js") },
  spray: { about: "groups of relevance maps, and opening a channel's samples", load: () => import("./spray.js") },
  steady: { about: "whether long work leaves tensors or memory behind", load: () => import("./steady.js") },
};

/** `npm run bench -- NAME …`. */
export function registerBench(program: Command, run: (action: Action) => void): void {
  const list = Object.entries(benchmarks).map(([name, { about }]) => `  ${name.padEnd(12)}${about}`);
  program
    .command("bench")
    .description("time the explainers, beside their Python peers where those are installed")
    .argument("<name>", Object.keys(benchmarks).join(", "))
    .argument("[options...]", "what it takes: npm run bench -- NAME --help")
    .passThroughOptions()
    .allowUnknownOption()
    .addHelpText("after", `\nBenchmarks:\n${list.join("\n")}`)
    .action((name: string, options: string[]) => {
      run(async () => {
        if (!Object.hasOwn(benchmarks, name)) {
          throw new LimpidError(`There is no benchmark "${name}"; there are ${Object.keys(benchmarks).join(", ")}`);
        }
        return (await benchmarks[name]!.load()).main(options);
      });
    });
}
