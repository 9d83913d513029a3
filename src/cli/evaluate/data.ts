import { readFile, stat } from "node:fs/promises";
import { basename, extname } from "node:path";
import type { Tensor } from "@tensorflow/tfjs-core";
import { unzipSync } from "fflate";
import { type EvaluationData, type InputKind, LimpidError } from "../../explainers/index.js";
import { loadDigits } from "../../kernel-helpers/data/digits.js";
import { isPicture, picturesIn } from "../../kernel-helpers/data/picture-folder.js";
import { isDataFile, readDataFile } from "../../kernel-helpers/formats/data-file.js";
import { DataFileError } from "../../kernel-helpers/formats/errors.js";
import { parseNpy } from "../../kernel-helpers/formats/npy.js";
import type { Numbers } from "../../kernel-helpers/formats/numbers.js";
import type { LoadedModel } from "../../kernel-helpers/models/index.js";
import { kindOf, type Place, placesOf, sampleShape, shapeInWords } from "../../kernel-helpers/models/places.js";
import { loadImage } from "../../kernel-helpers/pictures/load-image.js";
import { tensorflow } from "../../kernel-helpers/tensorflow/backend.js";

/** What `--data`, `--masks` and `--samples` give, and what kind of input it is. */
export interface GivenData {
  readonly data: EvaluationData;
  readonly kind: InputKind;
}

/**
 * Reads data: `mnist`, a folder of pictures, pictures, or files of rows (`.npy`, `.csv`, `.json`, `.npz` with x, y, masks).
 *
 * @throws DataFileError, ImageError, LimpidError for a model of several inputs
 */
export async function readData(
  given: readonly string[],
  model: LoadedModel,
  { samples, masks }: { readonly samples: number | undefined; readonly masks: string | undefined },
): Promise<GivenData> {
  const places = placesOf(model);
  if (places.length > 1) {
    throw new LimpidError(
      `${model.name} takes ${places.length} inputs; limpid evaluate feeds one: evaluate(…) in a notebook takes several.`,
    );
  }
  const [place] = places as [Place];
  const data =
    given.length === 1 && given[0] === "mnist"
      ? await digits(samples ?? 32, place)
      : await files(given, model, place, samples);
  const ofMasks = masks === undefined ? data.masks : await readMasks(masks, data);
  const kind = kindOf((data.x as Tensor).shape.slice(1), place);
  return { data: { ...data, ...(ofMasks && { masks: ofMasks }) }, kind };
}

/** MNIST's test digits, explained for their own class. */
async function digits(count: number, { shape }: Place): Promise<EvaluationData> {
  const tf = await tensorflow();
  const { pixels, labels, count: found } = await loadDigits({ count });
  const sample = sampleShape([28, 28, 1], shape) ?? (shape.length === 1 && shape[0] === 784 ? [784] : undefined);
  if (sample === undefined)
    throw new DataFileError("mnist", `holds pictures of [28, 28, 1], the model takes ${shapeInWords(shape)}`);
  const x = tf.tensor(
    Float32Array.from(pixels, (ink) => ink / 255),
    [found, ...sample],
  );
  const names = Array.from(labels, (label, at) => `${label} (no. ${at})`);
  return { x, target: Array.from(labels), names };
}

async function files(
  given: readonly string[],
  model: LoadedModel,
  place: Place,
  samples: number | undefined,
): Promise<EvaluationData> {
  const paths = (await Promise.all(given.map(filesAt))).flat().slice(0, samples);
  const tf = await tensorflow();
  if (paths.every((path) => isPicture(path) || !/\.(npz|npy|csv|json)$/i.test(path))) {
    const images = [];
    for (const path of paths) images.push(await loadImage(path, model.input));
    const x = tf.concat(images.map(({ tensor }) => tensor));
    for (const image of images) image.dispose();
    return { x, names: paths.map((path) => basename(path)) };
  }
  if (paths.length > 1)
    throw new DataFileError(paths.join(", "), "are several files: --data takes one of rows, or pictures");
  const [file] = paths as [string];
  const arrays = extname(file).toLowerCase() === ".npz" ? await readNpz(file) : { x: await numbersIn(file) };
  const rows = arrays.x;
  const sample = sampleShape(rows.shape.slice(1), place.shape);
  if (sample === undefined) {
    throw new DataFileError(
      file,
      `holds rows of ${shapeInWords(rows.shape.slice(1))}, the model takes ${shapeInWords(place.shape)}`,
    );
  }
  const count = Math.min(samples ?? rows.shape[0]!, rows.shape[0]!);
  const first = ({ shape, values }: Numbers) => values.subarray(0, (values.length / shape[0]!) * count);
  const { y, masks } = arrays as { y?: Numbers; masks?: Numbers };
  return {
    x: tf.tensor(first(rows), [count, ...sample], place.dtype),
    ...(y && { target: Array.from(first(y)) }),
    ...(masks && { masks: tf.tensor(first(masks), [count, ...masks.shape.slice(1)]) }),
  };
}

/** The pictures in a folder, by name; a file itself. */
async function filesAt(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() ? picturesIn(path) : [path];
}

async function numbersIn(file: string): Promise<Numbers> {
  const data = await readDataFile(file);
  if ("values" in data && "shape" in data) return data;
  throw new DataFileError(file, "holds words: give the numbers that stand for them");
}

/** Arrays that were saved by `numpy.savez(…, x=…, y=…, masks=…)`. */
async function readNpz(file: string): Promise<{ x: Numbers; y?: Numbers; masks?: Numbers }> {
  const bytes = await readFile(file).catch((cause: Error) => {
    throw new DataFileError(file, `cannot be read: ${cause.message}`, { cause });
  });
  let parts: Record<string, Uint8Array>;
  try {
    parts = unzipSync(bytes);
  } catch (cause) {
    throw new DataFileError(file, "is no .npz archive", { cause });
  }
  const array = (name: string) => {
    const part = parts[`${name}.npy`];
    return part === undefined ? undefined : parseNpy(`${file}/${name}.npy`, part);
  };
  const [x, y, masks] = [array("x"), array("y"), array("masks")];
  if (x === undefined) {
    const there = Object.keys(parts).map((name) => name.replace(/\.npy$/, ""));
    throw new DataFileError(
      file,
      `holds ${there.join(", ") || "nothing"}: save the inputs as x, classes as y, masks as masks`,
    );
  }
  for (const [name, other] of Object.entries({ y, masks })) {
    if (other !== undefined && other.shape[0] !== x.shape[0]) {
      throw new DataFileError(file, `holds ${x.shape[0]} inputs, but ${other.shape[0]} ${name}`);
    }
  }
  return { x, ...(y && { y }), ...(masks && { masks }) };
}

/** Masks of a `.npy` file, in the order of the data. */
async function readMasks(file: string, { x }: EvaluationData): Promise<Tensor> {
  if (!isDataFile(file))
    throw new DataFileError(file, "is no file of masks: --masks takes a .npy file [samples, …positions]");
  const tf = await tensorflow();
  const { shape, values } = await numbersIn(file);
  const [count] = (x as Tensor).shape as [number];
  if (shape[0]! < count) throw new DataFileError(file, `holds ${shape[0]} masks for ${count} samples`);
  return tf.tensor(values.subarray(0, (values.length / shape[0]!) * count), [count, ...shape.slice(1)]);
}
