import { stat } from "node:fs/promises";
import type { Command } from "commander";
import { type Evaluation, EvaluationAbortedError, evaluate } from "../explainers/index.js";
import { checkEvaluationFile, loadEvaluation, saveEvaluation } from "../kernel-helpers/evaluation/files.js";
import { captionOf, failureTable, meanTable, trustTable, verdictLines } from "../kernel-helpers/evaluation/in-words.js";
import { DataFileError } from "../kernel-helpers/formats/errors.js";
import { loadModel } from "../kernel-helpers/models/index.js";
import type { Action } from "./action.js";
import { readData } from "./evaluate/data.js";
import { measuresIn, methodsIn } from "./evaluate/wishes.js";
import { count, numeric, whole } from "./numbers.js";
import { followed } from "./progress.js";
import { table, wrapped } from "./table.js";

interface Options {
  model: string;
  data: string[];
  methods: string[];
  measures: string[];
  target?: string;
  masks?: string;
  samples?: number;
  batch?: number;
  seed: number;
  level: number;
  trust: number;
  resume?: string;
  out?: string[];
  json?: boolean;
}

/** Where a stopped evaluation goes unless told. */
const PART = "limpid-evaluation.json";

const HELP = `
--data is mnist (built in), a folder of pictures, pictures, or a file of rows: .npy, .csv, .json, or
.npz with x, classes y and masks. Methods and measures may have parameters behind colons:
  --methods lrp lrp:composite=epsilon-plus integrated-gradients:steps=64 random
random stands for random attributions, which a method should beat; all for all that need no data.
--out takes .json (all of it), .csv, .parquet, .arrow (the table), .svg, .png (a figure).
Ctrl-C leaves what was done in the file that --resume names (${PART} unless told),
and the same command with --resume FILE goes on from there: its result is the same as without a stop.

Examples:
  limpid evaluate --model mnist-cnn --data mnist --methods lrp sensitivity random \\
    --measures pixel-flipping sparseness --out scores.parquet figure.svg
  limpid evaluate --data photos/ --methods all --measures all --resume night.json`;

/** `limpid evaluate`: methods × measures × samples, with intervals, comparisons and a verdict. */
export function registerEvaluate(program: Command, run: (action: Action) => void): void {
  program
    .command("evaluate")
    .description("measure which explanation is better: methods × measures × samples, with intervals")
    .option("--model <model>", "name, path or URL of a model", "mnist-cnn")
    .option("--data <data...>", "what is explained", ["mnist"])
    .option("--methods <methods...>", "which methods", ["lrp,gradient-times-input,sensitivity,random"])
    .option("--measures <measures...>", "by which measures", ["pixel-flipping,sparseness"])
    .option(
      "--target <class>",
      "what to explain: an index, a class name, or top1; by default the data's classes, else top1",
    )
    .option("--masks <file.npy>", "where things are, for measures of localization")
    .option("--samples <count>", "so many of the data; of mnist 32 unless told", count)
    .option("--batch <count>", "how many samples are explained together", count)
    .option("--seed <number>", "of all that is random", whole, 0)
    .option("--level <share>", "how often intervals hold the true value", numeric, 0.95)
    .option(
      "--trust <trials>",
      "how many trials say how far to trust the measures; each takes twice the grid",
      whole,
      0,
    )
    .option("--resume <file.json>", "go on from this file, and keep what is done in it")
    .option("--out <files...>", "write the result, as the names end")
    .option("--json", "print one JSON object")
    .addHelpText("after", HELP)
    .action((options: Options) => run(() => evaluateCommand(options)));
}

async function evaluateCommand(options: Options): Promise<number> {
  const { seed, level, trust, batch, samples, masks, target } = options;
  for (const file of options.out ?? []) checkEvaluationFile(file);
  if (options.resume !== undefined && checkEvaluationFile(options.resume) !== ".json") {
    throw new DataFileError(options.resume, "is no .json file, which --resume takes");
  }
  const model = await loadModel(options.model);
  const { data, kind } = await readData(options.data, model, { samples, masks });
  const methods = methodsIn(options.methods, kind);
  const measures = measuresIn(options.measures, kind, { masks: data.masks !== undefined });
  const isThere = options.resume !== undefined && (await stat(options.resume).catch(() => undefined)) !== undefined;
  const resume = isThere ? await loadEvaluation(options.resume!) : undefined;
  const part = options.resume ?? PART;
  const keeper = new Keeper(part);
  const asked = { seed, level, trust, ...(batch !== undefined && { batch }), ...(resume && { resume }) };
  try {
    const evaluation = await followed("evaluate", (run) =>
      evaluate(model, { ...data, ...(target !== undefined && { target }) }, methods, measures, {
        ...asked,
        ...run,
        ...(options.resume !== undefined && { onPart: keeper.take }),
      }),
    );
    await keeper.end();
    if (options.resume !== undefined) await saveEvaluation(options.resume, evaluation);
    for (const file of options.out ?? []) await saveEvaluation(file, evaluation);
    if (options.json) console.log(JSON.stringify(evaluation));
    else console.log(inWords(evaluation, options.out ?? []));
    return 0;
  } catch (error) {
    await keeper.end();
    if (error instanceof EvaluationAbortedError) {
      await saveEvaluation(part, error.partial);
      const { rows } = error.partial;
      const said = `stopped; ${rows.length} cells are in ${part}: the same command with --resume ${part} goes on`;
      process.stderr.write(`limpid: ${said}\n`);
      return 130;
    }
    throw error;
  }
}

/** Between two writes of what is done so far, in milliseconds: a machine that fails loses no more. */
const INTERVAL = 5000;

/** Keeps what is done in a file, now and then. */
class Keeper {
  #written = performance.now();
  #writing: Promise<unknown> = Promise.resolve();
  #busy = false;

  constructor(readonly file: string) {}

  readonly take = (evaluation: () => Evaluation): void => {
    if (this.#busy || performance.now() - this.#written < INTERVAL) return;
    this.#busy = true;
    this.#writing = saveEvaluation(this.file, evaluation())
      // The last write says what is wrong.
      .catch(() => undefined)
      .finally(() => {
        this.#busy = false;
        this.#written = performance.now();
      });
  };

  end(): Promise<unknown> {
    return this.#writing;
  }
}

function inWords(evaluation: Evaluation, files: readonly string[]): string {
  const trust = trustTable(evaluation);
  const failures = failureTable(evaluation);
  const parts = [
    table(meanTable(evaluation)),
    ...(trust ? ["", ...wrapped("How far to trust each measure (MetaQuantus), from 0 to 1:"), table(trust)] : []),
    ...(failures ? ["", table(failures)] : []),
    "",
    ...verdictLines(evaluation).flatMap((line) => wrapped(line)),
    ...wrapped(`${captionOf(evaluation)}.`),
    ...(files.length > 0 ? wrapped(`written to ${files.join(", ")}`) : []),
  ];
  return parts.join("\n");
}
