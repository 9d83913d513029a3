import { spawn } from "node:child_process";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { ROOT, VENV, venvProgram } from "./paths.mjs";
import { SetupError } from "./process.mjs";

export const LAB_HELP = `limpid lab [FOLDER] [--port N] [--no-browser]

Opens JupyterLab on FOLDER (default: the notebooks of this package), after setting up what is missing.
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
  const folder = positionals[0] ? resolve(positionals[0]) : join(ROOT, "notebooks");
  return { help: values.help ?? false, port, browser: !values["no-browser"], folder };
}

/** Runs JupyterLab on 127.0.0.1 with its token until it ends; resolves to its exit status. */
export function openLab({ port, browser, folder }) {
  const args = [
    "--ServerApp.ip=127.0.0.1",
    `--ServerApp.root_dir=${folder}`,
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--MultiKernelManager.default_kernel_name=limpid",
  ];
  if (port !== undefined) args.push(`--ServerApp.port=${port}`, "--ServerApp.port_retries=0");
  if (!browser) args.push("--no-browser");
  if (process.getuid?.() === 0) args.push("--allow-root");
  const env = { ...process.env, VIRTUAL_ENV: VENV, JUPYTER_PREFER_ENV_PATH: "1" };
  const child = spawn(venvProgram("jupyter-lab"), args, { stdio: "inherit", env });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  return new Promise((done, fail) => {
    child.on("error", fail);
    child.on("close", (code) => done(code ?? 1));
  });
}
