import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The nearest folder at or above `folder` that satisfies `test`. */
export function climb(folder: string, test: (folder: string) => boolean): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    if (test(at)) return at;
    if (dirname(at) === at) return undefined;
  }
}

export function packageName(folder: string): string | undefined {
  const path = join(folder, "package.json");
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as { name?: string }).name : undefined;
}

/** The folder of this package, whose modules and types every notebook can import. */
export const packageRoot: string = (() => {
  const root = climb(dirname(fileURLToPath(import.meta.url)), (folder) => packageName(folder) === "limpid");
  if (root === undefined) throw new Error("The folder of the limpid package was not found above the kernel's files");
  return root;
})();
