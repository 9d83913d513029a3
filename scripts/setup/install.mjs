import { createHash } from "node:crypto";
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { built } from "./extension.mjs";
import { findJupyters, inWords, jupyterOf, troubles, userData } from "./jupyter.mjs";
import { ownKernelJson, SPEC } from "./kernelspec.mjs";
import { ROOT } from "./paths.mjs";
import { SetupError } from "./process.mjs";

const { version } = createRequire(import.meta.url)(join(ROOT, "package.json"));

export const INSTALL_HELP = `limpid install --user | --sys-prefix | --prefix DIR   [--python PROGRAM]
limpid uninstall [--user | --sys-prefix | --prefix DIR]

Puts Limpid's kernel and widgets into a Jupyter that is already there, or takes them out again.
  --user            for all Jupyters of this user
  --sys-prefix      for the Jupyter of one Python environment alone: the active one, else that of \`jupyter\`
  --prefix DIR      below DIR/share/jupyter
  --python PROGRAM  the Python whose Jupyter is meant`;

/** What was put in, file by file with its SHA-256, beside the kernelspec. */
const RECORD = join("kernels", "limpid", "limpid-install.json");
const FOLDERS = [join("kernels", "limpid"), join("labextensions", "limpid")];

/** Reads the options of `limpid install` and `limpid uninstall`; `where` is undefined where none is given. */
export function installOptions(argv) {
  let values;
  try {
    ({ values } = parseArgs({
      args: argv,
      options: {
        user: { type: "boolean" },
        "sys-prefix": { type: "boolean" },
        prefix: { type: "string" },
        python: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    }));
  } catch (error) {
    throw new SetupError(error.message, "limpid install --help lists the options");
  }
  const given = ["user", "sys-prefix", "prefix"].filter((name) => values[name] !== undefined);
  if (given.length > 1) throw new SetupError(`--${given.join(" and --")} are given: one place at a time.`);
  return { help: values.help ?? false, where: given[0], prefix: values.prefix, python: values.python };
}

/** The folder `share/jupyter` that is meant, and the Jupyter that looks there, where one was found. */
function target({ where, prefix, python }) {
  const jupyter = python === undefined ? findJupyters()[0] : jupyterOf(python);
  if (where === "prefix") return { folder: join(resolve(prefix), "share", "jupyter"), jupyter };
  if (where === "user") return { folder: jupyter?.data ?? userData(), jupyter };
  if (jupyter === undefined) {
    throw new SetupError(
      "No Jupyter was found: neither in an active environment, nor on the PATH.",
      "Activate its environment, or name its Python: --python PROGRAM",
    );
  }
  return { folder: join(jupyter.prefix, "share", "jupyter"), jupyter };
}

/** Puts kernel and widgets into the Jupyter that the options mean. */
export function install(options, log = console.log) {
  if (options.where === undefined) {
    const found = findJupyters().map((jupyter) => `\n  ${inWords(jupyter)}`);
    throw new SetupError(
      `Into which Jupyter?${found.length > 0 ? ` Found:${found.join("")}` : " None was found."}`,
      "Give --user, --sys-prefix or --prefix DIR; limpid install --help says what they mean",
    );
  }
  const { folder, jupyter } = target(options);
  const before = recordIn(folder);
  if (before) takeOut(folder, before);
  for (const name of FOLDERS) {
    if (lstatSync(join(folder, name), { throwIfNoEntry: false })) {
      throw new SetupError(
        `${join(folder, name)} is there already, and limpid install did not put it there.`,
        "Where pip did: pip uninstall limpid. Else look at it and remove it",
      );
    }
  }
  try {
    const contents = toPutIn();
    const files = Object.fromEntries(Object.entries(contents).map(([file, content]) => [file, sha256(content)]));
    // First of all, so that what was put in before a failure can be taken out.
    put(join(folder, RECORD), `${JSON.stringify({ version, package: ROOT, files }, null, 2)}\n`);
    for (const [file, content] of Object.entries(contents)) put(join(folder, file), content);
  } catch (error) {
    if (!error.code) throw error;
    throw new SetupError(`${folder} cannot be written: ${error.message}`, "Choose another place, such as --user");
  }
  log(`Limpid ${version} is in ${folder}:`);
  log(`  kernel   ${FOLDERS[0]}, which starts ${process.execPath} and ${ROOT}`);
  log(`  widgets  ${FOLDERS[1]}, for JupyterLab 4 and Notebook 7`);
  if (jupyter) {
    log(`  for      ${inWords(jupyter)}`);
    for (const [trouble, mend] of troubles(jupyter)) log(`✗ ${trouble}\n    mend: ${mend}`);
    if (options.where === "prefix" && !jupyter.path.includes(folder)) {
      log(`  That Jupyter does not look there by itself: set JUPYTER_PATH=${folder}`);
    }
  }
  log("Open notebooks need a reload. To take it out: limpid uninstall");
}

/** What is put in, by its path below `share/jupyter`. */
function toPutIn() {
  const contents = {};
  for (const [name, from] of [
    [FOLDERS[0], SPEC],
    [FOLDERS[1], built],
  ]) {
    for (const file of filesBelow(from)) contents[join(name, file)] = readFileSync(join(from, file));
  }
  contents[join(FOLDERS[0], "kernel.json")] = ownKernelJson();
  const mark = { packageManager: "npm", packageName: "limpid", uninstallInstructions: "Run: limpid uninstall" };
  contents[join(FOLDERS[1], "install.json")] = `${JSON.stringify(mark, null, 2)}\n`;
  return contents;
}

/** Takes out what `install` put in; without a place, where it finds it. */
export function uninstall(options, log = console.log) {
  const folders = options.where === undefined ? installedFolders() : [target(options).folder];
  if (folders.length > 1) {
    throw new SetupError(
      `Limpid is in several places:${folders.map((folder) => `\n  ${folder}`).join("")}`,
      "Say which: --user, --sys-prefix or --prefix DIR",
    );
  }
  const record = folders[0] && recordIn(folders[0]);
  if (!record) {
    throw new SetupError(
      `Nothing that limpid install put in was found${folders[0] ? ` in ${folders[0]}` : ""}.`,
      "limpid doctor says where Limpid is",
    );
  }
  const kept = takeOut(folders[0], record);
  log(`Limpid ${record.version} was taken out of ${folders[0]}.`);
  for (const file of kept) log(`  kept: ${join(folders[0], file)}, which was changed or is not ours`);
  return kept.length === 0;
}

/** Removes the files of a record that are as they were put in, and the folders that are empty then. Returns what is left. */
function takeOut(folder, { files }) {
  for (const [file, hash] of Object.entries(files)) {
    if (isAsPutIn(join(folder, file), hash)) rmSync(join(folder, file));
  }
  rmSync(join(folder, RECORD));
  const left = [];
  for (const name of FOLDERS) {
    const below = join(folder, name);
    if (!existsSync(below)) continue;
    left.push(...filesBelow(below).map((file) => join(name, file)));
    removeEmpty(below);
  }
  return left;
}

function removeEmpty(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeEmpty(join(folder, entry.name));
  }
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}

