/** What may stand in a text that names a file or a module. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { packageRoot } from "../package-root.js";

/** Modules of this package, which every notebook can import. */
function ownModules(): string[] {
  const { exports } = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as { exports: object };
  return Object.entries(exports).flatMap(([path, target]) =>
    typeof target === "object" ? [join("limpid", path)] : [],
  );
}
let own: string[] | undefined;

/** Paths below what `text` begins with, as it is written: `./da` gives `./data.csv`; none for what is no path. */
export function pathsFor(folder: string, text: string): string[] {
  if (!/^\.{0,2}\//.test(text)) return [];
  const written = text.slice(0, text.lastIndexOf("/") + 1);
  try {
    return readdirSync(resolve(folder, written), { withFileTypes: true })
      .filter(({ name }) => !name.startsWith(".") && name !== "node_modules")
      .map((entry) => `${written}${entry.name}${entry.isDirectory() ? "/" : ""}`);
  } catch {
    return [];
  }
}

/** Modules that are no files beside the notebook, where the code before the quote imports. */
export function modulesFor(before: string): readonly string[] {
  if (!/(\bfrom|\bimport|\bimport\s*\(|\brequire\s*\()\s*["'`]$/.test(before)) return [];
  own ??= ownModules();
  return own;
}
