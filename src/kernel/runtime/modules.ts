import { existsSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import { join } from "node:path";
import vm from "node:vm";
import type { OwnModules } from "../own-modules/own-modules.js";
import { climb, packageName } from "../package-root.js";

type Namespace = Record<string, unknown>;
export type ImportOptions = { with?: Record<string, string> };
type Import = (specifier: string, options?: ImportOptions) => Promise<Namespace>;

export type Modules = ReturnType<typeof modules>;

/**
 * Loads what cells import: `limpid` is always this package; other packages come from the notebook's folder or a folder
 * above it and, where none is installed, from this package and its dependencies.
 */
export function modules(
  folder: string,
  own: () => OwnModules,
  onLoad: (specifier: string, require: NodeJS.Require) => void,
) {
  const notebook = join(folder, "notebook.mjs");
  const importHere = importerAt(notebook);
  const importOwn: Import = (specifier, options) => import(specifier, options as ImportCallOptions);
  const requireHere = createRequire(notebook);
  const requireOwn = createRequire(import.meta.url);

  function isOfThis(specifier: string): boolean {
    if (/^(\.{0,2}\/|#|[a-z]+:)/i.test(specifier) || isBuiltin(specifier)) return false;
    const name = /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;
    if (name === "limpid") return true;
    const near = climb(folder, (at) => existsSync(join(at, "node_modules", name)) || packageName(at) === name);
    return near === undefined;
  }

  const importModule: Import = async (specifier, options) => {
    const beside = own().pathOf(specifier);
    if (beside !== undefined) return importHere(own().urlOf(beside), options);
    const ofThis = isOfThis(specifier);
    // A specifier that neither finds is reported as missing from the notebook's folder.
    const load = ofThis && canResolve(specifier) ? importOwn : importHere;
    const namespace = await load(specifier, options).catch((error) => {
      // Within packages Node.js resolves once for all.
      if (/node_modules/.test(String(error?.message)) && error.code === "ERR_MODULE_NOT_FOUND") {
        error.message += ". Once it is installed, restart the kernel: Node.js remembers that the import failed";
      }
      throw error;
    });
    onLoad(specifier, ofThis ? requireOwn : requireHere);
    return namespace;
  };

  function require(specifier: string): unknown {
    const beside = own().pathOf(specifier);
    if (beside !== undefined && existsSync(beside)) return own().require(beside, requireHere);
    const from = isOfThis(specifier) ? requireOwn : requireHere;
    const loaded: unknown = from(specifier);
    onLoad(specifier, from);
    return loaded;
  }

  const resolve = (specifier: string, options?: { paths?: string[] }): string =>
    (isOfThis(specifier) ? requireOwn : requireHere).resolve(specifier, options);

  return {
    import: importModule,
    require: Object.assign(require, requireHere, {
      resolve: Object.assign(resolve, { paths: requireHere.resolve.paths }),
    }) as NodeJS.Require,
    notebook,
    /** Whether `specifier` means a file of the notebook's author. */
    isBeside: (specifier: string): boolean => own().pathOf(specifier) !== undefined,
    /** The value that `import {exported} from specifier` binds; `*` is the whole module. */
    pick(namespace: Namespace, exported: string, specifier: string): unknown {
      if (exported === "*") return wholeModule(namespace);
      if (exported in namespace) return namespace[exported];
      // A CommonJS module whose exports Node.js could not read off its source.
      const fallback = namespace["default"];
      if (isObject(fallback) && exported in fallback) return (fallback as Namespace)[exported];
      throw new SyntaxError(`The module "${specifier}" has no export named "${exported}"`);
    },
  };

  /** `import * as name`: of a CommonJS module with all its properties, also those Node.js did not see in its source. */
  function wholeModule(namespace: Namespace): unknown {
    const exported = namespace["default"];
    if (!isObject(exported)) return namespace;
    const unseen = Object.keys(exported).filter((key) => !(key in namespace));
    const commonJs =
      unseen.length > 0 && Object.values(requireHere.cache).some((module) => module?.exports === exported);
    if (!commonJs) return namespace;
    const whole = Object.create(null, Object.getOwnPropertyDescriptors({ ...namespace })) as Namespace;
    for (const key of unseen) {
      Object.defineProperty(whole, key, { enumerable: true, get: () => (exported as Namespace)[key] });
    }
    return whole;
  }
}

function canResolve(specifier: string): boolean {
  try {
    import.meta.resolve(specifier);
    return true;
  } catch {
    return false;
  }
}

const isObject = (value: unknown): value is object =>
  (typeof value === "object" && value !== null) || typeof value === "function";

/** `import()` as a module at `path` would do it. */
function importerAt(path: string): Import {
  hideWarning("vm.USE_MAIN_CONTEXT_DEFAULT_LOADER");
  return new vm.Script("(specifier, options) => import(specifier, options)", {
    filename: path,
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  }).runInThisContext() as Import;
}

/** Keeps the warning that an option is experimental from greeting every user of the kernel. */
function hideWarning(start: string): void {
  const emitWarning = process.emitWarning as (warning: string | Error, ...rest: unknown[]) => void;
  process.emitWarning = (warning: string | Error, ...rest: unknown[]) => {
    if (!String(warning).startsWith(start)) emitWarning.call(process, warning, ...rest);
  };
}
