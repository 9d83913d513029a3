import type { Tensor } from "@tensorflow/tfjs-core";
import { formatPercent, formatShort } from "../../comms/format.js";
import { type ConceptScores, findClass, type TcavOptions, tcav } from "../../explainers/index.js";
import { record } from "../../explainers/network/index.js";
import { mapLayers } from "../../explainers/network/layers.js";
import { scoresContent } from "../../kernel-helpers/concepts/scores-content.js";
import { scoresPicture } from "../../kernel-helpers/concepts/scores-picture.js";
import {
  plantedConceptNames,
  plantedExamples,
  plantedInputs,
  plantedRandom,
} from "../../kernel-helpers/data/concepts/planted-examples.js";
import { loadPictureFolders, loadPictures, picturesIn } from "../../kernel-helpers/data/picture-folder.js";
import { type LoadedModel, loadModel } from "../../kernel-helpers/models/index.js";
import { checkFigure, saveFigure } from "../../kernel-helpers/pictures/figure-file.js";
import { tensorflow } from "../../kernel-helpers/tensorflow/backend.js";
import { count, whole } from "../numbers.js";
import type { Register } from "../program.js";
import { followed } from "../progress.js";
import { table, wrapped } from "../table.js";

interface Options {
  model: string;
  concepts: string;
  random: string;
  data: string;
  target: string;
  layers?: string[];
  size: number;
  sets: number;
  samples: number;
  pooling?: "none" | "mean";
  separator?: "logistic" | "hinge" | "means";
  relative?: boolean;
  seed: number;
  out?: string;
  json?: boolean;
}

const HELP = `
--concepts is a folder with a folder of pictures for each concept, 30 to 100 of each; --random a folder of
pictures without them, as many as --sets sets of that size take; --data pictures of the class.
Each may also be planted, pictures that Limpid draws: planted:watermark,stripes chooses among its concepts,
  ${plantedConceptNames.slice(0, 7).join(", ")},
  ${plantedConceptNames.slice(7).join(", ")}.

Examples:
  limpid concepts tcav --model planted-watermark --concepts planted:watermark,stripes --target disc
  limpid concepts tcav --model efficientnet-lite0 --concepts concepts/ --random other/ --data zebras/ \\
    --target zebra --layers b9_out b14_out --pooling mean -o zebra.svg`;

/** `limpid concepts tcav`: which concepts move a class. */
export const registerTcav: Register = (program, run) => {
  program
    .command("tcav")
    .description("which concepts, shown by pictures, move a class (TCAV)")
    .option("--model <model>", "name, path or URL of a model", "planted-watermark")
    .option("--concepts <folder>", "pictures of concepts", "planted")
    .option("--random <folder>", "pictures without them", "planted")
    .option("--data <folder>", "pictures of the class", "planted")
    .option("--target <class>", "the class: an index or a name", "0")
    .option("--layers <layers...>", "which layers; by default all with a map of positions")
    .option("--size <count>", "of planted concepts, so many pictures each", count, 30)
    .option("--sets <count>", "of planted random pictures, enough for so many sets", count, 30)
    .option("--samples <count>", "so many pictures of the class at most", count, 50)
    .option("--pooling <choice>", "none, or mean: average the positions of a map")
    .option("--separator <choice>", "logistic, hinge or means")
    .option("--relative", "compare the concepts with one another")
    .option("--seed <number>", "of all that is random", whole, 0)
    .option("-o, --out <file>", "write a figure, .svg or .png")
    .option("--json", "print one JSON object")
    .addHelpText("after", HELP)
    .action((options: Options) => run(() => tcavCommand(options)));
};

