import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { CheckedFile } from "../sets/data-set.js";

export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Whether a folder has these files, by their contents; without `contents` by their sizes alone. */
export async function hasFiles(folder: string, files: readonly CheckedFile[], contents: boolean): Promise<boolean> {
  for (const { name, bytes, sha256: expected } of files) {
    const found = await stat(join(folder, name)).catch(() => undefined);
    if (found?.size !== bytes) return false;
    if (contents && (await hashOf(join(folder, name))) !== expected) return false;
  }
  return true;
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const part of createReadStream(file)) hash.update(part as Uint8Array);
  return hash.digest("hex");
}
