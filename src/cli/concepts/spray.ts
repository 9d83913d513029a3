import type { Tensor } from "@tensorflow/tfjs-core";
import { InvalidArgumentError, Option } from "commander";
import { formatNumber, formatPercent, formatSigned } from "../../comms/format.js";
import { type StrategyFeature, strategyMapState } from "../../comms/states/strategy-map.js";
import { initialState } from "../../comms/states/traits.js";
import { findClass } from "../../explainers/class-names.js";
import { outputCountOf } from "../../explainers/context.js";
import { type ClassChange, LimpidError, lrp, spray, strategyRegion, withoutRegion } from "../../explainers/index.js";
import { plantedPictures } from "../../kernel-helpers/data/planted/index.js";
import { type LoadedModel, loadModel } from "../../kernel-helpers/models/index.js";
import { checkFigure, saveFigure } from "../../kernel-helpers/pictures/figure-file.js";
import { openRelevanceStore } from "../../kernel-helpers/relevance/relevance-store.js";
import { storedExplainer } from "../../kernel-helpers/relevance/stored-explainer.js";
import { tensorflow } from "../../kernel-helpers/tensorflow/backend.js";
import { ClassMaps, type StrategyData } from "../../kernel-helpers/widgets/strategy-map/class-maps.js";
import { strategyPicture } from "../../kernel-helpers/widgets/strategy-map/strategy-picture.js";
import { readData } from "../evaluate/data.js";
import { count, whole } from "../numbers.js";
import type { Register } from "../program.js";
import { followed } from "../progress.js";
import { table, wrapped } from "../table.js";

interface Options {
  model: string;
  data: string[];
  store?: string;
  target: string;
  samples?: number;
  clusters?: number;
  feature: StrategyFeature;
  neighbors: number;
  region: number;
  fill: string;
  seed: number;
  out?: string;
  json?: boolean;
}

/** A cluster, and what the model loses without the region that it looks at. */
interface Cluster {
  readonly cluster: number;
  readonly size: number;
  readonly members: readonly string[];
  /** Of each class, and of all pictures (null); not measured where there is one cluster only. */
  readonly without?: readonly ClassChange[];
}

const HELP = `
--data is planted (pictures of six shapes, of which some of --target bear a watermark), mnist, a folder of
pictures, pictures, or .npz with x and classes y. Where no classes are given, each picture has the one that
the model gives it. Every cluster but the largest is measured: the region that its maps have more relevance
in than the others' is filled in on all pictures. --store takes the maps from a store of limpid batch, which
has to be of the same pictures, explained for their classes (--target label, or the class itself).

Examples:
  limpid concepts spray --model planted-watermark --data planted --target disc
  limpid concepts spray --model mnist-cnn --data mnist --samples 1000 --target 7 --json
  limpid concepts spray --model mnist-cnn --data mnist --store digits.zarr --target 7`;

const share = (text: string) => {
  const value = Number(text);
  if (!(value > 0 && value < 1)) throw new InvalidArgumentError("It must be a share between 0 and 1.");
  return value;
};

/** `limpid concepts spray`: whether a model has several strategies for a class, and whether it needs them. */
export const registerSpray: Register = (program, run) => {
  program
    .command("spray")
    .description("group the relevance maps of a class, and measure the model without what a group looks at")
    .option("--model <model>", "name, path or URL of a model", "planted-watermark")
    .option("--data <data...>", "pictures with classes", ["planted"])
    .option("--store <store.zarr>", "maps that limpid batch stored, in place of new ones by LRP (ε-plus)")
    .option("--target <class>", "whose pictures are explained: an index or a name", "0")
    .option("--samples <count>", "so many of the data; of planted and mnist 600 unless told", count)
    .option("--clusters <count>", "into how many clusters; by default as the eigenvalues say", count)
    .addOption(
      new Option("--feature <feature>", "what of a map is compared: where relevance lies, or its patterns")
        .choices(["pooled", "fourier"])
        .default("pooled"),
    )
    .option("--neighbors <count>", "how many nearest maps each is joined with", count, 10)
    .option("--region <share>", "how much of the picture is filled in", share, 0.05)
    .option("--fill <how>", "what stands in its place: neighbors, mean, blurred, black …", "neighbors")
    .option("--seed <number>", "of all that is random", whole, 0)
    .option("-o, --out <file>", "write a figure, .svg or .png")
    .option("--json", "print one JSON object")
    .addHelpText("after", HELP)
    .action((options: Options) => run(() => sprayCommand(options)));
};

