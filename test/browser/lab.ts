import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { access, cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from "playwright-core";
import { freePorts } from "../helpers/ports.js";

/** The folder of this package; compiled tests run from build/test/browser. */
export const ROOT = join(import.meta.dirname, "..", "..", "..");
export const SCREENSHOTS = join(ROOT, "test-output");

const STARTING = 60_000;
const CELL = 120_000;

/** A cell of a notebook that a test writes. */
interface Cell {
  type: "code" | "markdown";
  source: string;
}

/** A real JupyterLab with this package's kernel and extension, and a headless Chromium. Everything ends with `close`. */
export interface Lab {
  readonly browser: Browser;
  /** Where notebooks lie; removed at the end. */
  readonly folder: string;
  /** Writes a notebook for the kernel `limpid`. */
  write(name: string, cells: (string | Cell)[]): Promise<void>;
  open(name: string, look?: Look): Promise<Notebook>;
  close(): Promise<void>;
}

interface Look {
  width?: number;
  height?: number;
  theme?: "light" | "dark";
  /** What is done to the page before it loads. */
  prepare?: (page: Page) => Promise<unknown>;
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

/** What `npm test` drives: scripts are not compiled, so their module is found from the package's folder. */
async function browserProgram(): Promise<string> {
  const file = pathToFileURL(join(ROOT, "scripts", "setup", "browser.mjs")).href;
  const { testBrowser } = (await import(file)) as { testBrowser(): Promise<string> };
  return testBrowser();
}

/** A headless Chromium; who asks closes it. */
export async function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: await browserProgram(),
    args: [
      ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"],
      ...["--disable-background-networking", "--disable-component-update"],
    ],
  });
}

