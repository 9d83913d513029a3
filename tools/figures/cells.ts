import type { LayersModel } from "@tensorflow/tfjs-layers";
import type { Command } from "commander";
import type { Action } from "../../src/cli/action.js";
import { table } from "../../src/cli/table.js";
import { formatFixed } from "../../src/comms/format.js";
import {
  type CellLayer,
  type CellRule,
  cellStates,
  gateSaturation,
  rankCells,
  type TextRuleId,
  textRule,
  textRules,
} from "../../src/explainers/concepts/index.js";
import { mean } from "../../src/explainers/numerics/summary.js";
import { characterIds, type LoadedModel, loadModel, startBackend } from "../../src/kernel-helpers/index.js";

interface Options {
  models: string[];
  json?: boolean;
}

/** The F1 of a rule that is tracked. */
const TRACKED = 0.9;

/**
 * `npm run figures -- cells`: how well cells of the character models follow rules on text that they have not read, beside chance, and
 * whether any rule that holds or not is tracked: at F1 > 0.9, by more than saying always and by more than chance.
 */
export function registerCells(program: Command, run: (action: Action) => void): void {
  program
    .command("cells")
    .description("how well cells of the character models follow rules on text they have not read, beside chance")
    .option("--models <models...>", "which", ["char-lstm", "char-gru"])
    .option("--json", "print one JSON object a line")
    .action((options: Options) => run(() => printCells(options)));
}

async function printCells({ models, json = false }: Options): Promise<number> {
  await startBackend();
  const { charText } = await import("../train/char-text.js");
  const { bitsPerCharacter } = await import("../train/char-rnn.js");
  const text = await charText();
  const baselines = text.baselines();
  // Thresholds are chosen on pieces from all over the file, and measured on others from all over it.
  const pieces = [0, 1].flatMap((half) => text.heldOutText.filter((_, at) => at % 2 === half));
  for (const name of models) {
    const model = await loadModel(name);
    const bits = bitsPerCharacter(model.net as LayersModel, text);
    const layers = await overAll(model, pieces);
    const found = [];
    for (const id of Object.keys(textRules) as TextRuleId[]) {
      const { ranking, ...rest } = await rankCells(layers, overPieces(id, pieces));
      found.push({ id, best: ranking[0]!, ...rest });
    }
    const tracked = found.filter(
      ({ measure, best, always, pValue }) =>
        measure === "F1" && best.score > TRACKED && best.score > always! && pValue <= 0.05,
    );
    const saturation = gateSaturation(layers).map(({ gate, left, right }) => ({
      gate,
      shut: mean(left),
      open: mean(right),
    }));
    if (json) {
      console.log(JSON.stringify({ model: name, bits, baselines, rules: found, saturation }));
      continue;
    }
    const grams = Object.entries(baselines).map(([order, value]) => `${order} ${formatFixed(value, 3)}`);
    console.log(`${name}: ${formatFixed(bits, 3)} bits a character on held-out text (${grams.join(", ")})`);
    const rows = found.map(({ rule, measure, best, chance, always, pValue }) => [
      rule,
      measure,
      String(best.cell),
      formatFixed(best.score, 3),
      always === null ? "–" : formatFixed(always, 3),
      `${formatFixed(chance.low, 2)} to ${formatFixed(chance.high, 2)}`,
      formatFixed(pValue, 2),
    ]);
    console.log(table([["rule", "measure", "cell", "score", "always", "best by chance", "p"], ...rows]));
    for (const { gate, shut, open } of saturation) {
      console.log(
        `${gate} gate: shut at ${formatFixed(100 * shut, 0)} % of the steps, open at ${formatFixed(100 * open, 0)} %`,
      );
    }
    console.log(
      tracked.length > 0
        ? `Tracked by one cell, at F1 > ${TRACKED} and beyond chance: ${tracked.map(({ rule }) => rule).join(", ")}.\n`
        : `No rule that holds or not is tracked by one cell at F1 > ${TRACKED} and beyond chance.\n`,
    );
  }
  return 0;
}

/** The cells over all pieces, each from a zero state, one after the other as if they were one text. */
async function overAll(model: LoadedModel, pieces: readonly string[]): Promise<CellLayer[]> {
  const runs: (readonly CellLayer[])[] = [];
  for (const piece of pieces) {
    const x = characterIds(model, piece);
    runs.push((await cellStates(model)(x)).layers);
    x.dispose();
  }
  return runs[0]!.map((layer, at) => {
    const parts = runs.map((run) => run[at]!);
    const names = Object.keys(layer.gates) as (keyof CellLayer["gates"])[];
    return {
      ...layer,
      steps: parts.reduce((sum, { steps }) => sum + steps, 0),
      states: joined(parts.map(({ states }) => states)),
      gates: Object.fromEntries(names.map((name) => [name, joined(parts.map(({ gates }) => gates[name]!))])),
    };
  });
}

function overPieces(id: TextRuleId, pieces: readonly string[]): CellRule {
  const rules = pieces.map((piece) => textRule(id, piece));
  return { ...rules[0]!, values: joined(rules.map(({ values }) => values)) };
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