async function sprayCommand(options: Options): Promise<number> {
  if (options.out !== undefined) await checkFigure(options.out);
  const model = await loadModel(options.model);
  const {
    index,
    name,
    target: asked,
  } = findClass(options.target, model.classNames, outputCountOf(model) ?? Number.POSITIVE_INFINITY);
  if (typeof asked === "object")
    throw new LimpidError(`${model.name} has one output: its maps are those of one class only.`);
  const { data, isCalled } = await dataOf(options, model, index);
  const stored = options.store === undefined ? undefined : await openRelevanceStore(options.store);
  const explain =
    stored === undefined
      ? lrp(model, { composite: "epsilon-plus" })
      : (await storedExplainer(stored, data.x as Tensor)).explain(model);
  const maps = new ClassMaps(data, index, explain, asked ?? index);
  await followed("explain", (run) => maps.run(run));
  const { feature, neighbors, seed, clusters: wanted } = options;
  const found = await followed("spray", (run) =>
    spray({ feature, neighbors, seed, ...(wanted !== undefined && { clusters: wanted }) })(maps.maps, run),
  );
  const measure = withoutRegion(model, { replacement: options.fill as "mean", seed });
  const nameOf = (map: number) => data.names?.[maps.kept[map]!] ?? `picture ${maps.kept[map]}`;
  const clusters: Cluster[] = [];
  for (const [cluster, size] of found.sizes.entries()) {
    const members = [...found.clusters.keys()].filter((map) => found.clusters[map] === cluster);
    const made = { cluster: cluster + 1, size, members: members.map(nameOf) };
    if (cluster === 0) {
      clusters.push(made);
      continue;
    }
    const region = maps.enlarged(strategyRegion(maps.maps, members, options.region));
    const { all, classes } = await followed("measure", (run) => measure(data, region, run));
    clusters.push({ ...made, without: [all, ...classes] });
  }
  const className = (of: number | null) =>
    of === null ? "all pictures" : (model.classNames?.[of]?.split(",")[0] ?? `class ${of}`);
  const result = {
    model: model.name,
    class: name,
    ...(stored && { store: stored.location, method: stored.run.method }),
    pictures: maps.count,
    suggested: found.suggested,
    gapRatio: found.gapRatio,
    eigenvalues: [...found.eigenvalues],
    warnings: found.warnings,
    region: options.region,
    fill: options.fill,
    clusters: clusters.map(({ without, ...one }) => ({
      ...one,
      ...(without && { without: without.map((change) => ({ ...change, class: className(change.class) })) }),
    })),
  };
  if (options.out !== undefined) {
    const figure = strategyPicture({
      ...initialState(strategyMapState),
      title: `Strategies for ${name}`,
      subtitle: `${maps.count} pictures of ${data.classes.length}`,
      points: { shape: [maps.kept.length, 2], dtype: "float32", data: found.plane! },
      clusters: { shape: [maps.kept.length], dtype: "uint8", data: Uint8Array.from(found.clusters) },
      sizes: [...found.sizes],
      means: { shape: [found.sizes.length, ...maps.size], dtype: "float32", data: found.means },
      eigenvalues: result.eigenvalues,
      suggested: found.suggested,
      remark: found.warnings.join(" "),
    })!;
    await saveFigure(options.out, figure, `Strategies for ${name}: clusters of ${found.sizes.join(", ")}`);
  }
  if (options.json) {
    console.log(JSON.stringify(result));
    return 0;
  }
  const lines = [
    `${maps.count} pictures of ${name}, explained by ${stored?.run.method.name ?? "LRP (ε-plus)"}: ${found.sizes.length} cluster${found.sizes.length === 1 ? "" : "s"}` +
      ` of ${found.sizes.join(", ")}; the eigenvalues say ${found.suggested}.`,
    ...(isCalled ? ["No classes were given: each picture has the one that the model gives it."] : []),
    ...found.warnings,
  ].flatMap((line) => wrapped(line));
  for (const { cluster, without } of clusters) {
    if (without === undefined) continue;
    lines.push(
      "",
      ...wrapped(
        `Without the region of cluster ${cluster} (${formatPercent(options.region)} of each picture, ${options.fill}):`,
      ),
      table([
        ["class", "pictures", "accuracy", "without", "change, points", "95% interval", "probability", "without"],
        ...without.map(({ class: of, count, accuracy: { before, after, difference }, probability }) => [
          className(of),
          String(count),
          formatPercent(before.value),
          formatPercent(after.value),
          formatSigned(100 * difference.value),
          `${formatSigned(100 * difference.low)} to ${formatSigned(100 * difference.high)}`,
          formatNumber(probability.before.value),
          formatNumber(probability.after.value),
        ]),
      ]),
    );
  }
  if (options.out !== undefined) lines.push("", `written to ${options.out}`);
  console.log(lines.join("\n"));
  return 0;
}

const SAMPLES = 600;
/** How many of the planted pictures of the class bear a watermark. */
const MARKED = 0.3;

async function dataOf(
  { data: given, samples, seed }: Options,
  model: LoadedModel,
  target: number,
): Promise<{ data: StrategyData; isCalled: boolean }> {
  const tf = await tensorflow();
  if (given.length === 1 && given[0] === "planted") {
    const object = model.classNames?.[target] ?? "";
    const { pixels, objects, count, size } = plantedPictures({
      count: samples ?? SAMPLES,
      seed: 100 + seed,
      watermark: { object, share: MARKED },
    });
    return { data: { x: tf.tensor4d(pixels, [count, size, size, 3]), classes: objects }, isCalled: false };
  }
  const { data, kind } = await readData(given, model, {
    samples: samples ?? (given[0] === "mnist" ? SAMPLES : undefined),
    masks: undefined,
  });
  if (kind !== "image")
    throw new LimpidError("limpid concepts spray groups the maps of pictures; spray(…) in a notebook takes rows.");
  const x = data.x as Tensor;
  const names = data.names;
  if (Array.isArray(data.target)) {
    return { data: { x, classes: data.target as number[], ...(names && { names }) }, isCalled: false };
  }
  const classes = tf.tidy(() => model.predict(x).argMax(-1).dataSync<"int32">());
  return { data: { x, classes, ...(names && { names }) }, isCalled: true };
}
