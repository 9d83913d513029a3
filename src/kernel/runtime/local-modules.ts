import { existsSync, statSync } from "node:fs";
import { register } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const TYPESCRIPT = /\.m?ts$/;
let hooked = false;

/**
 * URL of a module that lies beside the notebook. It carries the time of the file's last change, so that a cell which
 * is run again after an edit gets the new module. TypeScript modules are compiled on the way.
 */
export function localModule(folder: string, specifier: string): string {
  const path = sourceOf(resolve(folder, specifier));
  if (!existsSync(path)) return pathToFileURL(path).href;
  if (TYPESCRIPT.test(path) && !hooked) {
    register("./typescript-hooks.js", import.meta.url);
    hooked = true;
  }
  const url = pathToFileURL(path);
  url.searchParams.set("changed", String(statSync(path).mtimeMs));
  return url.href;
}

/** The TypeScript file that is meant when a module is imported by the name of its output, as TypeScript has it. */
export function sourceOf(path: string): string {
  if (existsSync(path)) return path;
  const typescript = path.replace(/\.([cm]?)js$/, ".$1ts");
  return typescript !== path && existsSync(typescript) ? typescript : path;
}
