/**
 * TypeScript's compiler, loaded as a program of nine megabytes should be: not searched for the names that it exports, as `import` of a CommonJS
 * module is, and with the machine code of an earlier start. `import ts from "#typescript"` in this package is this (`package.json`).
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import Module, { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import vm from "node:vm";
import { isMainThread } from "node:worker_threads";

/** How long after it was loaded the code is kept, in milliseconds: by then it holds what a cell needs. */
const KEPT_AFTER = 5000;

const require = createRequire(import.meta.url);
const file = require.resolve("typescript");

/** Where the engine's code is kept; it fits one version of Node.js and of the compiler. */
function cachePath(): string {
  const { version } = require("typescript/package.json") as { version: string };
  const { LIMPID_CACHE, XDG_CACHE_HOME } = process.env;
  const folder = LIMPID_CACHE || join(XDG_CACHE_HOME || join(homedir(), ".cache"), "limpid");
  return join(folder, "code", `typescript-${version}-node-${process.version}-${process.arch}.bin`);
}

function read(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/** Without it the next start only takes longer. */
function keep(path: string, code: Buffer): void {
  const fresh = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(fresh, code, { mode: 0o600 });
    renameSync(fresh, path);
  } catch {
    rmSync(fresh, { force: true });
  }
}

function load(): unknown {
  const known = require.cache[file];
  if (known?.loaded) return known.exports;
  const path = cachePath();
  const cachedData = read(path);
  const script = new vm.Script(Module.wrap(readFileSync(file, "utf8")), {
    filename: file,
    ...(cachedData && { cachedData }),
  });
  const module = new Module(file);
  Object.assign(module, { filename: file, paths: [] });
  const run = script.runInThisContext() as (...scope: unknown[]) => void;
  run.call(module.exports, module.exports, createRequire(file), module, file, dirname(file));
  module.loaded = true;
  // Whoever imports it, a cell too, gets this one.
  require.cache[file] = module;
  if (isMainThread && (cachedData === undefined || script.cachedDataRejected)) {
    setTimeout(() => keep(path, script.createCachedData()), KEPT_AFTER).unref();
  }
  return module.exports;
}

export default load();
