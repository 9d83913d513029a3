import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of this package. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** Whether this is a working copy of the sources, and not what npm installed. */
export const IS_CLONE = existsSync(join(ROOT, "tsconfig.json"));

const windows = process.platform === "win32";

/** The user's folder for what can be made again: it is shared by all folders in which Limpid is installed. */
function userCache() {
  const { LIMPID_CACHE, XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (LIMPID_CACHE) return LIMPID_CACHE;
  if (windows) return join(LOCALAPPDATA ?? join(homedir(), "AppData", "Local"), "limpid");
  if (process.platform === "darwin") return join(homedir(), "Library", "Caches", "limpid");
  return join(XDG_CACHE_HOME || join(homedir(), ".cache"), "limpid");
}

/** Where downloads and other things that can be made again are kept: in the clone, or where an installed package may write. */
export const CACHE = IS_CLONE ? join(ROOT, ".limpid") : userCache();

/** npm's program. */
export const npm = windows ? "npm.cmd" : "npm";

/** The Python whose Jupyter serves in place of a private one: the one that brought Limpid as a wheel. */
export const HOST_PYTHON = IS_CLONE ? undefined : process.env.LIMPID_HOST_PYTHON;

/** The private Python environment. */
export const VENV = IS_CLONE ? join(ROOT, ".venv") : join(CACHE, "venv");

/** Jupyter's files of this package, as they lie below any `share/jupyter`. */
export const SHARE = join(ROOT, "share", "jupyter");

/** The command that mends what is missing. */
export const SETUP = IS_CLONE ? "npm run setup" : HOST_PYTHON ? "limpid setup" : "npx limpid setup";

/** The command that opens the notebooks. */
export const START = IS_CLONE ? "npm start" : HOST_PYTHON ? "limpid lab" : "npx limpid lab";

/** A program of the private Python environment. */
export function venvProgram(name) {
  return windows ? join(VENV, "Scripts", `${name}.exe`) : join(VENV, "bin", name);
}

/** The Python that starts JupyterLab and fetches TensorFlow's wheel. */
export const pythonProgram = () => HOST_PYTHON ?? venvProgram("python");

/** The folder of an installed package, beside this one or above it; undefined where there is none. */
export function packageFolder(name) {
  const places = createRequire(join(ROOT, "package.json")).resolve.paths(name) ?? [];
  return places.map((place) => join(place, name)).find((folder) => existsSync(join(folder, "package.json")));
}
