import type { JsonObject } from "../comms/message.js";
import { AbortedError } from "../explainers/progress.js";
import { CellOutputs, type SharedDisplays } from "./cell-outputs.js";
import { CellError, CellTimeoutError, KernelError, NotebookFileError, ReportParameterError } from "./errors.js";
import { type KernelClient, type Reply, startKernel } from "./kernel-client.js";
import { cellName, type Notebook, type NotebookCell } from "./notebook.js";
import {
  checkOf,
  type GivenParameter,
  type Injection,
  injectedCell,
  injectionInto,
  withoutInjected,
} from "./parameters.js";
import { inAllTexts } from "./private-paths.js";

export interface ExecuteSettings {
  readonly parameters: readonly GivenParameter[];
  /** Seconds that a cell may take; 0 for no limit. */
  readonly cellTimeout: number;
  /** Goes on after a cell that throws, and keeps what it says as its output. */
  readonly allowErrors: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ExecuteProgress) => void;
  /** Hears what the kernel publishes for a cell, also after it has ended. */
  readonly onMessage?: (cell: NotebookCell, type: string, content: JsonObject) => void;
  /** Hears when a cell has ended. */
  readonly onCell?: (cell: NotebookCell, name: string, milliseconds: number) => void;
  /** Changes each text that cells put out. */
  readonly clean: (text: string) => string;
  /** The recorder's code, for the kernel: what begins it, and what ends it. */
  readonly recorder?: { readonly start: string; readonly end: string };
}

export interface ExecuteProgress {
  readonly done: number;
  readonly total: number;
  /** What is being done: a cell's name, or `widgets coming to rest`. */
  readonly doing: string;
}

export interface ExecutedNotebook {
  /** With the injected cell, and the outputs of this run. */
  readonly cells: readonly NotebookCell[];
  readonly parameters: readonly (readonly [string, unknown])[];
  readonly warnings: readonly string[];
  /** Of each cell, by its place; absent for those that are no code. */
  readonly milliseconds: readonly (number | undefined)[];
}

/** Milliseconds that an interrupted cell has to end. */
const UNWIND = 5000;
/** Widgets that go on by themselves are waited for until the kernel has been quiet so long, but no longer than the second. */
const QUIET = 1500;
const RESTLESS = 120_000;
const LANGUAGES = ["typescript", "javascript"];

/**
 * Runs all cells of a notebook from clean on a kernel of its own, whose connection `start` makes.
 *
 * @throws NotebookFileError for another language's notebook
 * @throws ReportParameterError for a parameter that the notebook does not have, or a value of another type
 * @throws CellError for a cell that throws, unless errors are allowed
 * @throws CellTimeoutError for one that takes too long
 * @throws KernelError when the kernel ends by itself
 * @throws AbortedError when the signal says so
 */
export async function executeNotebook(
  notebook: Notebook,
  kernelOptions: Parameters<typeof startKernel>[0],
  settings: ExecuteSettings,
): Promise<ExecutedNotebook> {
  const { parameters: given, signal } = settings;
  if (!LANGUAGES.includes(notebook.language)) {
    const advice = "give --no-execute to show it as it was saved";
    throw new NotebookFileError(
      notebook.name,
      `is written in ${notebook.language}, which Limpid's kernel does not run; ${advice}`,
    );
  }
  const clean = given.length > 0 ? { ...notebook, cells: withoutInjected(notebook.cells) } : notebook;
  const injection = given.length > 0 ? await injectionInto(clean, given) : undefined;
  const total = clean.cells.filter(isRun).length + (injection ? 1 : 0);
  const aborted = (done: number) => new AbortedError(done, total, signal?.reason);
  if (signal?.aborted) throw aborted(0);

  const kernel = await startKernel(kernelOptions);
  const run = new Run(kernel, settings, total);
  const abort = () => kernel.kill();
  signal?.addEventListener("abort", abort, { once: true });
  try {
    return await run.all(clean.cells, injection);
  } catch (error) {
    // What the kernel's end broke is not the reason.
    if (signal?.aborted) throw aborted(run.done);
    throw error;
  } finally {
    signal?.removeEventListener("abort", abort);
    await kernel.stop();
  }
}

const isRun = ({ kind, source }: NotebookCell): boolean => kind === "code" && source.trim() !== "";

class Run {
  done = 0;
  readonly #kernel: KernelClient;
  readonly #settings: ExecuteSettings;
  readonly #total: number;
  readonly #displays: SharedDisplays = new Map();
  readonly #outputs = new Map<NotebookCell, CellOutputs>();
  readonly #counts = new Map<NotebookCell, number>();
  readonly #milliseconds = new Map<NotebookCell, number>();

  constructor(kernel: KernelClient, settings: ExecuteSettings, total: number) {
    this.#kernel = kernel;
    this.#settings = settings;
    this.#total = total;
  }

