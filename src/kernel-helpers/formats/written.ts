import { kindOf, workingFolder, writeFile } from "../platform/files.js";
import { dirname, extname, resolve } from "../platform/paths.js";
import { DataFileError } from "./errors.js";

/** What becomes of a file of the same name. */
export interface WriteOptions {
  /** Replaces a file of that name; default true. With false it stays, and the call fails. */
  overwrite?: boolean;
}

/** A file that was written. */
export interface WrittenFile {
  /** Its whole path. */
  readonly path: string;
  /** Its size. */
  readonly bytes: number;
  /** Whether a file of that name was there before. */
  readonly replaced: boolean;
}

/**
 * Checks where a file is to go, before it is made.
 *
 * @throws DataFileError where the name does not end so, its folder does not exist, or a file is there that must stay
 */
export async function checkPlace(
  file: string,
  extension: string,
  { overwrite = true }: WriteOptions,
): Promise<boolean> {
  if (typeof file !== "string" || extname(file).toLowerCase() !== extension) {
    throw new DataFileError(String(file), `does not end in ${extension}, which is what is written`);
  }
  if ((await kindOf(dirname(resolve(file)))) !== "folder") {
    throw new DataFileError(
      file,
      `cannot be written: there is no folder "${dirname(file)}" (in ${workingFolder()}); make it first`,
    );
  }
  const there = await kindOf(file);
  if (there === "folder") throw new DataFileError(file, "is a folder: give the name of a file in it");
  if (there !== undefined && !overwrite)
    throw new DataFileError(file, "exists already; leave out overwrite: false to replace it");
  return there !== undefined;
}

/** Writes a file whole or not at all. @throws DataFileError */
export async function writeWhole(file: string, bytes: Uint8Array | string, replaced: boolean): Promise<WrittenFile> {
  const path = resolve(file);
  const data = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
  try {
    await writeFile(path, data);
  } catch (cause) {
    throw new DataFileError(file, `cannot be written: ${(cause as Error).message}`, { cause });
  }
  return { path, bytes: data.length, replaced };
}
