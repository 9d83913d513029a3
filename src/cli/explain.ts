import { type Command, Option } from "commander";
import { findClass, findMethod, ParameterError, record } from "../explainers/index.js";
import { loadModel } from "../kernel-helpers/models/index.js";
import type { Fit } from "../kernel-helpers/pictures/load-image.js";
import type { Action } from "./action.js";
import { balanceOf, type Explanation, parametersUsed, rankedOutputs } from "./explain/explanation.js";
import { inWords } from "./explain/in-words.js";
import { readInputs, readVocabulary } from "./explain/inputs.js";
import { checkOutput, pictureBeside, writeOutput } from "./explain/output-file.js";
import { type ParameterOptions, parametersOf } from "./explain/parameters.js";
import { collectParameter } from "./methods.js";
import { numeric } from "./numbers.js";
import { followed } from "./progress.js";

interface Options extends ParameterOptions {
  model: string;
  method: string;
  vocabulary?: string;
  target: string;
  fit: Fit;
  out?: string;
  layers?: boolean;
  json?: boolean;
}

const HELP = `
INPUT is a picture's path or URL, a bundled photo (chelsea.png), or numbers in the shape of the
model's input:
  .npy    saved by NumPy           .csv    rows × columns, or one row; a first row may name columns
  .json   nested arrays, or an array of words whose numbers --vocabulary gives
Axes of size 1 may be left out. A model of several inputs gets as many files, in its order.
The heatmap of a picture is written beside it (chelsea.lrp.png), unless --out or --json is given.
limpid methods says what each method explains, limpid methods METHOD its parameters; a tensor there
is a file.

Examples:
  limpid explain chelsea.png --target tabby --out heatmap.png
  limpid explain row.csv --model mlp/ --method lime-table --data training.csv
  limpid explain words.json --model lstm/ --vocabulary vocabulary.json --method lrp-recurrent`;

/** `limpid explain INPUT …`: what a notebook does, without a notebook. */
export function registerExplain(program: Command, run: (action: Action) => void): void {
  program
    .command("explain")
    .description("explain what a model sees in a picture, a sequence, a text or a row of a table")
    .argument("<input...>", "a picture, or a .npy, .json or .csv file")
    .option("--model <model>", "name, path or URL of a model", "efficientnet-lite0")
    .option("--method <method>", "one that fits the input (limpid methods lists them)", "lrp")
    .option("--param <name=value>", "a parameter of the method; repeatable", collectParameter)
    .option(
      "--data <file>",
      "other inputs, for methods that are fitted to some or average over them; repeatable, of a model of several inputs once for each",
      collect,
    )
    .option("--vocabulary <file.json>", "the words of a model with an embedding: an array, or each word's number")
    .option("--composite <composite>", "LRP's composite (limpid methods lrp lists them)")
    .option("--epsilon <number>", "ε of the composite", numeric)
    .option("--gamma <number>", "γ of the composite", numeric)
    .option("--bias <choice>", "what biases do with their share: absorb, ignore or distribute")
    .option("--target <class>", "what to explain: an index, a class name, or top1", "top1")
    .addOption(
      new Option("--fit <fit>", "a picture of another proportion than the model's: its middle, or all between margins")
        .choices(["crop", "letterbox"])
        .default("crop"),
    )
    .option("--out <file>", "write the heatmap (.png), or the relevance (.npy, .json, .csv)")
    .option("--layers", "print the five classes and every layer's relevance as tables")
    .option("--json", "print one JSON object")
    .addHelpText("after", HELP)
    .action((files: string[], options: Options) => run(() => explain(files, options)));
}

/** Less of a picture than this share of it, and a person would ask where the rest is. */
const NOTABLE = 0.3;

async function explain(files: string[], options: Options): Promise<number> {
  const method = findMethod(options.method);
  const model = await loadModel(options.model);
  const vocabulary = await readVocabulary(options.vocabulary);
  const inputs = await readInputs(files, model, vocabulary, options.fit);
  const [input] = inputs as [(typeof inputs)[0]];
  if (!method.inputs.includes(input.kind)) {
    const kinds = { image: "pictures", sequence: "sequences", table: "rows of a table" };
    throw new ParameterError("method", method.id, `one that explains ${kinds[input.kind]}`);
  }
  if (options.out) checkOutput(options.out, inputs, method);
  const parameters = await parametersOf(method, options, { model, inputs, vocabulary, fit: options.fit });
  const run = method(model, parameters);
  const tensors = inputs.map(({ tensor }) => tensor);
  // Methods that send something back record the pass anyway, and then the classes can be read from it.
  const isRecorded = method.family === "propagation" && model.output === "logits";
  const start = performance.now();
  const passed = isRecorded ? record(model, tensors) : tensors;
  const ranked = await rankedOutputs(model, passed);
  const target = options.target === "top1" ? ranked[0]! : findClass(options.target, model.classNames, ranked.length);
  const x = Array.isArray(passed) && passed.length === 1 ? passed[0]! : passed;
  const result = await followed(method.name, (runOptions) =>
    run(x, { target: target.target ?? target.index, ...runOptions }),
  );
  const milliseconds = performance.now() - start;

  const out = options.out ?? (options.json ? undefined : pictureBeside(inputs, method));
  if (out) await writeOutput(out, result, inputs, method);
  const explanation: Explanation = {
    model: model.name,
    input: inputs.map(({ name }) => name).join(", "),
    method: method.id,
    name: method.name,
    parameters: parametersUsed(method, result.parameters),
    target: { index: target.index, name: target.name },
    output: result.output[0]!,
    top5: ranked.slice(0, 5).map(({ target: _, ...row }) => row),
    additive: result.additive,
    warnings: result.warnings,
    ...balanceOf(result),
    shape: result.shape,
    milliseconds,
  };
  if (options.json) console.log(JSON.stringify(explanation));
  else {
    const shown = input.photo?.share ?? 1;
    if (shown < NOTABLE) {
      const percent = Math.max(1, Math.round(100 * shown));
      process.stderr.write(
        `limpid: only the middle of ${input.name} was looked at, ${percent}% of it: crop it first, or give --fit letterbox\n`,
      );
    }
    console.log(inWords(explanation, result, method, inputs, { out, layers: options.layers === true }));
  }
  return 0;
}

const collect = (file: string, before: string[] = []): string[] => [...before, file];
