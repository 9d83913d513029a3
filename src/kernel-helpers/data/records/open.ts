import { DataFileError } from "../../formats/errors.js";
import { dataFile, readFile } from "../../platform/files.js";
import { basename, extname } from "../../platform/paths.js";
import { DataSetError } from "../errors.js";
import type { DataSet } from "../sets/data-set.js";
import { dataSets, namesOf } from "../sets/sets.js";
import type { Records } from "./records.js";

/** A user's file, opened. */
export interface OpenedFile {
  readonly file: string;
  /** Its name without folders and ending. */
  readonly name: string;
  /** Its ending in lower case, with the dot; of `.nii.gz` the whole. */
  readonly extension: string;
  readonly bytes: Uint8Array;
}

/**
 * What a loader is asked for: the record of a data set by its name, or else a file's bytes.
 *
 * @throws DataSetError where the data set was not fetched; DataFileError where there is neither file nor data set of that name
 */
export async function opened<Kind extends keyof Records>(
  kind: Kind,
  wanted: string,
): Promise<{ record: Records[Kind] } | { file: OpenedFile }> {
  const set = dataSets.find(({ name }) => name === wanted);
  if (set !== undefined) {
    if (set.kind !== kind) {
      throw new DataSetError(wanted, `${wanted} holds ${nouns[set.kind]}: load it by ${loaders[set.kind]}`);
    }
    return { record: (await recordOf(set)) as Records[Kind] };
  }
  const orSet = `, and no data set of ${nouns[kind]} (${namesOf(kind).join(", ")})`;
  return { file: await openFile(wanted, orSet) };
}

/** Opens a user's file. @throws DataFileError */
export async function openFile(file: string, orElse = ""): Promise<OpenedFile> {
  const bytes = await readFile(file).catch((cause: Error & { code?: string }) => {
    const reason = cause.code === "ENOENT" ? `is no file${orElse}` : `cannot be read: ${cause.message}`;
    throw new DataFileError(file, reason, { cause });
  });
  const name = basename(file);
  const extension = /\.nii\.gz$/i.test(name) ? ".nii.gz" : extname(name).toLowerCase();
  return { file, name: name.slice(0, name.length - extension.length), extension, bytes };
}

/** The record of a data set. @throws DataSetError where it was not fetched */
export function recordOf<Kind extends keyof Records>(set: DataSet<Kind>): Promise<Records[Kind]> {
  const path = (name: string) => dataFile(set.name, name);
  return set.read({
    path,
    bytes: (name) =>
      readFile(path(name)).catch((cause: Error & { code?: string }) => {
        throw cause.code === "ENOENT" ? notHere(set, cause) : cause;
      }),
  });
}

/** The error of who loads what was not fetched. */
const notHere = ({ name, from, licence }: DataSet, cause?: Error): DataSetError =>
  new DataSetError(
    name,
    `${name} is not on this machine: fetch it by \`limpid data get ${name}\`, or in a cell by \`await getData("${name}")\` ` +
      `(${Math.ceil(from.bytes / 1e6)} MB by ${from.client}; licence of the data: ${licence.data})`,
    { cause },
  );

/** What sets hold, by their kind, and what loads them. */
const nouns: Readonly<Record<keyof Records, string>> = {
  signals: "signals",
  text: "texts",
  volume: "volumes",
  molecules: "molecules",
  pictures: "pictures",
  networks: "networks",
  model: "a model",
};
const loaders: Readonly<Record<keyof Records, string>> = {
  signals: "loadSignals",
  text: "loadText",
  volume: "loadVolume",
  molecules: "loadMolecules",
  pictures: "loadPictureSet",
  networks: "loadAniNetworks",
  model: "loadPublishedModel",
};

/** The error for a file whose ending is none that is read. */
export function unknownEnding({ file, extension }: OpenedFile, known: string): never {
  throw new DataFileError(file, `ends in ${extension || "nothing"}; what is read here ends in ${known}`);
}
