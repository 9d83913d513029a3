import { Tensor } from "@tensorflow/tfjs-core";
import { csvFormatRows } from "d3-dsv";
import { formatCount, formatShape, formatShort } from "../../comms/format.js";
import { DISPLAY } from "../../comms/host.js";
import { ParameterError } from "../../explainers/errors.js";
import type { Attribution } from "../../explainers/explanation.js";
import { methods } from "../../explainers/methods.js";
import { csvOf } from "../formats/csv.js";
import { parseArrays } from "../formats/json.js";
import { type NpyValues, npyOf } from "../formats/npy.js";
import { checkPlace, type WriteOptions, type WrittenFile, writeWhole } from "../formats/written.js";
import { heatmapPng } from "../pictures/heatmap-png.js";
import type { LoadedImage } from "../pictures/load-image.js";
import { encodePng } from "../pictures/png.js";
import { hasSign, type Photo, type RelevanceMap, relevanceMap } from "../pictures/relevance-map.js";
import type { HeatmapTraits } from "../widgets/heatmap/heatmap.js";
import type { Table, TableRow } from "./values/table.js";

/** Numbers to save: what an explainer returns (its relevance), a tensor, an array with or without a shape, arrays in arrays. */
export type SavedNumbers =
  | Attribution
  | Tensor
  | NpyValues
  | { readonly shape: readonly number[]; readonly values: NpyValues }
  | readonly unknown[];

/** A file that was written; a cell that ends in it shows nothing more than the line that is printed. */
export type SavedFile = WrittenFile & { [DISPLAY](): undefined };

/**
 * Saves numbers for NumPy (`numpy.load`), as they are held: float32, int32, … in C order. A line says what was written where; a file of
 * that name is replaced, which the line says too, unless `overwrite` is false.
 *
 * @throws DataFileError where the folder does not exist, the name does not end in .npy, or the file is there and must stay
 * @example await saveNpy("relevance.npy", result)
 */
export async function saveNpy(file: string, numbers: SavedNumbers, options: WriteOptions = {}): Promise<SavedFile> {
  const replaced = await checkPlace(file, ".npy", options);
  const { shape, values } = numbersOf(numbers);
  const kind = values.constructor.name.replace(/Clamped|Array/g, "").toLowerCase();
  return said(file, await writeWhole(file, npyOf({ shape, values }), replaced), `${kind} [${shape.join(", ")}]`);
}

/**
 * Saves rows (objects, a `table`) with their columns' names, or numbers of at most two axes without, as CSV (RFC 4180), in full precision. Of
 * a picture's result the map is saved, channels summed. Overwriting is as with `saveNpy`.
 *
 * @throws DataFileError as `saveNpy`; ParameterError for numbers of more than two axes
 * @example await saveCsv("scores.csv", [{ method: "LRP", AOPC: 0.31 }])
 */
export async function saveCsv(
  file: string,
  rows: Table | readonly TableRow[] | SavedNumbers,
  options: WriteOptions = {},
): Promise<SavedFile> {
  const replaced = await checkPlace(file, ".csv", options);
  const { text, words } = csvText(rows);
  return said(file, await writeWhole(file, text, replaced), words);
}

/** What can be saved as a picture. */
export type SavedPicture =
  | Attribution
  | LoadedImage
  | Uint8Array
  | { readonly png: Uint8Array }
  | { toPng(): Promise<Uint8Array> | Uint8Array }
  | { readonly relevance: unknown; readonly image: unknown; readonly signed: boolean };

/**
 * Saves a picture: a result's map (over `photo`, where that is given), a photo, a `MethodGrid`, a heatmap or explorer as it is shown, or
 * the bytes of a PNG file. Overwriting is as with `saveNpy`.
 *
 * @throws DataFileError as `saveNpy`; ParameterError for what is no picture; RelevanceShapeError
 * @example await savePng("why.png", result, { photo })
 */
export async function savePng(
  file: string,
  picture: SavedPicture,
  { photo, ...options }: WriteOptions & { photo?: Photo } = {},
): Promise<SavedFile> {
  const replaced = await checkPlace(file, ".png", options);
  const png = await pngOf(picture, photo ?? null);
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  // Width and height stand in a PNG file's first chunk.
  const size = `${view.getUint32(16)} × ${view.getUint32(20)} pixels`;
  return said(file, await writeWhole(file, png, replaced), size);
}

/** Prints what was written. */
function said(file: string, written: WrittenFile, words: string): SavedFile {
  const size = written.bytes < 1024 ? `${written.bytes} bytes` : `${formatShort(written.bytes / 1024)} KiB`;
  console.log(`saved ${file}: ${words}, ${size}${written.replaced ? " (a file of that name was replaced)" : ""}`);
  return { ...written, [DISPLAY]: () => undefined };
}

