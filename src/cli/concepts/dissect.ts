import { formatFixed, formatShort } from "../../comms/format.js";
import { type Dissection, dissect } from "../../explainers/index.js";
import { dissectionPicture, kindsOf, layerDetectors } from "../../kernel-helpers/concepts/dissection-picture.js";
import { loadConcepts } from "../../kernel-helpers/data/concepts/load-concepts.js";
import { loadModel } from "../../kernel-helpers/models/index.js";
import { checkFigure, saveFigure } from "../../kernel-helpers/pictures/figure-file.js";
import { count, numeric, whole } from "../numbers.js";
import type { Register } from "../program.js";
import { followed } from "../progress.js";
import { table, wrapped } from "../table.js";

interface Options {
  model: string;
  data: string[];
  layers?: string[];
  samples?: number;
  share?: number;
  leastOverlap?: number;
  rotated?: boolean;
  seed: number;
  out?: string;
  json?: boolean;
}

const HELP = `
--data is one or several of planted (pictures that Limpid draws, of which colors, textures, shapes and
parts are known), textures (mosaics of photographed brick, grass and gravel), nuclei (micrographs), or a
folder with images/NAME.png and masks/CONCEPT/NAME.png or masks/KIND/CONCEPT/NAME.png, bright where the
concept is, or labels/KIND/NAME.png, gray values that number the lines of labels/KIND/names.txt.
--share is 0.005 and --least-overlap 0.04 unless told, as published; for planted pictures 0.05 and 0.06,
since their concepts cover more.

Examples:
  limpid concepts dissect --model planted-scenes --rotated
  limpid concepts dissect --model efficientnet-lite0 --data textures photos/ --samples 100
  limpid concepts dissect --model planted-objects --layers conv2 conv3 --share 0.02 -o units.svg`;

/** `limpid concepts dissect`: which units detect which concepts. */
export const registerDissect: Register = (program, run) => {
  program
    .command("dissect")
    .description("which units of a network detect what people have a word for (network dissection)")
    .option("--model <model>", "name, path or URL of a model", "planted-scenes")
    .option("--data <data...>", "labeled pictures", ["planted"])
    .option("--layers <layers...>", "which layers; by default all with a map of positions")
    .option("--samples <count>", "so many pictures of each; of those that are drawn 200 unless told", count)
    .option("--share <share>", "a unit is on where its value is among this share of its largest", numeric)
    .option("--least-overlap <share>", "least intersection over union of a detector", numeric)
    .option("--rotated", "also dissect a random rotation of each layer, for comparison")
    .option("--seed <number>", "of all that is random", whole, 0)
    .option("-o, --out <file>", "write a figure, .svg or .png")
    .option("--json", "print one JSON object")
    .addHelpText("after", HELP)
    .action((options: Options) => run(() => dissectCommand(options)));
};

/** What planted pictures show covers a tenth of them: at the published share no unit could overlap it enough. */
const PLANTED = { share: 0.05, leastOverlap: 0.06 };

const stated = ({ share, leastOverlap }: Options): { share?: number; leastOverlap?: number } => ({
  ...(share !== undefined && { share }),
  ...(leastOverlap !== undefined && { leastOverlap }),
});

async function dissectCommand(options: Options): Promise<number> {
  const { seed, samples, rotated = false, out } = options;
  const planted = options.data.includes("planted") ? PLANTED : undefined;
  const { share, leastOverlap } = { ...planted, ...stated(options) };
  if (out !== undefined) await checkFigure(out);
  const model = await loadModel(options.model);
  const layers = options.layers?.flatMap((part) => part.split(","));
  const explain = dissect(model, {
    ...{ rotated, seed },
    ...(layers && { layers }),
    ...(share !== undefined && { share }),
    ...(leastOverlap !== undefined && { leastOverlap }),
  });
  const pictures = await loadConcepts(options.data, model.input, { seed, ...(samples && { count: samples }) });
  const dissection = await followed("dissect", (run) => explain(pictures, run));
  if (out !== undefined) {
    const picture = dissectionPicture(dissection, model.name);
    await saveFigure(out, picture, `What units of ${model.name} detect`);
  }
  console.log(options.json ? jsonOf(dissection, model.name) : inWords(dissection, out));
  return 0;
}

/** Everything, numbers of typed arrays as lists. */
const jsonOf = (dissection: Dissection, model: string): string =>
  JSON.stringify({ model, ...dissection }, (_, value: unknown) =>
    value instanceof Float32Array ? Array.from(value) : value,
  );

/** How many of the best detectors are listed. */
const BEST = 12;

function inWords(dissection: Dissection, out: string | undefined): string {
  const kinds = kindsOf(dissection);
  const isRotated = dissection.layers.some(({ rotated }) => rotated !== null);
  const counts = [
    ["layer", "units", "detectors", ...kinds, "concepts", ...(isRotated ? ["rotated", "its concepts"] : [])],
    ...layerDetectors(dissection).map(({ layer, units, byKind, rotated }, index) => {
      const { detectors, concepts, rotated: control } = dissection.layers[index]!;
      const beside = control === null ? [] : [rotated!, control.concepts];
      return [layer, units, detectors, ...byKind, concepts, ...beside].map(String);
    }),
  ];
  const detectors = dissection.layers
    .flatMap(({ layer, units }) => units.filter(({ isDetector }) => isDetector).map((unit) => ({ layer, ...unit })))
    .sort((a, b) => b.overlap - a.overlap);
  const best = [
    ["layer", "unit", "detects", "IoU", "on above"],
    ...detectors
      .slice(0, BEST)
      .map(({ layer, unit, concept, overlap, threshold }) => [
        layer,
        String(unit),
        `${concept!.name} (${concept!.kind})`,
        formatFixed(overlap, 3),
        formatShort(threshold, 3),
      ]),
  ];
  const { share, leastOverlap } = dissection.parameters as { share: number; leastOverlap: number };
  const rule = `A unit is on at its largest ${formatShort(100 * share)} % of values, and a detector of the concept that it overlaps most, by more than ${formatShort(leastOverlap)} (IoU), on ${dissection.pictures} pictures.`;
  return [
    table(counts),
    ...(isRotated
      ? [
          "",
          ...wrapped(
            "rotated: detectors of a random rotation of the layer, which holds as much but has no reason to have many.",
          ),
        ]
      : []),
    ...(detectors.length > 0 ? ["", table(best)] : []),
    "",
    ...wrapped(rule),
    ...dissection.warnings.flatMap((warning) => wrapped(`⚠ ${warning}`)),
    ...(out === undefined ? [] : wrapped(`written to ${out}`)),
  ].join("\n");
}
