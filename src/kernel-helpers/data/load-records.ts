import { ParameterError } from "../../explainers/errors.js";
import { utf8 } from "../formats/bytes.js";
import { DataFileError } from "../formats/errors.js";
import { parseSdf } from "../formats/molecules/sdf.js";
import { parseXyz } from "../formats/molecules/xyz.js";
import { parseNpyArray } from "../formats/npy.js";
import { parseDelimited } from "../formats/tables/delimited.js";
import { parseNifti } from "../formats/volumes/nifti.js";
import type { LoadedModel } from "../models/load-model.js";
import { opened, openFile, recordOf, unknownEnding } from "./records/open.js";
import type { AniNetworks, LoadedTable, Molecules, PictureSet, Texts, Volume } from "./records/records.js";
import { volumeOf } from "./records/volume-of.js";
import { aniNetworks } from "./sets/molecules.js";

/** Which columns of a table of texts hold what. */
export interface TextOptions {
  /** Name of the column of texts. Default `"text"`. */
  text?: string;
  /** Name of the column of classes. Default `"label"`, where there is one. */
  label?: string;
}

/**
 * Loads texts: a data set by its name, a table with a column of texts (`.csv`, `.tsv`), or a `.txt` file with one text a line.
 *
 * @throws DataSetError where the data set was not fetched; DataFileError; ParameterError where a column is not there
 * @example const { texts, scores } = await loadText("text-movie-sentences");
 */
export async function loadText(nameOrFile: string, options: TextOptions = {}): Promise<Texts> {
  const found = await opened("text", nameOrFile);
  if ("record" in found) return found.record;
  const { file, name, extension, bytes } = found.file;
  const none = { labels: [], classNames: [], splits: [] };
  if (extension === ".txt") {
    const texts = utf8(file, bytes)
      .split(/\r?\n/)
      .filter((line) => line.trim() !== "");
    if (texts.length === 0) throw new DataFileError(file, "holds no text");
    return { name, texts, ...none };
  }
  if (extension !== ".csv" && extension !== ".tsv") return unknownEnding(found.file, ".txt, .csv or .tsv");
  const table = tableOf(name, parseDelimited(file, utf8(file, bytes), extension === ".csv" ? "," : "\t"));
  const texts = Array.from(table.column(options.text ?? "text").values, String);
  const hasLabels = options.label !== undefined || table.columns.some((column) => column.name === "label");
  if (!hasLabels) return { name, texts, ...none };
  const words = Array.from(table.column(options.label ?? "label").values, String);
  const classNames = [...new Set(words)].sort();
  return { name, texts, labels: words.map((word) => classNames.indexOf(word)), classNames, splits: [] };
}

function tableOf(name: string, columns: LoadedTable["columns"]): LoadedTable {
  return {
    name,
    rows: columns[0]?.values.length ?? 0,
    columns,
    column(wanted) {
      const found = columns.find((column) => column.name === wanted);
      if (found !== undefined) return found;
      throw ParameterError.notOneOf(
        "column",
        wanted,
        columns.map((column) => column.name),
      );
    },
  };
}

/**
 * Loads a table whose first row names its columns (`.csv`, `.tsv`): columns of numbers, where missing ones are NaN, and of text.
 *
 * @throws DataFileError that names the row; ParameterError where `column` is asked for one that is not there
 * @example const ages = (await loadTable("patients.csv")).column("age").values;
 */
export async function loadTable(file: string): Promise<LoadedTable> {
  const found = await openFile(file);
  const { name, extension, bytes } = found;
  if (extension !== ".csv" && extension !== ".tsv") return unknownEnding(found, ".csv or .tsv");
  return tableOf(name, parseDelimited(file, utf8(file, bytes), extension === ".csv" ? "," : "\t"));
}

/**
 * Loads a volume, or a series of them in time: a data set by its name, a NIfTI file (`.nii`, `.nii.gz`; millimeters, seconds), or NumPy's array
 * of `[z, y, x]` or `[time, z, y, x]` (`.npy`).
 *
 * @throws DataSetError where the data set was not fetched; DataFileError
 * @example const { values, shape, voxel } = await loadVolume("brain.nii.gz");
 */
export async function loadVolume(nameOrFile: string): Promise<Volume> {
  const found = await opened("volume", nameOrFile);
  if ("record" in found) return found.record;
  const { file, name, extension, bytes } = found.file;
  if (extension === ".nii" || extension === ".nii.gz") return volumeOf(name, await parseNifti(file, bytes));
  if (extension !== ".npy") return unknownEnding(found.file, ".nii, .nii.gz or .npy");
  const { shape, values } = parseNpyArray(file, bytes);
  if (shape.length < 3 || shape.length > 4 || Array.isArray(values)) {
    throw new DataFileError(
      file,
      `has the shape [${shape.join(", ")}]; a volume is numbers of [z, y, x] or [time, z, y, x]`,
    );
  }
  const sizes = [...shape].reverse();
  const steps = sizes.map(() => 1);
  const whole = volumeOf(name, {
    sizes,
    steps,
    values: Float32Array.from(values as Float32Array),
    affine: undefined,
    description: "",
  });
  // The format has neither.
  return { ...whole, repetition: undefined };
}

/**
 * Loads molecules: a data set by its name, drawings or geometries of MDL's format (`.sdf`, `.mol`), or geometries in ångström (`.xyz`).
 *
 * @throws DataSetError where the data set was not fetched; DataFileError that names the line
 * @example const { molecules, units } = await loadMolecules("molecules-solubility");
 */
export async function loadMolecules(nameOrFile: string): Promise<Molecules> {
  const found = await opened("molecules", nameOrFile);
  if ("record" in found) return found.record;
  const { file, name, extension, bytes } = found.file;
  const parse = { ".sdf": parseSdf, ".mol": parseSdf, ".xyz": parseXyz }[extension];
  if (parse === undefined) return unknownEnding(found.file, ".sdf, .mol or .xyz");
  return { name, molecules: parse(file, utf8(file, bytes)), units: {}, splits: [] };
}

/**
 * Loads a data set of pictures by its name; pictures of one's own are loaded by `loadImage` and `loadConcepts`.
 *
 * @throws DataSetError where it was not fetched
 * @example const { values, shape, masks } = await loadPictureSet("pictures-nuclei");
 */
export async function loadPictureSet(name: string): Promise<PictureSet> {
  const found = await opened("pictures", name);
  if ("record" in found) return found.record;
  throw new DataFileError(name, "is a file: load pictures of your own by loadImage or loadConcepts");
}

/**
 * Loads a network that a package of pip or npm carries, with its input and the names of its classes; files of your own are loaded by `loadModel`.
 *
 * @throws DataSetError where it was not fetched; DataFileError where there is none of that name
 * @example const model = await loadPublishedModel("model-face-expressions");
 */
export async function loadPublishedModel(name: string): Promise<LoadedModel> {
  const found = await opened("model", name);
  if ("record" in found) return found.record;
  throw new DataFileError(name, "is a file: load models of your own by loadModel");
}

/**
 * Loads the networks of ANI-1x, which give each atom's share of a molecule's energy.
 *
 * @throws DataSetError where `networks-ani-1x` was not fetched
 * @example const { elements, constants } = await loadAniNetworks();
 */
export const loadAniNetworks = (): Promise<AniNetworks> => recordOf(aniNetworks);
