import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { HOST_PYTHON, IS_CLONE, pythonProgram, ROOT, SHARE, VENV } from "./paths.mjs";
import { SetupError } from "./process.mjs";

/** Where the notebooks of this package are copied to: what is done in them is the reader's. */
const COPIES = resolve(process.env.LIMPID_NOTEBOOKS || (IS_CLONE ? join(ROOT, "work") : "limpid-notebooks"));

export const LAB_HELP = `limpid lab [FOLDER] [--port N] [--no-browser]

Opens JupyterLab on FOLDER, after setting up what is missing. Without FOLDER it opens the index of Limpid's
notebooks, in a copy: ${COPIES} (LIMPID_NOTEBOOKS names another folder).
  --port N       listen on this port, and on no other (default: 8888, or the next free one)
  --no-browser   print the address instead of opening a browser`;

/** Reads the options of \`limpid lab\`. Throws a SetupError that names the option that is wrong. */
export function labOptions(argv) {
  let parsed;
  try {
    parsed = parseArgs({
      args: argv,
      allowPositionals: true,
      options: { port: { type: "string" }, "no-browser": { type: "boolean" }, help: { type: "boolean", short: "h" } },
    });
  } catch (error) {
    throw new SetupError(error.message, "limpid lab --help lists the options");
  }
  const { values, positionals } = parsed;
  const port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && !(Number.isInteger(port) && port >= 1 && port <= 65535)) {
    throw new SetupError(`--port ${values.port} is not a port.`, "Give a whole number from 1 to 65535");
  }
  if (positionals.length > 1) throw new SetupError(`limpid lab takes one folder, not ${positionals.length}.`);
  const folder = positionals[0] === undefined ? undefined : resolve(positionals[0]);
  if (folder !== undefined && !statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new SetupError(`${positionals[0]} is no folder.`, "Give the folder in which your notebooks lie");
  }
  return { help: values.help ?? false, port, browser: !values["no-browser"], folder };
}

/** What is opened first: it leads to all others. */
const INDEX = "README.ipynb";

/** Copies the notebooks of this package that are not there yet. */
function copyNotebooks() {
  const names = readdirSync(join(ROOT, "notebooks")).filter((name) => name.endsWith(".ipynb"));
  mkdirSync(COPIES, { recursive: true });
  for (const name of names) {
    if (!existsSync(join(COPIES, name))) cpSync(join(ROOT, "notebooks", name), join(COPIES, name));
  }
  console.log(`Limpid's notebooks are copied to ${COPIES}; one that you delete there is copied anew.`);
}

/** What JupyterLab starts with here where its user has not chosen otherwise: it asks nothing and looks for no news. */
const settings = {
  "@jupyterlab/apputils-extension:notification": { fetchNews: "false", checkForUpdates: false },
};

function writeSettings() {
  // The settings of a Jupyter that was there before are not ours.
  if (HOST_PYTHON) return;
  const file = join(VENV, "share", "jupyter", "lab", "settings", "overrides.json");
  const text = `${JSON.stringify(settings, null, 2)}\n`;
  if (existsSync(file) && readFileSync(file, "utf8") === text) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** What JupyterLab and the kernels that it starts find in their environment. */
function environment() {
  const { PATH, JUPYTER_PATH } = process.env;
  if (HOST_PYTHON) return process.env;
  const env = { ...process.env, VIRTUAL_ENV: VENV, JUPYTER_PREFER_ENV_PATH: "1" };
  if (IS_CLONE) return env;
  // The packed kernelspec asks for the Node on the PATH, and .venv belongs to all folders in which Limpid is installed.
  env.PATH = [dirname(process.execPath), PATH].filter(Boolean).join(delimiter);
  env.JUPYTER_PATH = [SHARE, JUPYTER_PATH].filter(Boolean).join(delimiter);
  return env;
}

/**
 * JupyterLab, which by itself prints its address and opens the browser before it listens: it binds in a callback of its loop. What prints
 * and opens is put behind that one.
 */
const LISTEN_FIRST = `
import sys
from jupyter_server.serverapp import ServerApp
from jupyterlab.labapp import main
start_app = ServerApp.start_app
ServerApp.start_app = lambda app: app.io_loop.add_callback(start_app, app)
sys.argv[0] = "jupyter-lab"
sys.exit(main())
`;

/** Runs JupyterLab on 127.0.0.1 with its token until it ends; resolves to its exit status. */
export function openLab({ port, browser, folder }) {
  if (folder === undefined) copyNotebooks();
  writeSettings();
  const args = [
    "--ServerApp.ip=127.0.0.1",
    `--ServerApp.root_dir=${folder ?? COPIES}`,
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--MultiKernelManager.default_kernel_name=limpid",
  ];
  if (folder === undefined) args.push(`--LabApp.default_url=/lab/tree/${INDEX}`);
  if (port !== undefined) args.push(`--ServerApp.port=${port}`, "--ServerApp.port_retries=0");
  if (!browser) args.push("--no-browser");
  if (process.getuid?.() === 0) args.push("--allow-root");
  const child = spawn(pythonProgram(), ["-c", LISTEN_FIRST, ...args], { stdio: "inherit", env: environment() });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  return new Promise((done, fail) => {
    child.on("error", fail);
    child.on("close", (code) => done(code ?? 1));
  });
}
