/** JupyterLab as a program that listens: `npm test` starts it once for all files of this folder, a file run alone its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { access, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "../helpers/ports.js";

/** The folder of this package; compiled tests run from build/test/browser. */
export const ROOT = join(import.meta.dirname, "..", "..", "..");

const STARTING = 60_000;

/** Where it is reached. */
export interface Address {
  url: string;
  token: string;
  /** What the server shows of the disk. */
  folder: string;
}

export interface Server {
  readonly address: Address;
  /** Whether it still runs. */
  isAlive(): boolean;
  close(): Promise<void>;
}

async function answers(url: string, server: ChildProcess, log: string[]): Promise<void> {
  const deadline = Date.now() + STARTING;
  for (;;) {
    if (server.exitCode !== null) throw new Error(`JupyterLab ended with ${server.exitCode}:\n${log.join("")}`);
    try {
      if ((await fetch(url)).ok) return;
    } catch {
      // Not listening yet.
    }
    if (Date.now() > deadline) throw new Error(`JupyterLab did not answer in time:\n${log.join("")}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Starts JupyterLab on a random port with a token over an empty folder. */
export async function startServer(): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), "limpid-lab-"));
  const work = join(folder, "work");
  await mkdir(work);
  const [port] = await freePorts(1);
  const token = randomBytes(16).toString("hex");
  const log: string[] = [];
  const program = join(ROOT, ".venv", "bin", "jupyter-lab");
  await access(program);
  const settings = ["config", "data", "runtime", "settings", "workspaces"].map((name) => join(folder, name));
  await writeSettings(settings[3]!);
  const jupyter = spawn(
    program,
    [
      ...["--no-browser", "--allow-root", "--ip=127.0.0.1", `--port=${port}`, "--ServerApp.port_retries=0"],
      ...[`--IdentityProvider.token=${token}`, `--ServerApp.root_dir=${work}`, "--LabApp.news_url=None"],
      ...["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate", "--LabApp.expose_app_in_browser=True"],
    ],
    {
      cwd: work,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        PATH: `${join(ROOT, ".venv", "bin")}:${process.env["PATH"]}`,
        JUPYTER_CONFIG_DIR: settings[0],
        JUPYTER_DATA_DIR: settings[1],
        JUPYTER_RUNTIME_DIR: settings[2],
        JUPYTERLAB_SETTINGS_DIR: settings[3],
        JUPYTERLAB_WORKSPACES_DIR: settings[4],
      },
    },
  );
  for (const stream of [jupyter.stdout, jupyter.stderr]) stream.on("data", (text: Buffer) => log.push(String(text)));
  const stop = async () => {
    if (jupyter.exitCode === null && jupyter.signalCode === null) {
      // Jupyter ends its kernels when it is asked to end.
      const ended = once(jupyter, "exit");
      jupyter.kill("SIGTERM");
      const late = setTimeout(() => jupyter.kill("SIGKILL"), 15_000);
      await ended;
      clearTimeout(late);
    }
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await answers(`http://127.0.0.1:${port}/api/status?token=${token}`, jupyter, log);
    return {
      address: { url: `http://127.0.0.1:${port}`, token, folder: work },
      isAlive: () => jupyter.exitCode === null && jupyter.signalCode === null,
      close: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Ends the kernels of a notebook, or of all in a folder, by its path from what the server shows. */
export async function endKernels({ url, token }: Address, at: string): Promise<void> {
  const headers = { authorization: `token ${token}` };
  const sessions = (await (await fetch(`${url}/api/sessions`, { headers })).json()) as { id: string; path: string }[];
  const own = sessions.filter(({ path }) => path === at || path.startsWith(`${at}/`));
  await Promise.all(own.map(({ id }) => fetch(`${url}/api/sessions/${id}`, { method: "DELETE", headers })));
}

/** No question about news, and no first-start pop-ups over what a picture is to show. */
async function writeSettings(folder: string): Promise<void> {
  const extension = join(folder, "@jupyterlab", "apputils-extension");
  await mkdir(extension, { recursive: true });
  const notification = { fetchNews: "false", checkForUpdates: false };
  await writeFile(join(extension, "notification.jupyterlab-settings"), JSON.stringify(notification));
}