  async all(cells: readonly NotebookCell[], injection: Injection | undefined): Promise<ExecutedNotebook> {
    const { recorder, clean } = this.#settings;
    if (recorder) await this.#silently(recorder.start);
    const ran: NotebookCell[] = [];
    let parameters: [string, unknown][] = [];
    for (const [at, cell] of cells.entries()) {
      ran.push(cell);
      if (isRun(cell)) await this.#cell(cell, ran.length - 1);
      if (injection?.at !== at) continue;
      const chosen = await this.#choose(injection);
      parameters = chosen.map(({ parameter, value }) => [parameter.name, value]);
      const injected = injectedCell(chosen);
      ran.push(injected);
      await this.#cell(injected, ran.length - 1);
    }
    await this.#rest();
    if (recorder) await this.#silently(recorder.end);
    return {
      cells: ran.map((cell) => ({
        ...cell,
        outputs: inAllTexts(this.#outputs.get(cell)?.finished() ?? [], clean),
        count: this.#counts.get(cell) ?? null,
      })),
      parameters,
      warnings: injection?.warnings ?? [],
      milliseconds: ran.map((cell) => this.#milliseconds.get(cell)),
    };
  }

  async #cell(cell: NotebookCell, index: number): Promise<void> {
    const name = cellName(cell, index);
    this.#tell(name);
    const outputs = new CellOutputs(this.#displays);
    this.#outputs.set(cell, outputs);
    const start = performance.now();
    const onMessage = (type: string, content: JsonObject) => {
      outputs.take(type, content);
      this.#settings.onMessage?.(cell, type, content);
    };
    const { status, content } = await this.#limited(name, () =>
      this.#kernel.execute(cell.source, { cellId: cell.id, onMessage }),
    );
    const milliseconds = performance.now() - start;
    this.#milliseconds.set(cell, milliseconds);
    this.#settings.onCell?.(cell, name, milliseconds);
    if (typeof content["execution_count"] === "number") this.#counts.set(cell, content["execution_count"]);
    this.done += 1;
    if (status !== "ok" && !this.#settings.allowErrors) throw this.#failure(CellError, name, "failed", content);
  }

  /** Interrupts what takes longer than cells may, and ends a kernel that does not listen. */
  async #limited(name: string, execute: () => Promise<Reply>): Promise<Reply> {
    const { cellTimeout, allowErrors } = this.#settings;
    if (cellTimeout === 0) return execute();
    let isLate = false;
    let killer: NodeJS.Timeout | undefined;
    const limit = setTimeout(() => {
      isLate = true;
      this.#kernel.interrupt();
      killer = setTimeout(() => this.#kernel.kill(), UNWIND);
    }, 1000 * cellTimeout);
    const took = `took longer than ${cellTimeout} s (--cell-timeout)`;
    try {
      const reply = await execute();
      if (isLate && !allowErrors && reply.status !== "ok")
        throw this.#failure(CellTimeoutError, name, took, reply.content);
      return reply;
    } catch (error) {
      if (isLate && error instanceof KernelError) {
        throw new CellTimeoutError(name, `${name} ${took}, and did not stop when it was interrupted.`);
      }
      if (error instanceof KernelError) throw new KernelError(`${name}: ${error.message}`);
      throw error;
    } finally {
      clearTimeout(limit);
      clearTimeout(killer);
    }
  }

  #failure(Kind: typeof CellError, name: string, how: string, content: JsonObject): CellError {
    const traceback = Array.isArray(content["traceback"]) ? content["traceback"].map(String) : [];
    const lines = traceback.map((line) => this.#settings.clean(line));
    const advice = "No report was written; --allow-errors makes one that shows the error.";
    return new Kind(name, `${name} ${how}:\n\n${withoutColors(lines.join("\n"))}\n\n${advice}`, lines);
  }

  /** Of what each parameter's text can mean, the first that its declared type takes. */
  async #choose({ parameters, cell }: Injection) {
    const chosen = [];
    for (const parameter of parameters) {
      let complaint: string | undefined;
      let isChosen = false;
      for (const value of parameter.values) {
        const { status, content } = await this.#kernel.execute(checkOf(parameter, value), { silent: true });
        if (status === "ok") {
          chosen.push({ parameter, value });
          isChosen = true;
          break;
        }
        complaint ??= String(content["evalue"]);
      }
      if (isChosen) continue;
      const { name, text } = parameter;
      throw new ReportParameterError(name, `The parameter "${name}" of ${cell} cannot be ${text}: ${complaint}`);
    }
    return chosen;
  }

  async #silently(code: string): Promise<void> {
    const { status, content } = await this.#kernel.execute(code, { silent: true });
    if (status !== "ok") throw new KernelError(`The recorder failed: ${content["ename"]}: ${content["evalue"]}`);
  }

  /** Waits for widgets that play or compute on: what the report shows of them is where they come to rest. */
  async #rest(): Promise<void> {
    const { signal } = this.#settings;
    const deadline = performance.now() + RESTLESS;
    for (let left = QUIET; left > 0 && performance.now() < deadline; left = QUIET - this.#kernel.quiet) {
      if (left < QUIET) this.#tell("widgets coming to rest");
      await new Promise((resolve) => setTimeout(resolve, Math.min(left, 250)));
      if (signal?.aborted) return;
    }
  }

  #tell(doing: string): void {
    this.#settings.onProgress?.({ done: this.done, total: this.#total, doing });
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the colors.
const withoutColors = (text: string): string => text.replace(/\u001b\[[\d;]*m/g, "");