/** Starts JupyterLab on a random port with a token, over a folder of its own; a copy of `notebooks/` lies in it. */
export async function startLab(): Promise<Lab> {
  const folder = await mkdtemp(join(tmpdir(), "limpid-lab-"));
  const work = join(folder, "work");
  await mkdir(work);
  await cp(join(ROOT, "notebooks"), work, { recursive: true });
  const [port] = await freePorts(1);
  const token = randomBytes(16).toString("hex");
  const log: string[] = [];
  const program = join(ROOT, ".venv", "bin", "jupyter-lab");
  await access(program);
  const settings = ["config", "data", "runtime", "settings", "workspaces"].map((name) => join(folder, name));
  await writeSettings(settings[3]!);
  const server = spawn(
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
  for (const stream of [server.stdout, server.stderr]) stream.on("data", (text: Buffer) => log.push(String(text)));
  const stop = async () => {
    if (server.exitCode === null) {
      // Jupyter ends its kernels when it is asked to end.
      const ended = once(server, "exit");
      server.kill("SIGTERM");
      const late = setTimeout(() => server.kill("SIGKILL"), 15_000);
      await ended;
      clearTimeout(late);
    }
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await answers(`http://127.0.0.1:${port}/api/status?token=${token}`, server, log);
    const browser = await startBrowser();
    return {
      browser,
      folder: work,
      write: (name, cells) => writeFile(join(work, name), JSON.stringify(notebookFile(cells))),
      open: (name, look) => openNotebook(browser, `http://127.0.0.1:${port}`, token, name, look),
      async close() {
        await browser.close();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** No question about news, and no first-start pop-ups over what a picture is to show. */
async function writeSettings(folder: string): Promise<void> {
  const extension = join(folder, "@jupyterlab", "apputils-extension");
  await mkdir(extension, { recursive: true });
  const notification = { fetchNews: "false", checkForUpdates: false };
  await writeFile(join(extension, "notification.jupyterlab-settings"), JSON.stringify(notification));
}

function notebookFile(cells: (string | Cell)[]) {
  return {
    cells: cells
      .map((cell): Cell => (typeof cell === "string" ? { type: "code", source: cell } : cell))
      .map(({ type, source }, index) => ({
        id: `cell-${index}`,
        cell_type: type,
        metadata: {},
        source,
        ...(type === "code" && { outputs: [], execution_count: null }),
      })),
    metadata: {
      kernelspec: { name: "limpid", display_name: "Limpid (TypeScript)", language: "typescript" },
      language_info: { name: "typescript" },
    },
    nbformat: 4,
    nbformat_minor: 5,
  };
}

/** What JupyterLab puts on its window when it is told to. */
interface Jupyter {
  jupyterapp: {
    commands: { execute(id: string, options?: object): unknown };
    shell: {
      currentWidget?: {
        sessionContext?: {
          session?: { kernel?: { connectionStatus: string; status: string; restart(): Promise<void> } };
        };
      };
    };
  };
}

/** A notebook in a page of its own. */
export class Notebook {
  /** What the page wrote to its console as errors. */
  readonly errors: string[] = [];

  constructor(
    readonly page: Page,
    private readonly context: BrowserContext,
    private readonly server: { url: string; token: string; name: string },
  ) {
    page.on("pageerror", (error) => this.errors.push(String(error.stack ?? error)));
  }

  get panel(): Locator {
    return this.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)");
  }

  codeCell(index: number): Locator {
    return this.panel.locator(".jp-CodeCell").nth(index);
  }

  /** The outputs of a code cell, counted from 0 without the text cells. */
  output(index: number): Locator {
    return this.codeCell(index).locator(".jp-OutputArea-output");
  }

  widget(kind: "explorer" | "flipping" | "heatmap" | "shattered", index = 0): Locator {
    return this.panel.locator(`.limpid-${kind}`).nth(index);
  }

  /** Opens the notebook's page, again or for the first time, and waits for its kernel. */
  async load(): Promise<void> {
    const { url, token, name } = this.server;
    await this.page.goto(`${url}/lab/tree/${encodeURIComponent(name)}?token=${token}&reset`);
    await this.panel.locator(".jp-Cell").first().waitFor({ timeout: STARTING });
    if (await this.page.locator("#jp-left-stack").isVisible()) await this.command("application:toggle-left-area");
    await this.kernelIdle();
  }

  /** Waits until the notebook's kernel is there and has nothing to do. */
  private async kernelIdle(): Promise<void> {
    await this.page.waitForFunction(
      () => {
        const { shell } = (window as unknown as Jupyter).jupyterapp;
        const kernel = shell.currentWidget?.sessionContext?.session?.kernel;
        return kernel?.connectionStatus === "connected" && kernel.status === "idle";
      },
      undefined,
      { timeout: STARTING },
    );
  }

  /** Restarts the kernel, as the menu does once its question is answered. */
  async restart(): Promise<void> {
    await this.page.evaluate(async () => {
      const { shell } = (window as unknown as Jupyter).jupyterapp;
      await shell.currentWidget?.sessionContext?.session?.kernel?.restart();
    });
    await this.kernelIdle();
  }

  /** Runs every cell and waits until none is left: each has its number, or an error stopped them. */
  async runAll(): Promise<void> {
    await this.start();
    await this.settled();
  }

  /** Starts running every cell. */
  async start(): Promise<void> {
    await this.page.evaluate(
      () => void (window as unknown as Jupyter).jupyterapp.commands.execute("notebook:run-all-cells"),
    );
  }

  /** Runs one of JupyterLab's commands and waits for its end. */
  async command(id: string, options: Record<string, string> = {}): Promise<void> {
    await this.page.evaluate(
      async ([id, options]) => {
        await (window as unknown as Jupyter).jupyterapp.commands.execute(id, options);
      },
      [id, options] as const,
    );
  }

  /** Changes JupyterLab's theme. */
  async theme(theme: "light" | "dark"): Promise<void> {
    await this.command("apputils:change-theme", { theme: theme === "dark" ? "JupyterLab Dark" : "JupyterLab Light" });
    await this.page.locator(`body[data-jp-theme-light='${theme === "light"}']`).waitFor({ state: "attached" });
    // Lies over the page while style sheets load, and fades after.
    await this.page.locator("#jupyterlab-splash").waitFor({ state: "detached" });
  }

  /** Waits until no cell runs or waits for its turn. */
  async settled(): Promise<void> {
    await this.page.waitForFunction(
      () => {
        const prompts = document.querySelectorAll(
          ".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell .jp-InputArea-prompt",
        );
        return prompts.length > 0 && [...prompts].every((prompt) => !prompt.textContent?.includes("*"));
      },
      undefined,
      { timeout: CELL },
    );
  }

  /** Keeps a picture for a person to look at. */
  async picture(name: string, of: Locator | Page = this.page): Promise<void> {
    await mkdir(SCREENSHOTS, { recursive: true });
    await of.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
  }

  /** Ends the kernel and closes the page. */
  async close(): Promise<void> {
    const { url, token } = this.server;
    const headers = { authorization: `token ${token}` };
    const sessions = (await (await fetch(`${url}/api/sessions`, { headers })).json()) as { id: string; path: string }[];
    for (const { id, path } of sessions) {
      if (path === this.server.name) await fetch(`${url}/api/sessions/${id}`, { method: "DELETE", headers });
    }
    await this.context.close();
  }
}

async function openNotebook(
  browser: Browser,
  url: string,
  token: string,
  name: string,
  { width = 1280, height = 900, theme = "light", prepare }: Look = {},
): Promise<Notebook> {
  const context = await browser.newContext({ viewport: { width, height } });
  const page = await context.newPage();
  const notebook = new Notebook(page, context, { url, token, name });
  await prepare?.(page);
  await notebook.load();
  await notebook.theme(theme);
  return notebook;
}

/** A number that differs when the pixels of a canvas do. */
export function fingerprint(canvas: Locator): Promise<number> {
  return canvas.evaluate((element) => {
    const { width, height } = element as HTMLCanvasElement;
    const pixels = (element as HTMLCanvasElement).getContext("2d")!.getImageData(0, 0, width, height).data;
    let hash = 0x811c9dc5; // FNV-1a
    for (const byte of pixels) hash = Math.imul(hash ^ byte, 0x01000193);
    return hash;
  });
}
