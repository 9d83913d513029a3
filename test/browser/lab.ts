import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from "playwright-core";
import { type Address, endKernels, ROOT, startServer } from "./server.js";

export { ROOT } from "./server.js";
export const SCREENSHOTS = join(ROOT, "test-output");

/** Milliseconds after which what does not come is missing: of a page beside others on a busy machine. */
export const WAIT = 120_000;
const CELL = 300_000;

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

/** The server that `npm test` has started for all files; undefined where a file is run alone. */
async function sharedServer(): Promise<Address | undefined> {
  const file = process.env["LIMPID_TEST_LAB"];
  return file === undefined ? undefined : (JSON.parse(await readFile(file, "utf8")) as Address);
}

/**
 * A Chromium, and JupyterLab with a folder of its own in which a copy of `notebooks/` lies: the server that `npm test` has started for
 * all files, or, where a file is run alone, a new one on a random port with a token.
 */
export async function startLab(): Promise<Lab> {
  const shared = await sharedServer();
  const own = shared === undefined ? await startServer() : undefined;
  const address = shared ?? own!.address;
  let browser: Browser | undefined;
  try {
    const started = await startBrowser();
    browser = started;
    const name = basename(process.argv[1] ?? "lab", ".test.js");
    const folder = join(address.folder, name);
    await cp(join(ROOT, "notebooks"), folder, { recursive: true });
    return {
      browser: started,
      folder,
      write: (file, cells) => writeFile(join(folder, file), JSON.stringify(notebookFile(cells))),
      open: (file, look) => openNotebook(started, { ...address, path: `${name}/${file}` }, look),
      async close() {
        await started.close();
        await endKernels(address, name);
        await rm(folder, { recursive: true, force: true });
        await own?.close();
      },
    };
  } catch (error) {
    await browser?.close();
    await own?.close();
    throw error;
  }
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
  /** The theme that was chosen: the server, which keeps one for all, may start the page in another. */
  private chosen: "light" | "dark" | undefined;

  constructor(
    readonly page: Page,
    private readonly context: BrowserContext,
    private readonly server: Address & { path: string },
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

  widget(
    kind:
      | "concept-explorer"
      | "explorer"
      | "flipping"
      | "heatmap"
      | "inversion"
      | "shattered"
      | "strategy-map"
      | "unit-page",
    index = 0,
  ): Locator {
    return this.panel.locator(`.limpid-${kind}`).nth(index);
  }

  /** Opens the notebook's page, again or for the first time, and waits for its kernel. */
  async load(): Promise<void> {
    const { url, token, path } = this.server;
    // Of a workspace of its own: another page's is restored in none.
    const place = `${url}/lab/workspaces/${crypto.randomUUID()}/tree/${encodeURI(path)}`;
    await this.page.goto(`${place}?token=${token}`);
    await this.panel.locator(".jp-Cell").first().waitFor();
    if (await this.page.locator("#jp-left-stack").isVisible()) await this.command("application:toggle-left-area");
    await this.kernelIdle();
    if (this.chosen !== undefined) await this.theme(this.chosen);
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
      { timeout: WAIT },
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

  /** Runs every cell and waits until none is left: each has its number, or an error stopped them. Questions get their first answer. */
  async runAll(): Promise<void> {
    await this.page.evaluate(() => {
      setInterval(() => {
        for (const asked of document.querySelectorAll(".limpid-choice-waiting")) {
          asked.querySelector<HTMLButtonElement>(".limpid-choice-answer")?.click();
          asked.querySelector<HTMLButtonElement>(".limpid-primary")?.click();
        }
      }, 300);
    });
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
    this.chosen = theme;
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
    await endKernels(this.server, this.server.path);
    await this.context.close();
  }
}

async function openNotebook(
  browser: Browser,
  server: Address & { path: string },
  { width = 1280, height = 900, theme = "light", prepare }: Look = {},
): Promise<Notebook> {
  const context = await browser.newContext({ viewport: { width, height } });
  context.setDefaultTimeout(WAIT);
  const page = await context.newPage();
  const notebook = new Notebook(page, context, server);
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
