import { tensorFlow } from "../platform/tensorflow.js";

/**
 * What cells in a page can import; `reports/runnable` knows the same names. They are run when they are first imported: some look
 * whether there is a kernel.
 */
const modules: Readonly<Record<string, () => Promise<object>>> = {
  limpid: () => import("../../kernel-helpers/index.js"),
  "limpid/comms": () => import("../../comms/index.js"),
  "limpid/explainers": () => import("../../explainers/index.js"),
  "limpid/network": () => import("../../explainers/network/index.js"),
  "limpid/widgets-kit": () => import("../../kernel-helpers/widgets/index.js"),
  "@tensorflow/tfjs": async () => tensorFlow,
  "@tensorflow/tfjs-converter": () => import("@tensorflow/tfjs-converter"),
  "@tensorflow/tfjs-core": () => import("@tensorflow/tfjs-core"),
  "@tensorflow/tfjs-layers": () => import("@tensorflow/tfjs-layers"),
};

/** A module as `import()` gives it. */
export async function importModule(specifier: string): Promise<Record<string, unknown>> {
  if (!Object.hasOwn(modules, specifier)) {
    throw new TypeError(`A report's page has no module "${specifier}": it has ${Object.keys(modules).join(", ")}`);
  }
  return (await modules[specifier]!()) as Record<string, unknown>;
}

/** The value that `import {exported} from specifier` binds; `*` is the whole module. */
export function pick(module: Record<string, unknown>, exported: string, specifier: string): unknown {
  if (exported === "*") return module;
  if (exported in module) return module[exported];
  throw new SyntaxError(`The module "${specifier}" has no export named "${exported}" in a report's page`);
}
