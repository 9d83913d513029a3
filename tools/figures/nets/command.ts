import type { Command } from "commander";
import * as fc from "fast-check";
import type { Action } from "../../../src/cli/action.js";
import { tensorflow } from "../../../src/kernel-helpers/index.js";
import { registerLayers } from "../../../src/kernel-helpers/models/layers/register.js";
import { Broken, check } from "./checks.js";
import { build, type Net, nets } from "./nets.js";
import type { Tf } from "./sketch.js";

/** A net for which something does not hold, made as small as it gets. */
export interface Failure {
  readonly seed: number;
  readonly what: string;
  /** TypeScript that builds it. */
  readonly text: string;
}

interface Run {
  readonly seed?: number;
  /** What is checked, in place of all. */
  readonly holds?: (tf: Tf, net: Net) => Promise<string[]>;
  readonly onNet?: (done: number) => void;
  readonly onFailure?: (failure: Failure) => void;
}

/** How long a failing net is made smaller, in milliseconds. */
const SHRINKING = 90_000;

/** Checks `count` random nets; gives the failures, and how often what was refused. */
export async function randomNets(
  count: number,
  { seed = 0, holds = check, onNet, onFailure }: Run = {},
): Promise<{ failures: Failure[]; refused: Map<string, number> }> {
  const tf = await tensorflow();
  registerLayers();
  const failures: Failure[] = [];
  const refused = new Map<string, number>();
  for (let index = 0; index < count; index++) {
    let smallest: { net: Net; error: unknown } | undefined;
    let latest: Promise<unknown> = Promise.resolve();
    const property = fc.asyncProperty(nets, async (net) => {
      const running = holds(tf, net);
      latest = running.catch(() => {});
      try {
        for (const what of await running) refused.set(what, (refused.get(what) ?? 0) + 1);
      } catch (error) {
        smallest = { net, error };
        throw error;
      }
    });
    const own = { seed: seed + index, numRuns: 1, unbiased: true };
    const result = await fc.check(property, {
      ...own,
      interruptAfterTimeLimit: SHRINKING,
      markInterruptAsFailure: true,
    });
    // Where time is up, one is still being checked.
    await latest;
    if (result.failed && smallest !== undefined) {
      const { net, error } = smallest;
      const built = build(tf, net);
      const failure = {
        seed: seed + index,
        what:
          error instanceof Broken
            ? error.message
            : error instanceof Error
              ? (error.stack ?? error.message)
              : String(error),
        text: built.text,
      };
      built.dispose();
      failures.push(failure);
      onFailure?.(failure);
    }
    onNet?.(index + 1);
  }
  return { failures, refused };
}

/** `npm run figures -- nets`: prints every net for which something does not hold. */
export function registerNets(figures: Command, run: (action: Action) => void): void {
  figures
    .command("nets")
    .description("check explanations of random nets: outputs, gradients, conservation, completeness, batches")
    .option("--nets <count>", "how many", Number, 2000)
    .option("--seed <number>", "the first net's", Number, 0)
    .action(({ nets: count, seed }: { nets: number; seed: number }) =>
      run(async () => {
        const { failures, refused } = await randomNets(count, {
          seed,
          onNet: (done) => {
            if (done % 100 === 0) console.log(`${done} of ${count}`);
          },
          onFailure: ({ seed: own, what, text }) => console.log(`net ${own}: ${what}\n${text}\n`),
        });
        for (const [what, times] of [...refused].sort(([, a], [, b]) => b - a))
          console.log(`refused ${times} times by ${what}`);
        console.log(`${count} nets, ${failures.length} failures`);
        return failures.length === 0 ? 0 : 1;
      }),
    );
}
