import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

/** A new empty folder, which goes when the test that asked for it ends, or the file's tests do. */
export function scratchFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `limpid-${name}-`));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
