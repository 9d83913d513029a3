import { readFile } from "../platform/files.js";
import { extname } from "../platform/paths.js";
import { parseCsv } from "./csv.js";
import { DataFileError } from "./errors.js";
import { parseArrays } from "./json.js";
import { parseNpy } from "./npy.js";
import type { Numbers } from "./numbers.js";

/** Whether a file holds numbers or words, by its name; anything else is taken for a picture. */
export const isDataFile = (file: string): boolean => /\.(npy|json|csv)$/i.test(file);

/** Reads `.npy`, `.csv` or `.json`; words come from JSON only. */
export async function readDataFile(file: string): Promise<Numbers | readonly string[]> {
  switch (extname(file).toLowerCase()) {
    case ".npy":
      return parseNpy(file, await read(file));
    case ".csv":
      return parseCsv(file, await readText(file));
    default:
      return parseArrays(file, await readText(file));
  }
}

export async function readText(file: string): Promise<string> {
  return new TextDecoder().decode(await read(file));
}

async function read(file: string): Promise<Uint8Array> {
  return readFile(file).catch((cause: Error) => {
    throw new DataFileError(file, `cannot be read: ${cause.message}`, { cause });
  });
}