async function tcavCommand(options: Options): Promise<number> {
  const { seed, out, pooling, separator, relative = false } = options;
  if (out !== undefined) await checkFigure(out);
  const model = await loadModel(options.model);
  const target = await classOf(options.target, model);
  const given = await picturesOf(options, model, target.name ?? "");
  const layers = options.layers?.flatMap((part) => part.split(",")) ?? allLayers(model, given.inputs);
  const asked: TcavOptions = {
    ...{ layers, relative, seed, concepts: given.concepts, random: given.random },
    ...(pooling !== undefined && { pooling }),
    ...(separator !== undefined && { separator }),
  };
  const explain = tcav(model, asked);
  const scores = await followed("tcav", (run) => explain(given.inputs, { target: target.index, ...run }));
  const name = target.name ?? `class ${target.index}`;
  if (out !== undefined) {
    await saveFigure(
      out,
      scoresPicture({ ...scoresContent(scores, model.name, name), statistic: "derivative" }),
      `Concepts that move ${name} of ${model.name}`,
    );
  }
  if (options.json) console.log(JSON.stringify({ model: model.name, class: name, ...scores }));
  else console.log(inWords(scores, name, out));
  return 0;
}

async function classOf(given: string, model: LoadedModel) {
  const tf = await tensorflow();
  const outputs = tf.tidy(
    () => model.predict(tf.zeros([1, ...model.input.shape.map((size) => size ?? 1)])).shape.at(-1)!,
  );
  return findClass(given, model.classNames, outputs);
}

async function picturesOf(
  { concepts, random, data, size, sets, samples, seed }: Options,
  { input }: LoadedModel,
  target: string,
) {
  const [kind, chosen] = concepts.split(":") as [string, string?];
  const names = chosen === undefined ? plantedConceptNames : chosen.split(",").map((name) => name.trim());
  return {
    concepts:
      kind === "planted"
        ? await plantedExamples(input, names, { count: size, seed })
        : await loadPictureFolders(concepts, input),
    random:
      random === "planted"
        ? await plantedRandom(input, { count: size * sets, seed })
        : await loadPictures(await picturesIn(random), input),
    inputs:
      data === "planted"
        ? await plantedInputs(input, target, { count: samples, seed })
        : await loadPictures((await picturesIn(data)).slice(0, samples), input),
  };
}

function allLayers(model: LoadedModel, inputs: Tensor): string[] {
  const one = inputs.slice(0, 1);
  const recording = record(model, one);
  try {
    return mapLayers(recording.graph);
  } finally {
    recording.dispose();
    one.dispose();
  }
}

function inWords(
  { scores, parameters, randomSets, output, warnings }: ConceptScores,
  target: string,
  out: string | undefined,
): string {
  const { significance, correction, statistic } = parameters as Record<string, string> & { significance: number };
  const level = formatPercent(1 - (significance as unknown as number));
  const rows = scores.map(({ layer, concept, score, interval, magnitude, accuracy, correctedPValue, significant }) => [
    layer,
    concept,
    formatShort(score, 2),
    interval === null ? "–" : `${formatShort(interval[0], 2)} to ${formatShort(interval[1], 2)}`,
    formatShort(magnitude, 2),
    correctedPValue === null ? "–" : correctedPValue < 0.001 ? "< 0.001" : formatShort(correctedPValue, 2),
    significant ? "yes" : "",
    formatPercent(accuracy),
  ]);
  const corrected = correction === "none" ? "not corrected" : `corrected for ${scores.length} tests (${correction})`;
  return [
    table([["layer", "concept", "score", level, "derivative", "p", "moves it", "told apart"], ...rows]),
    "",
    ...wrapped(
      `score: share of ${output.length} inputs whose ${target} rises along the concept, with its ${level} interval; ½ is what nothing has. p: two-sided, of the ${statistic === "sign" ? "score" : "mean derivative"} against ${randomSets} sets of random pictures, ${corrected}. told apart: accuracy of the separator on pictures left out, by chance 50 %.`,
    ),
    ...warnings.flatMap((warning) => wrapped(`⚠ ${warning}`)),
    ...(out === undefined ? [] : wrapped(`written to ${out}`)),
  ].join("\n");
}
