import { randomBytes } from "node:crypto";
import * as disk from "node:fs/promises";
import { join } from "node:path";
import { RunError } from "../errors.js";

/** Files that are being written: they become others when they are whole. */
const ASIDE = /\.part$/;

/** Writes a file aside, has it on the disk, and gives it its name: whoever reads finds all of it or nothing. */
export async function writeWhole(folder: string, name: string, bytes: Uint8Array | string): Promise<void> {
  // Two that write the same file do not write into one another.
  const aside = join(folder, `${name}.${process.pid}-${randomBytes(4).toString("hex")}.part`);
  try {
    const handle = await disk.open(aside, "wx");
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await disk.rename(aside, join(folder, name));
  } catch (cause) {
    await disk.rm(aside, { force: true }).catch(() => undefined);
    throw writeError(join(folder, name), cause);
  }
}

/** Names that were given are on the disk, too. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows opens no folders, and keeps names without being asked.
  if (process.platform === "win32") return;
  const handle = await disk.open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The disk is full, or does not let anybody write. */
export class WriteError extends RunError {}

function writeError(file: string, cause: unknown): WriteError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const reason =
    code === "ENOSPC"
      ? "the disk is full: free some space"
      : code === "EDQUOT"
        ? "the quota is used up: free some space"
        : message;
  return new WriteError(
    `${file} cannot be written: ${reason}. What was written before is whole; the same command goes on from there.`,
    { cause },
  );
}

/** Removes what writers left that ended in mid-file. */
export async function removeParts(folder: string): Promise<void> {
  for (const name of await namesIn(folder)) if (ASIDE.test(name)) await disk.rm(join(folder, name), { force: true });
}

/** Names in a folder; none where it is not there. */
export async function namesIn(folder: string): Promise<string[]> {
  return disk.readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw new RunError(`${folder} cannot be read: ${error.message}`, { cause: error });
  });
}
