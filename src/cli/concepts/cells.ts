import { readFile } from "node:fs/promises";
import { formatFixed } from "../../comms/format.js";
import { LimpidError } from "../../explainers/errors.js";
import {
  type CellRanking,
  type CellStates,
  cellStates,
  type GateSaturation,
  gateSaturation,
  phraseRule,
  rankCells,
  type TextRuleId,
  textRule,
  textRules,
} from "../../explainers/index.js";
import { mean } from "../../explainers/numerics/summary.js";
import { sampleText } from "../../kernel-helpers/data/sample-text.js";
import { characterIds } from "../../kernel-helpers/models/character-ids.js";
import { loadModel } from "../../kernel-helpers/models/index.js";
import { checkFigure, saveFigure } from "../../kernel-helpers/pictures/figure-file.js";
import { CellText } from "../../kernel-helpers/widgets/cell-text/cell-text.js";
import { count, whole } from "../numbers.js";
import type { Register } from "../program.js";
import { followed } from "../progress.js";
import { table, wrapped } from "../table.js";

interface Options {
  model: string;
  text?: string;
  rules?: string[];
  phrase?: string;
  characters?: number;
  best: number;
  shifts: number;
  seed: number;
  out?: string;
  json?: boolean;
}

const HELP = `
Rules: ${Object.keys(textRules).join(", ")};
without --rules all that change in the text. --phrase searches for the cells of a phrase, wherever it stands.
The model takes indices of characters among its class names, as char-lstm and char-gru do. The figure shows
the text colored by the cell that follows the first rule best.

Examples:
  limpid concepts cells --model char-lstm --rules comments quotes
  limpid concepts cells --model char-gru --text notes.ts --phrase readonly -o cell.svg`;

/** `limpid concepts cells`: which cells of a recurrent network follow a rule. */
export const registerCells: Register = (program, run) => {
  program
    .command("cells")
    .description("which cells of a recurrent network keep track of quotes, comments, brackets, positions or a phrase")
    .option("--model <model>", "name, path or URL of a character model", "char-lstm")
    .option("--text <file>", "what it reads; without it a piece of code that is part of Limpid")
    .option("--rules <rules...>", "which rules")
    .option("--phrase <words>", "also a phrase of the text")
    .option("--characters <count>", "so many characters at most, from the beginning", count)
    .option("--best <count>", "so many cells a rule", count, 3)
    .option("--shifts <count>", "how often a rule is shifted to see what chance does", count, 99)
    .option("--seed <number>", "of the shifts", whole, 0)
    .option("-o, --out <file>", "write a figure, .svg or .png")
    .option("--json", "print one JSON object")
    .addHelpText("after", HELP)
    .action((options: Options) => run(() => cellsCommand(options)));
};

async function cellsCommand({ best, shifts, seed, out, json = false, ...options }: Options): Promise<number> {
  if (out !== undefined) await checkFigure(out);
  const characters = [...(await textOf(options.text))].slice(0, options.characters);
  const asked = options.rules?.flatMap((part) => part.split(",")) as TextRuleId[] | undefined;
  const rules = (asked ?? (Object.keys(textRules) as TextRuleId[]))
    .map((id) => ({ id: id as string, ...textRule(id, characters) }))
    // Asked for by name, a rule that never changes is an error of its own.
    .filter(({ values }) => asked !== undefined || values.some((value) => value !== values[0]));
  if (options.phrase !== undefined) rules.unshift({ id: "phrase", ...phraseRule(options.phrase, characters) });
  if (rules.length === 0) throw new LimpidError("No rule changes in this text: give a longer one.");
  const model = await loadModel(options.model);
  const x = characterIds(model, characters);
  const states = await followed("cells", (run) => cellStates(model)(x, run));
  const rankings: CellRanking[] = [];
  for (const rule of rules) {
    rankings.push(await followed(rule.name, (run) => rankCells(states.layers, rule, { shifts, seed, ...run })));
  }
  if (out !== undefined) {
    const [first] = rules;
    const own = first!.id === "phrase" ? { rules: [first!], rule: first!.name } : { rule: first!.id };
    const widget = new CellText(model, characters, { ...own, shifts, seed });
    await widget.settled();
    await saveFigure(out, widget.staticPicture()!, widget.verdict);
    widget.close();
  }
  x.dispose();
  console.log(
    json ? jsonOf(states, rankings, model.name, characters.length, best) : inWords(states, rankings, best, out),
  );
  return 0;
}

async function textOf(file: string | undefined): Promise<string> {
  if (file === undefined) return sampleText();
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new LimpidError(`${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

const saturations = (states: CellStates): GateSaturation[] => gateSaturation(states.layers);

function jsonOf(
  states: CellStates,
  rankings: readonly CellRanking[],
  model: string,
  characters: number,
  best: number,
): string {
  return JSON.stringify({
    model,
    characters,
    difference: states.difference,
    layers: states.layers.map(({ layer, kind, cells, reads }) => ({ layer, kind, cells, reads })),
    rankings: rankings.map((ranking) => ({ ...ranking, ranking: ranking.ranking.slice(0, best) })),
    saturation: saturations(states).map(({ left, right, ...rest }) => ({
      ...rest,
      left: [...left],
      right: [...right],
    })),
  });
}

function inWords(states: CellStates, rankings: readonly CellRanking[], best: number, out: string | undefined): string {
  const rows = rankings.flatMap(({ rule, measure, ranking, always, chance, pValue }) =>
    ranking
      .slice(0, best)
      .map(({ layer, cell, score }, place) => [
        place === 0 ? rule : "",
        measure,
        layer,
        String(cell),
        formatFixed(score, 3),
        ...(place === 0
          ? [
              always === null ? "–" : formatFixed(always, 3),
              `${formatFixed(chance.low, 2)} to ${formatFixed(chance.high, 2)}`,
              formatFixed(pValue, 2),
            ]
          : ["", "", ""]),
      ]),
  );
  const cells = states.layers.reduce((sum, layer) => sum + layer.cells, 0);
  const gates = saturations(states).map(
    ({ layer, gate, left, right }) =>
      `${layer}, ${gate} gate: shut at ${formatFixed(100 * mean(left), 0)} % of the steps, open at ${formatFixed(100 * mean(right), 0)} %`,
  );
  const warnings = new Set(rankings.flatMap((ranking) => ranking.warnings));
  return [
    table([["rule", "measure", "layer", "cell", "score", "always", "best by chance", "p"], ...rows]),
    "",
    ...gates,
    "",
    ...wrapped(
      `score: F1 on the second half of the text at the threshold that is best on the first, or the size of the correlation. always: the F1 of saying that the rule always holds. best by chance: what the best of ${cells} cells reaches for the rule shifted against the text, the middle 95 %; p: how often it does as well as the best.`,
    ),
    ...[...warnings].flatMap((warning) => wrapped(`⚠ ${warning}`)),
    ...(out === undefined ? [] : wrapped(`written to ${out}`)),
  ].join("\n");
}
