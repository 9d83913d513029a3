import { accessSync, constants, existsSync, readFileSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { basename, delimiter, dirname, join } from "node:path";
import { HOST_PYTHON, VENV } from "./paths.mjs";
import { SetupError, tryProgram } from "./process.mjs";

const windows = process.platform === "win32";

/** What a Python says of the Jupyter that it holds. */
const QUESTION = `import json, sys
from importlib import metadata
def version(name):
    try:
        return metadata.version(name)
    except Exception:
        return None
try:
    from jupyter_core.paths import jupyter_data_dir, jupyter_path
    data, path = jupyter_data_dir(), jupyter_path()
except Exception:
    data, path = None, []
names = ["jupyter_core", "jupyterlab", "notebook", "jupyterlab_widgets", "ipywidgets", "limpid"]
print(json.dumps({"python": sys.executable, "prefix": sys.prefix, "data": data, "path": path, "versions": {name: version(name) for name in names}}))`;

/**
 * A Jupyter: `python` runs it, its packages lie below `prefix`, `data` is its user's folder for data, `path` all folders in which it
 * looks for kernels and extensions. \`versions\` holds those of the packages that matter here, null where one is missing.
 *
 * @returns undefined where `python` is none or does not run.
 */
function ask(python) {
  const answer = tryProgram(python, ["-c", QUESTION], { cwd: process.cwd() });
  return answer === undefined ? undefined : JSON.parse(answer.split("\n").at(-1));
}

const pythonOf = (prefix) => (windows ? join(prefix, "python.exe") : join(prefix, "bin", "python"));

/** The Python of a script like `jupyter`: its first lines name it; on Windows it lies one folder above. */
function pythonBehind(script) {
  if (windows) return [join(dirname(script), "python.exe"), join(dirname(script), "..", "python.exe")].find(existsSync);
  const start = readFileSync(script, "latin1").slice(0, 500);
  return /^#!.*?(\/[^\s"']*python[\d.]*)\s*$/m.exec(start)?.[1] ?? /"(\/[^"]*python[\d.]*)"/.exec(start)?.[1];
}

function programsOnPath(name) {
  const names = windows ? [`${name}.exe`] : [name];
  return (process.env.PATH ?? "")
    .split(delimiter)
    .filter(Boolean)
    .flatMap((folder) => names.map((file) => join(folder, file)))
    .filter((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** The Jupyters of this machine that can be found: of the active environment, behind `jupyter` on the PATH, of `python3`; not Limpid's own. */
export function findJupyters() {
  const { VIRTUAL_ENV, CONDA_PREFIX } = process.env;
  const candidates = [
    HOST_PYTHON,
    ...[VIRTUAL_ENV, CONDA_PREFIX].filter(Boolean).map(pythonOf),
    ...programsOnPath("jupyter").map(pythonBehind),
    ...["python3", "python"].flatMap(programsOnPath),
  ];
  const found = new Map();
  for (const python of new Set(candidates.filter(Boolean))) {
    const jupyter = ask(python);
    if (!jupyter?.versions.jupyter_core || isSame(jupyter.prefix, VENV) || found.has(jupyter.prefix)) continue;
    found.set(jupyter.prefix, jupyter);
  }
  return [...found.values()];
}

const isSame = (a, b) => existsSync(a) && existsSync(b) && realpathSync(a) === realpathSync(b);

/** The Jupyter of the Python that is named. */
export function jupyterOf(python) {
  const jupyter = ask(python);
  if (jupyter === undefined) throw new SetupError(`--python ${python} is no Python that runs.`);
  return jupyter;
}

/** Where Jupyter keeps a user's data where no Jupyter can be asked. */
export function userData() {
  const { JUPYTER_DATA_DIR, APPDATA, XDG_DATA_HOME } = process.env;
  if (JUPYTER_DATA_DIR) return JUPYTER_DATA_DIR;
  if (windows) return join(APPDATA ?? join(homedir(), "AppData", "Roaming"), "jupyter");
  if (process.platform === "darwin") return join(homedir(), "Library", "Jupyter");
  return join(XDG_DATA_HOME || join(homedir(), ".local", "share"), "jupyter");
}

/** A Jupyter in one line. */
export function inWords({ python, versions }) {
  const named = ["jupyterlab", "notebook"].filter((name) => versions[name]).map((name) => `${name} ${versions[name]}`);
  return `${named.length > 0 ? named.join(", ") : "neither JupyterLab nor Notebook"} of ${python}`;
}

const major = (version) => Number(/^\d+/.exec(version)?.[0]);

/** What keeps widgets from showing in a Jupyter, with what mends it; a notebook without widgets runs anyway. */
export function troubles({ python, versions }) {
  const { jupyterlab, notebook, jupyterlab_widgets: manager } = versions;
  const pip = `${basename(python).startsWith("python") ? python : "python"} -m pip install`;
  const found = [];
  if (!jupyterlab && !notebook) found.push(["there is neither JupyterLab nor Notebook", `${pip} jupyterlab`]);
  if (jupyterlab && major(jupyterlab) < 4)
    found.push([`JupyterLab ${jupyterlab} is older than 4`, `${pip} -U jupyterlab`]);
  if (notebook && major(notebook) < 7) found.push([`Notebook ${notebook} is older than 7`, `${pip} -U notebook`]);
  if (!manager) found.push(["jupyterlab_widgets, which shows widgets, is missing", `${pip} "jupyterlab_widgets~=3.0"`]);
  else if (major(manager) !== 3) {
    found.push([
      `jupyterlab_widgets ${manager} speaks another protocol than Limpid's widgets, which need 3`,
      `${pip} "jupyterlab_widgets~=3.0"`,
    ]);
  }
  return found;
}
