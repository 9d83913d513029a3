/** Files that cells read with Node.js' own functions: they go into a run as much as what Limpid's helpers read. */
import { createHash } from "node:crypto";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { isAbsolute, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { partsOf } from "../inputs/parts.js";
import type { InputFile } from "../provenance.js";

/** Modules are read by Node.js itself; those beside the notebook are known by the cells' imports. */
const MODULE = /\.([cm]?[jt]s|node|wasm|map)$|(^|\/)(package\.json|tsconfig\.json)$|(^|\/)node_modules\//;

export interface WatchedFiles {
  /** In the order in which they were read first. */
  readonly read: () => InputFile[];
  end(): void;
}

/**
 * Notes each file within `folder`, or named by a path relative to it, that this process reads from now on, unless it was written meanwhile.
 * What is named by a whole path elsewhere is not told from what Node.js and libraries read, and would tell how the disk is arranged.
 */
export function watchFiles(folder: string): WatchedFiles {
  const found = new Map<string, InputFile>();
  const started = Date.now();
  const { readFileSync, statSync, openSync, readFile, createReadStream } = fs;
  let isNoting = false;
  const { readFile: readFileLater, open } = fs.promises;

  function note(path: unknown): void {
    // Node.js opens what it reads by the same function.
    if (isNoting) return;
    isNoting = true;
    try {
      const file = typeof path === "string" ? path : path instanceof URL ? fileURLToPath(path) : undefined;
      if (file === undefined) return;
      const key = relative(folder, resolve(folder, file)).split(sep).join("/");
      if ((key.startsWith("..") && isAbsolute(file)) || isAbsolute(key) || MODULE.test(key) || found.has(key)) return;
      const stated = statSync(file);
      if (!stated.isFile() || stated.mtimeMs > started) return;
      const bytes = readFileSync(file);
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      const parts = partsOf(key, bytes);
      found.set(key, { role: "data", key, bytes: bytes.length, sha256, ...(parts && { parts }) });
    } catch {
      // What cannot be read is the cell's to hear of.
    } finally {
      isNoting = false;
    }
  }

  const noting = <F extends (...given: never[]) => unknown>(original: F): F =>
    function (this: unknown, ...given: never[]) {
      note(given[0]);
      return original.apply(this, given);
    } as F;
  Object.assign(fs, {
    readFileSync: noting(readFileSync),
    openSync: noting(openSync),
    readFile: noting(readFile),
    createReadStream: noting(createReadStream),
  });
  Object.assign(fs.promises, { readFile: noting(readFileLater), open: noting(open) });
  syncBuiltinESMExports();
  return {
    read: () => [...found.values()],
    end() {
      Object.assign(fs, { readFileSync, openSync, readFile, createReadStream });
      Object.assign(fs.promises, { readFile: readFileLater, open });
      syncBuiltinESMExports();
    },
  };
}
