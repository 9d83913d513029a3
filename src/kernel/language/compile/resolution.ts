import { basename, dirname, join } from "node:path";
import ts from "#typescript";
import { ownPath } from "../../own-modules/places.js";
import type { Project } from "../../own-modules/project.js";
import { packageRoot } from "../../package-root.js";

/** Of modules that are imported without their ending, as other tools have it. */
const EXTENSIONS = [
  ts.Extension.Ts,
  ts.Extension.Tsx,
  ts.Extension.Mts,
  ts.Extension.Js,
  ts.Extension.Jsx,
  ts.Extension.Mjs,
  ts.Extension.Json,
];

/** Where no folder above says what its modules are. */
const isTop = (folder: string): boolean => dirname(folder) === folder;

const isOwnManifest = (name: string): boolean => basename(name) === "package.json" && !name.includes("/node_modules/");

/**
 * The files as the compiler sees them: whatever lies outside `node_modules` is an ES module, as the kernel loads it, also where no
 * `package.json` says so.
 */
export const files: ts.ModuleResolutionHost &
  Pick<ts.System, "fileExists" | "readFile" | "directoryExists" | "getDirectories"> = {
  fileExists: (name) => ts.sys.fileExists(name) || (isOwnManifest(name) && isTop(dirname(name))),
  readFile(name) {
    if (!isOwnManifest(name)) return ts.sys.readFile(name);
    const { config = {} } = ts.parseConfigFileTextToJson(name, ts.sys.readFile(name) ?? "{}");
    return JSON.stringify({ ...config, type: "module" });
  },
  directoryExists: ts.sys.directoryExists,
  getDirectories: ts.sys.getDirectories,
  ...(ts.sys.realpath && { realpath: ts.sys.realpath }),
  useCaseSensitiveFileNames: ts.sys.useCaseSensitiveFileNames,
};

/**
 * Finds the types of what is imported: from the importing file (so, in a cell, from the notebook's folder) and, failing
 * that, from this package and its dependencies. `limpid` itself is always this package.
 */
export function typeResolution(folder: string, project: Project) {
  const home = join(packageRoot, "cell.mts");
  let cache = newCache();
  let failed = false;

  function newCache() {
    return ts.createModuleResolutionCache(folder, (name) => name, project.options);
  }

  function resolveModule(
    literal: ts.StringLiteralLike,
    containing: string,
    redirected: ts.ResolvedProjectReference | undefined,
    options: ts.CompilerOptions,
    file: ts.SourceFile,
  ): ts.ResolvedModuleWithFailedLookupLocations {
    const mode = ts.getModeForUsageLocation(file, literal, options);
    const resolve = (from: string) => ts.resolveModuleName(literal.text, from, options, files, cache, redirected, mode);
    if (/^limpid(\/|$)/.test(literal.text)) return resolve(home);
    const found = resolve(containing);
    if (found.resolvedModule) return found;
    const path = ownPath(literal.text, containing, project);
    const extension = path && EXTENSIONS.find((ending) => path.endsWith(ending));
    if (extension && ts.sys.fileExists(path)) {
      return { resolvedModule: { resolvedFileName: path, extension, isExternalLibraryImport: false } };
    }
    if (literal.text.startsWith(".")) {
      failed = true;
      return found;
    }
    const own = resolve(home);
    failed ||= own.resolvedModule === undefined;
    return own.resolvedModule ? own : found;
  }

  function resolveTypes(
    reference: string | ts.FileReference,
    containing: string,
    redirected: ts.ResolvedProjectReference | undefined,
    options: ts.CompilerOptions,
  ): ts.ResolvedTypeReferenceDirectiveWithFailedLookupLocations {
    const name = typeof reference === "string" ? reference : reference.fileName;
    const resolve = (from: string) => ts.resolveTypeReferenceDirective(name, from, options, files, redirected);
    const found = resolve(containing);
    return found.resolvedTypeReferenceDirective ? found : resolve(home);
  }

  return {
    resolveModule,
    resolveTypes,
    cache: () => cache,
    /** Looks again for what was not found: it may have been installed since. */
    forgetFailures(): void {
      if (failed) cache = newCache();
      failed = false;
    },
  };
}
