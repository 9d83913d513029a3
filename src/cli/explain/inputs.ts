import { basename } from "node:path";
import type { Tensor } from "@tensorflow/tfjs-core";
import { type InputKind, InputShapeError, LimpidError } from "../../explainers/index.js";
import { isDataFile, readDataFile, readText } from "../../kernel-helpers/formats/data-file.js";
import { DataFileError } from "../../kernel-helpers/formats/errors.js";
import { parseVocabulary } from "../../kernel-helpers/formats/json.js";
import type { LoadedModel } from "../../kernel-helpers/models/index.js";
import { kindOf, type Place, placesOf, sampleShape, shapeInWords } from "../../kernel-helpers/models/places.js";
import { type Fit, type LoadedImage, loadImage } from "../../kernel-helpers/pictures/load-image.js";
import { tensorflow } from "../../kernel-helpers/tensorflow/backend.js";

/** One input of a model, read from a file. */
export interface GivenInput {
  readonly name: string;
  /** Where it lies, where that is a folder of the caller's. */
  readonly path?: string;
  readonly kind: InputKind;
  /** `[1, …sample]` */
  readonly tensor: Tensor;
  /** Where it was a picture's file. */
  readonly photo?: LoadedImage;
  /** Names of the last axis, where the file has some. */
  readonly columns?: readonly string[];
  /** The words that the numbers stand for, where known. */
  readonly words?: readonly string[];
}

/** Which number stands for which word. */
export type Vocabulary = ReadonlyMap<string, number>;

export async function readVocabulary(file: string | undefined): Promise<Vocabulary | undefined> {
  return file === undefined ? undefined : parseVocabulary(file, await readText(file));
}

/**
 * Reads one file for each input of the model, in its order.
 *
 * @throws InputShapeError, DataFileError, ImageError
 */
export async function readInputs(
  files: readonly string[],
  model: LoadedModel,
  vocabulary: Vocabulary | undefined,
  fit: Fit = "crop",
): Promise<GivenInput[]> {
  const places = placesOf(model);
  if (files.length !== places.length) {
    const shapes = places.map(({ shape }) => shapeInWords(shape)).join(" and ");
    const count = (number: number) => `${number} file${number === 1 ? "" : "s"}`;
    const form = places.length === 1 ? "of shape" : "of shapes";
    throw new InputShapeError(`${count(places.length)}, ${form} ${shapes}`, count(files.length));
  }
  const inputs: GivenInput[] = [];
  for (const [index, file] of files.entries()) {
    inputs.push(await readInput(file, places[index]!, index === 0 ? model.input : undefined, vocabulary, fit));
  }
  return inputs;
}

async function readInput(
  file: string,
  place: Place,
  input: LoadedModel["input"] | undefined,
  vocabulary: Vocabulary | undefined,
  fit: Fit,
): Promise<GivenInput> {
  if (!isDataFile(file)) {
    if (place.shape.length !== 3 && place.shape.length !== 0) {
      throw new LimpidError(
        `The model takes inputs of shape ${shapeInWords(place.shape)}, not pictures: give a .npy, .json or .csv file, not ${file}`,
      );
    }
    const taken = input ?? { shape: [...place.shape], mean: 0, scale: 255, crop: 1 };
    const photo = await loadImage(file, taken, { fit });
    return { name: photo.name, kind: "image", tensor: photo.tensor, photo, ...(photo.path && { path: photo.path }) };
  }
  const tf = await tensorflow();
  const data = await numbersIn(file, place, vocabulary);
  const sample = sampleShape(data.shape, place.shape);
  if (sample === undefined) {
    throw new InputShapeError(shapeInWords(place.shape), `${shapeInWords(data.shape)} by ${file}`);
  }
  const tensor = tf.tensor(data.values, [1, ...sample], place.dtype);
  return { ...data, name: basename(file), path: file, kind: kindOf(sample, place), tensor };
}

/** Rows like one of the inputs, `x`: `[count, …sample]`, all files together. */
export async function readRows(
  files: readonly string[],
  model: LoadedModel,
  x: Tensor,
  vocabulary: Vocabulary | undefined,
  index = 0,
  fit: Fit = "crop",
): Promise<Tensor> {
  const tf = await tensorflow();
  const sample = x.shape.slice(1);
  const own = placesOf(model)[index]!;
  // Numbers of words are told from vectors of theirs by their type.
  const place: Place = { ...own, shape: sample, dtype: own.isTokens ? "int32" : own.dtype };
  const prepared = index === 0 ? model.input : undefined;
  const parts: Tensor[] = [];
  for (const file of files) {
    if (!isDataFile(file)) parts.push((await readInput(file, place, prepared, vocabulary, fit)).tensor);
    else {
      const { shape, values } = await numbersIn(file, place, vocabulary);
      const [count = 1, ...rest] = shape;
      const rows = sampleShape(rest, sample) ? count : sampleShape(shape, sample) ? 1 : undefined;
      if (rows === undefined) {
        throw new InputShapeError(`[${["rows", ...sample].join(", ")}]`, `${shapeInWords(shape)} by ${file}`);
      }
      parts.push(tf.tensor(values, [rows, ...sample], place.dtype));
    }
  }
  const rows = tf.concat(parts);
  tf.dispose(parts);
  return rows;
}

/** The numbers of a file; of words, those that they stand for. */
async function numbersIn(file: string, place: Place, vocabulary: Vocabulary | undefined) {
  const data = await readDataFile(file);
  if ("values" in data && "shape" in data) {
    if (!place.isTokens) return data;
    checkTokens(file, data.values, place);
    const known = vocabulary && new Map(Array.from(vocabulary, ([word, index]) => [index, word]));
    return { ...data, ...(known && { words: Array.from(data.values, (index) => known.get(index) ?? "") }) };
  }
  if (!place.isTokens) throw new DataFileError(file, "holds words, but the model takes numbers");
  if (vocabulary === undefined) {
    throw new DataFileError(
      file,
      "holds words, which need their numbers: give --vocabulary FILE, or numbers in place of words",
    );
  }
  const values = Float32Array.from(data, (word) => {
    const index = vocabulary.get(word);
    if (index === undefined)
      throw new DataFileError(file, `holds ${JSON.stringify(word)}, which is not in the vocabulary`);
    return index;
  });
  checkTokens(file, values, place);
  return { shape: [data.length], values, words: data };
}

function checkTokens(file: string, values: Float32Array, { words = Number.POSITIVE_INFINITY }: Place): void {
  const stray = values.find((value) => !Number.isInteger(value) || value < 0 || value >= words);
  if (stray === undefined) return;
  const range = Number.isFinite(words) ? `from 0 to ${words - 1}` : "of at least 0";
  throw new DataFileError(file, `holds ${stray}, but the model's words are whole numbers ${range}`);
}