/** Folders `share/jupyter` of the Jupyters that are found, and of the user, into which Limpid was put. */
export function installedFolders(jupyters = findJupyters()) {
  const folders = jupyters.flatMap(({ path, prefix }) => [...path, join(prefix, "share", "jupyter")]);
  const named = (process.env.JUPYTER_PATH ?? "").split(delimiter).filter(Boolean);
  return [...new Set([userData(), ...named, ...folders])].filter((folder) => existsSync(join(folder, RECORD)));
}

/** What is wrong with what was put into a folder: [trouble, mend]. */
export function checkInstalled(folder) {
  const record = recordIn(folder);
  const again = "limpid install there again";
  const found = [];
  if (record.version !== version) found.push([`it is version ${record.version}, this is ${version}`, again]);
  const broken = Object.entries(record.files).filter(([file, hash]) => !isAsPutIn(join(folder, file), hash));
  if (broken.length > 0) found.push([`${broken[0][0]} is missing or was changed`, again]);
  const spec = join(folder, FOLDERS[0], "kernel.json");
  const [node, kernel] = existsSync(spec) ? JSON.parse(readFileSync(spec, "utf8")).argv : [];
  for (const file of [node, kernel]) {
    if (file && !existsSync(file)) found.push([`its kernel starts ${file}, which is gone`, again]);
  }
  return found;
}

/** The record in a folder `share/jupyter`; undefined where there is none. */
export function recordIn(folder) {
  const file = join(folder, RECORD);
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1))
    .sort();
}

function put(file, content) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

const sha256 = (content) => createHash("sha256").update(content).digest("hex");

const isAsPutIn = (file, hash) => existsSync(file) && sha256(readFileSync(file)) === hash;
