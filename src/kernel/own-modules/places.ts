/** Where the modules beside a notebook lie, and when one of them, or what it imports, has changed. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, extname, join, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import ts from "#typescript";
import type { Project } from "./project.js";

/** Modules that are compiled on their way to Node.js. */
export const isTypeScript = (path: string): boolean => /\.([cm]?ts|tsx|jsx)$/.test(path) && !/\.d\.[cm]?ts$/.test(path);

/** The query that tells versions of an own module apart; only what a cell imports, or what such a module imports, carries it. */
export const CHANGED = "changed";

/** What the notebook's author writes, and not what is installed. */
export const isOwnPath = (path: string): boolean => !path.includes(`${sep}node_modules${sep}`);

/** What an import may leave out, in the order in which it is looked for. */
const ENDINGS = [".ts", ".tsx", ".mts", ".js", ".jsx", ".mjs", ".json", "/index.ts", "/index.tsx", "/index.js"];

const isFile = (path: string): boolean => existsSync(path) && statSync(path).isFile();

/** The file that is meant by a path: itself, the source of what it names as TypeScript has it, or with the ending that it leaves out. */
function sourceOf(path: string): string {
  if (isFile(path)) return path;
  const sources = [path.replace(/\.([cm]?)js$/, ".$1ts"), path.replace(/\.jsx?$/, ".tsx")].filter(
    (one) => one !== path,
  );
  return [...sources, ...ENDINGS.map((ending) => join(`${path}${ending}`))].find(isFile) ?? path;
}

/** The file of the notebook's author that `specifier` means in the file `from`; undefined where a package is meant. */
export function ownPath(specifier: string, from: string, project: Project): string | undefined {
  if (/^(\.{1,2}(\/|$)|\/)/.test(specifier)) return sourceOf(resolve(dirname(from), specifier));
  if (project.options.paths === undefined || /^(node:|limpid($|\/))/.test(specifier)) return undefined;
  // As other tools have `paths`: with endings left out.
  const options = {
    ...project.options,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
  };
  const { resolvedModule } = ts.resolveModuleName(specifier, from, options, ts.sys);
  const found = resolvedModule?.resolvedFileName;
  return found !== undefined && isOwnPath(found) && !found.endsWith(".d.ts") ? resolve(found) : undefined;
}

interface Imports {
  readonly modified: number;
  readonly specifiers: readonly string[];
}

const known = new Map<string, Imports>();

function importsOf(path: string, modified: number): readonly string[] {
  const found = known.get(path);
  if (found?.modified === modified) return found.specifiers;
  const reads = /\.([cm]?[jt]s|[jt]sx)$/.test(path);
  const { importedFiles } = reads ? ts.preProcessFile(readFileSync(path, "utf8"), true, true) : { importedFiles: [] };
  const specifiers = importedFiles.map(({ fileName }) => fileName);
  known.set(path, { modified, specifiers });
  return specifiers;
}

/** A file and all own ones that it imports, each with the time of its last change in milliseconds. */
export function graphOf(path: string, project: Project): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  const waiting = [path];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (times.has(at) || !isFile(at)) continue;
    const modified = statSync(at).mtimeMs;
    times.set(at, modified);
    for (const specifier of importsOf(at, modified)) {
      const next = ownPath(specifier, at, project);
      if (next !== undefined && isOwnPath(next)) waiting.push(next);
    }
  }
  return times;
}

/** A text that differs when a file, or an own one that it imports, has changed. */
export function versionOf(path: string, project: Project): string {
  const hash = createHash("sha256");
  const times = [...graphOf(path, project)].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [file, modified] of times) hash.update(`${file}\n${modified}\n`);
  return hash.update(JSON.stringify(project.options)).digest("hex").slice(0, 16);
}

/** Whether JavaScript is an ES module, or as an own file without a `type` would be meant to be one. */
export function isModule(path: string, text: string): boolean {
  if (extname(path) === ".cjs" || extname(path) === ".cts") return false;
  return ts.isExternalModule(ts.createSourceFile(path, text, ts.ScriptTarget.Latest));
}

/** URL of an own module: a file that changes, or that imports one that changes, is another module. */
export function ownUrl(path: string, present: Project): string {
  const url = pathToFileURL(path);
  url.searchParams.set(CHANGED, versionOf(path, present));
  return url.href;
}
