import { join } from "node:path";
import ts from "typescript";
import { packageRoot } from "../../package-root.js";

/**
 * Finds the types of what is imported: from the importing file (so, in a cell, from the notebook's folder) and, failing
 * that, from this package and its dependencies. `limpid` itself is always this package.
 */
export function typeResolution(folder: string, compilerOptions: ts.CompilerOptions) {
  const home = join(packageRoot, "cell.mts");
  let cache = newCache();
  let failed = false;

  function newCache() {
    return ts.createModuleResolutionCache(folder, (name) => name, compilerOptions);
  }

  function resolveModule(
    literal: ts.StringLiteralLike,
    containing: string,
    redirected: ts.ResolvedProjectReference | undefined,
    options: ts.CompilerOptions,
    file: ts.SourceFile,
  ): ts.ResolvedModuleWithFailedLookupLocations {
    const mode = ts.getModeForUsageLocation(file, literal, options);
    const resolve = (from: string) =>
      ts.resolveModuleName(literal.text, from, options, ts.sys, cache, redirected, mode);
    if (/^limpid(\/|$)/.test(literal.text)) return resolve(home);
    const found = resolve(containing);
    failed ||= found.resolvedModule === undefined && literal.text.startsWith(".");
    if (found.resolvedModule || literal.text.startsWith(".")) return found;
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
    const resolve = (from: string) => ts.resolveTypeReferenceDirective(name, from, options, ts.sys, redirected);
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
