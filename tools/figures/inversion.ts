import { readFile, writeFile } from "node:fs/promises";
import * as tf from "@tensorflow/tfjs-core";
import type { Command } from "commander";
import type { Action } from "../../src/cli/action.js";
import { table } from "../../src/cli/table.js";
import { bootstrapInterval } from "../../src/explainers/numerics/bootstrap.js";
import { inversion } from "../../src/explainers/synthesis/index.js";
import {
  builtInInverters,
  type LoadedModel,
  loadInverter,
  loadModel,
  startBackend,
} from "../../src/kernel-helpers/index.js";
import { packageFile } from "../../src/kernel-helpers/platform/files.js";

interface Options {
  pictures: number;
  optimized: number;
  steps: number;
  model?: string;
  write?: boolean;
}

/** `npm run figures -- inversion`: what each layer keeps of held-out pictures, both ways, beside the mean picture. */
export function registerInversion(program: Command, run: (action: Action) => void): void {
  program
    .command("inversion")
    .description(
      "invert layers of held-out pictures by trained networks and by optimization: errors by layer, with intervals",
    )
    .option("--pictures <number>", "held-out pictures for the networks", Number, 120)
    .option("--optimized <number>", "of these, inverted by optimization", Number, 12)
    .option("--steps <number>", "steps of each optimization", Number, 150)
    .option("--model <name>", `one of ${Object.keys(builtInInverters).join(", ")}; by default all`)
    .option("--write", "put the tables into docs/understanding.md")
    .action((options: Options) => run(() => figures(options)));
}

async function figures(options: Options): Promise<number> {
  await startBackend();
  for (const name of options.model === undefined ? Object.keys(builtInInverters) : [options.model]) {
    const held = name === "mnist-cnn" ? await heldOutDigits(options.pictures) : await heldOutPhotos(options.pictures);
    const model = await loadModel(name);
    const rows = await errorsByLayer(model, held, options);
    console.log(`${name}: root mean square errors in gray levels of 255, ${held.words}\n${table(rows)}\n`);
    if (options.write) await written(name, rows, wordsOf(held.words, options));
    held.x.dispose();
    model.dispose();
  }
  return 0;
}

/** Pictures that no inverter has seen, and the mean of those that they learned from. */
interface HeldOut {
  /** `[count, …]`, as the model takes them. */
  readonly x: tf.Tensor;
  /** `[1, …]` */
  readonly mean: tf.Tensor;
  /** Gray levels in one unit of the input. */
  readonly scale: number;
  readonly words: string;
  /** Which of them are parts of photographs, where others are not. */
  readonly photographs?: readonly number[];
}

async function heldOutDigits(count: number): Promise<HeldOut> {
  const { readMnist, DIGIT_SIZE } = await import("../train/mnist.js");
  const [training, test] = await Promise.all([readMnist("train"), readMnist("test")]);
  const x = tf.tidy(() => {
    const pixels = Int32Array.from(test.pixels.subarray(0, count * DIGIT_SIZE));
    return tf.div(tf.cast(tf.tensor4d(pixels, [count, 28, 28, 1], "int32"), "float32"), 255);
  });
  return {
    x,
    mean: meanOf(training.pixels, DIGIT_SIZE, [28, 28, 1], 0, 255),
    scale: 255,
    words: `${count} test digits`,
  };
}

async function heldOutPhotos(count: number): Promise<HeldOut> {
  const pictures = await import("../train/inverters/pictures.js");
  const { inverterPictures, PICTURE_SIZE: size, trainedPhotos, heldOutPhotos: photos } = pictures;
  const [mean, scale] = [127, 128];
  const learned = await inverterPictures({ count: 200, seed: 1, photos: trainedPhotos, varied: true });
  const held = await inverterPictures({ count, seed: 2, photos, varied: false });
  const x = tf.tidy(() => {
    const whole = tf.tensor4d(Int32Array.from(held.pixels), [count, size, size, 3], "int32");
    return tf.div(tf.sub(tf.cast(whole, "float32"), mean), scale);
  });
  const words = `${count} pictures: half of them crops of ${photos.join(", ")}, which was never learned from, half procedural ones of another seed`;
  const photographs = held.kinds.flatMap((kind, index) => (kind === "photograph" ? [index] : []));
  return { x, mean: meanOf(learned.pixels, size * size * 3, [size, size, 3], mean, scale), scale, words, photographs };
}

