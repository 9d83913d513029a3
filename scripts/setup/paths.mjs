import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of this package. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** Where downloads and other things that can be made again are kept. */
export const CACHE = join(ROOT, ".limpid");

/** The private Python environment. */
export const VENV = join(ROOT, ".venv");

const windows = process.platform === "win32";

/** A program of the private Python environment. */
export function venvProgram(name) {
  return windows ? join(VENV, "Scripts", `${name}.exe`) : join(VENV, "bin", name);
}
