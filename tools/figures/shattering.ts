import { type Command, InvalidArgumentError } from "commander";
import type { Action } from "../../src/cli/action.js";
import { table } from "../../src/cli/table.js";
import { shatteringTable } from "../../src/explainers/shattering/index.js";
import { startBackend } from "../../src/kernel-helpers/index.js";

interface Options {
  runs: number;
  width: number;
  points: number;
  seed: number;
  gamma: number;
  json?: boolean;
}

/** How far a mean of autocorrelations may lie from the published one. */
const TOLERANCE = 0.1;

/** `npm run figures -- shattering`: how gradients lose their autocorrelation with depth, beside the published values; 1 if they differ. */
export function registerShattering(program: Command, run: (action: Action) => void): void {
  program
    .command("shattering")
    .description("autocorrelation of gradients and of LRP along a line through random nets, beside Balduzzi 2017")
    .option("--runs <number>", "nets that a row is the mean of", whole, 20)
    .option("--width <number>", "units of a layer", whole, 200)
    .option("--points <number>", "points of [-2, 2]", whole, 256)
    .option("--seed <number>", "seed of the first run", whole, 1)
    .option("--gamma <number>", "γ of LRP-γ", Number, 0.25)
    .option("--json", "print one JSON object a line")
    .action((options: Options) => run(() => printTable(options)));
}

async function printTable({ json, ...options }: Options): Promise<number> {
  await startBackend();
  let differing = 0;
  const rows = [["lag 1 / lag 4", "published", "gradient", "function", `LRP, γ ${options.gamma}`, ""]];
  for (const row of shatteringTable(options)) {
    const agrees = row.gradient.every((value, i) => Math.abs(value - row.published[i]!) <= TOLERANCE);
    if (!agrees) differing++;
    if (json) console.log(JSON.stringify({ ...row, agrees }));
    const cells = [row.published, row.gradient, row.output, row.relevance].map(pair);
    rows.push([row.name, ...cells, agrees ? "" : `differs by more than ${TOLERANCE}`]);
  }
  if (!json) {
    console.log(table(rows));
    const count = `${rows.length - 1 - differing} of ${rows.length - 1}`;
    const setUp = `means over ${options.runs} runs, ${options.points} points of [-2, 2], width ${options.width}`;
    console.log(`\n${setUp}: ${count} gradients within ${TOLERANCE} of Balduzzi et al. 2017.`);
    console.log(
      "LRP-γ follows the function that it distributes; where that is noise itself, no explanation is smooth.",
    );
  }
  return differing === 0 ? 0 : 1;
}

function pair(lags: readonly number[] | null): string {
  return lags === null ? "" : lags.map(twoDigits).join(" / ");
}

/** A true minus sign, and none before zero. */
function twoDigits(value: number): string {
  return (Math.round(value * 100) / 100 + 0).toFixed(2).replace("-", "−");
}

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value)) throw new InvalidArgumentError("It must be a whole number.");
  return value;
}