function meanOf(pixels: Uint8Array, length: number, shape: number[], mean: number, scale: number): tf.Tensor {
  const sums = new Float64Array(length);
  for (let at = 0; at < pixels.length; at++) sums[at % length] = sums[at % length]! + pixels[at]!;
  const count = pixels.length / length;
  return tf.tensor(
    Float32Array.from(sums, (sum) => (sum / count - mean) / scale),
    [1, ...shape],
  );
}

/** The heading of the table; the third pair is there where photographs are among other pictures. */
const headingOf = ({ photographs }: HeldOut): string[] => [
  ...["layer", "network", "95 %", "better than the mean picture by", "95 %"],
  ...(photographs === undefined ? [] : ["on photographs alone by", "95 %"]),
  ...["optimization", "95 %", "its error of values"],
];

/** A row for each layer with an inverter. */
async function errorsByLayer(model: LoadedModel, held: HeldOut, { optimized, steps }: Options): Promise<string[][]> {
  const { x, mean, scale, photographs } = held;
  const toMean = rootMeanSquares(x, mean).map((error) => error * scale);
  const rows: string[][] = [];
  for (const layer of builtInInverters[model.name]!) {
    const inverter = await loadInverter(model, layer);
    const drawn = Array.from(inverter.invert(x).pixelError, (error) => error * scale);
    inverter.dispose();
    const found: number[] = [];
    const represented: number[] = [];
    const isPhoto = x.shape[3] === 3;
    for (let index = 0; index < Math.min(optimized, x.shape[0]!); index++) {
      const input = tf.slice(x, index, 1);
      const settings = isPhoto ? ({ parametrization: "fourier", totalVariation: 0.1 } as const) : {};
      const run = inversion(model, { ...settings, layer, input, steps, every: Number.POSITIVE_INFINITY, seed: index });
      for await (const { final, pixelError, representationError } of run) {
        if (!final) continue;
        found.push(pixelError[0]! * scale);
        represented.push(representationError[0]!);
      }
      input.dispose();
    }
    const gains = drawn.map((error, index) => toMean[index]! - error);
    rows.push([
      layer,
      ...estimated(drawn),
      ...estimated(gains),
      ...(photographs === undefined ? [] : estimated(photographs.map((index) => gains[index]!))),
      ...(found.length > 0 ? estimated(found) : ["", ""]),
      found.length > 0 ? `${(100 * averageOf(represented)).toPrecision(2)}%` : "",
    ]);
    console.error(`${model.name}: ${layer} done`);
  }
  const heading = headingOf(held);
  rows.push(["mean picture", ...estimated(toMean), ...heading.slice(3).map(() => "")]);
  return [heading, ...rows];
}

const averageOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** A mean and its bootstrap interval. */
function estimated(values: readonly number[]): [string, string] {
  const { low, high } = bootstrapInterval(values);
  return [averageOf(values).toFixed(1), `${low.toFixed(1)} to ${high.toFixed(1)}`];
}

/** Of each of some pictures, to one. */
function rootMeanSquares(x: tf.Tensor, to: tf.Tensor): number[] {
  return tf.tidy(() => {
    const squares = tf.reshape(tf.squaredDifference(x, to), [x.shape[0]!, -1]);
    return Array.from(tf.sqrt(tf.mean(squares, 1)).dataSync());
  });
}

const wordsOf = (pictures: string, { optimized, steps }: Options): string =>
  `Held out are ${pictures}. By optimization ${optimized} of them were inverted, from one start each and in ${steps} steps.`;

/** Puts a table between its marks in the documentation, with what it was measured on. */
async function written(name: string, rows: readonly (readonly string[])[], words: string): Promise<void> {
  const file = packageFile("docs", "understanding.md");
  const [begin, end] = [`<!-- npm run figures -- inversion: ${name} -->`, "<!-- end -->"];
  const text = await readFile(file, "utf8");
  const from = text.indexOf(begin);
  const to = text.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error(`${file} has no place for the table: "${begin}" … "${end}"`);
  const line = (row: readonly string[]) => `| ${row.join(" | ")} |`;
  const lines = [line(rows[0]!), `|${"---|".repeat(rows[0]!.length)}`, ...rows.slice(1).map(line)];
  await writeFile(
    file,
    `${text.slice(0, from + begin.length)}\n\n${lines.join("\n")}\n\n${words}\n\n${text.slice(to)}`,
  );
}
