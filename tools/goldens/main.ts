import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import type { Action } from "../../src/cli/action.js";
import { startBackend } from "../../src/kernel-helpers/index.js";
import { checkGoldens } from "./run.js";

/** The project's own cases; this file is compiled to build/src/cli. */
const ownFolder = fileURLToPath(new URL("../../../test/goldens", import.meta.url));

/** `npm run goldens -- [DIR] [--peer NAME]`: our methods against other software's numbers. */
export function registerGoldens(program: Command, run: (action: Action) => void): void {
  program
    .command("goldens")
    .description("compare the explainers with the stored results of other software")
    .argument("[dir]", "a folder with an index.json", ownFolder)
    .option("--peer <name>", "only the cases of zennit, captum, quantus …")
    .action((dir: string, options: { peer?: string }) => {
      run(() => goldens(dir, options));
    });
}

/** Prints each failing case and `N passed, N failed, N skipped`; the exit code says whether any failed. */
export async function goldens(dir: string, options: { peer?: string } = {}): Promise<number> {
  await startBackend();
  const count = { passed: 0, failed: 0, skipped: 0 };
  const skipped = new Map<string, number>();
  for await (const verdict of checkGoldens(resolve(dir), options)) {
    count[verdict.outcome]++;
    if (verdict.outcome === "failed") console.log(`${verdict.golden.name}: ${verdict.reason}`);
    if (verdict.outcome === "skipped") {
      const reason = verdict.reason.startsWith("unusable") ? "unusable" : verdict.reason;
      skipped.set(reason, (skipped.get(reason) ?? 0) + 1);
    }
  }
  for (const [reason, cases] of skipped) console.log(`skipped ${cases}: ${reason}`);
  console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
  return count.failed === 0 ? 0 : 1;
}
