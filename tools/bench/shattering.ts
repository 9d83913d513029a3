import { Command, InvalidArgumentError } from "commander";
import { architectures, autocorrelation, randomNet, scanNet } from "../../src/explainers/index.js";
import { startBackend } from "../../src/kernel-helpers/index.js";
import { median, round } from "./peers/peer.js";

/*
 * `npm run bench -- shattering`: how long a control of the shattered-gradients widget takes to its new curves: the scan of one
 * net (function, gradient, LRP at 256 points) with its autocorrelations. One JSON object a line, medians in milliseconds;
 * `newSeedMs` includes drawing all weights.
 */

const whole = (text: string) => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("It must be a whole number from 1 on.");
  return value;
};

export async function main(argv: string[]): Promise<number> {
  const program = new Command("bench shattering")
    .option("--depth <number>", "hidden layers", whole, 24)
    .option("--width <number>", "units of a layer", whole, 200)
    .option("--runs <number>", "runs that a median is of", whole, 15)
    .parse(argv, { from: "user" });
  const { depth, width, runs } = program.opts<{ depth: number; width: number; runs: number }>();
  await startBackend();
  for (const architecture of architectures) {
    const once = (seed: number) => {
      const start = performance.now();
      const scan = scanNet(randomNet({ architecture, depth, width, seed }));
      for (const curve of [scan.output, scan.gradient, scan.relevance]) autocorrelation(curve);
      return performance.now() - start;
    };
    once(1);
    const again = Array.from({ length: runs }, () => once(1));
    const fresh = Array.from({ length: runs }, (_, run) => once(run + 2));
    const line = {
      case: architecture,
      depth,
      width,
      points: 256,
      ms: round(median(again)),
      newSeedMs: round(median(fresh)),
    };
    console.log(JSON.stringify(line));
  }
  return 0;
}