function numbersOf(numbers: SavedNumbers): { shape: readonly number[]; values: NpyValues } {
  if (numbers instanceof Tensor) {
    if (numbers.dtype === "string" || numbers.dtype === "complex64") {
      throw new ParameterError("numbers", `a tensor of ${numbers.dtype}`, "a tensor of numbers");
    }
    return { shape: numbers.shape, values: numbers.dataSync() as NpyValues };
  }
  if (ArrayBuffer.isView(numbers)) return checkedSize([numbers.length], numbers);
  if (Array.isArray(numbers)) {
    const { shape, values } = parseArrays("numbers", JSON.stringify(numbers)) as {
      shape: number[];
      values: Float32Array;
    };
    return { shape, values };
  }
  const { shape, values, relevance } = numbers as {
    shape?: readonly number[];
    values?: NpyValues;
    relevance?: NpyValues;
  };
  const held = values ?? relevance;
  if (!Array.isArray(shape) || !ArrayBuffer.isView(held)) {
    throw new ParameterError(
      "numbers",
      numbers,
      "a result, a tensor, a typed array, {shape, values}, or arrays of numbers",
    );
  }
  return checkedSize(shape, held);
}

function checkedSize(shape: readonly number[], values: NpyValues) {
  const size = shape.reduce((a, b) => a * b, 1);
  if (values instanceof DataView || values.constructor.name.startsWith("Big")) {
    throw new ParameterError("numbers", values, "numbers of 8, 16 or 32 bits, float32 or float64");
  }
  if (size !== values.length) {
    throw new ParameterError("shape", [...shape], `the shape of its ${formatCount(values.length)} values`);
  }
  return { shape, values };
}

function csvText(rows: Table | readonly TableRow[] | SavedNumbers): { text: string; words: string } {
  const listed =
    "rows" in rows ? { list: rows.rows, columns: rows.columns } : isRows(rows) ? { list: rows } : undefined;
  if (listed !== undefined) {
    const { list, columns = [...new Set(list.flatMap((row) => Object.keys(row)))] } = listed;
    const cells = list.map((row) => columns.map((name) => cellOf(row[name])));
    return {
      text: `${csvFormatRows([[...columns], ...cells])}\n`,
      words: `${list.length} rows, ${columns.length} columns`,
    };
  }
  const numbers = rows as SavedNumbers;
  const isPicture = "relevance" in numbers && numbers.shape.length === 4;
  const { shape, values } = isPicture ? relevanceMap(numbers) : numbersOf(numbers);
  const flat = shape[0] === 1 && shape.length === 3 ? shape.slice(1) : shape;
  if (flat.length > 2) {
    throw new ParameterError(
      "rows",
      `numbers [${shape.join(", ")}]`,
      "of at most two axes, rows and columns: save more with saveNpy",
    );
  }
  return { text: csvOf({ shape: flat, values: values as Float32Array }), words: `numbers ${formatShape([...flat])}` };
}

const isRows = (rows: unknown): rows is readonly TableRow[] =>
  Array.isArray(rows) &&
  rows.length > 0 &&
  rows.every((row) => typeof row === "object" && row !== null && !Array.isArray(row) && !ArrayBuffer.isView(row));

/** In full precision; nothing where there is nothing. */
const cellOf = (value: unknown): string =>
  value === null || value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);

async function pngOf(picture: SavedPicture, photo: Photo | null): Promise<Uint8Array> {
  if (picture instanceof Uint8Array) {
    if (picture[0] === 0x89 && picture[1] === 0x50) return picture;
    throw new ParameterError("picture", `${picture.length} bytes`, "the bytes of a PNG file");
  }
  if ("toPng" in picture) return picture.toPng();
  if ("png" in picture) return picture.png;
  if ("pixels" in picture) {
    const { pixels, width, height } = picture;
    return encodePng(
      pixels.filter((_, at) => at % 4 < 3),
      width,
      height,
    );
  }
  if ("method" in picture && picture.relevance instanceof Float32Array) {
    const map = relevanceMap(picture, photo);
    const signed = methods.find(({ name }) => name === (picture as Attribution).method)?.signed ?? true;
    return heatmapPng({ image: photo, relevance: map, signed: signed || hasSign(map.values) });
  }
  if ("relevance" in picture && "image" in picture) {
    // A widget's traits are no properties of its own.
    const { image, relevance, signed, mode, opacity, percentile, limit } = picture as HeatmapTraits;
    return heatmapPng({ image, relevance: relevance as RelevanceMap | null, signed, mode, opacity, percentile, limit });
  }
  throw new ParameterError("picture", picture, "a result, a photo, a grid, a heatmap, or the bytes of a PNG file");
}
