import type { ReportManifest } from "../reports/format.js";
import { dependents } from "../reports/variables.js";
import { CellPlace, type PlacedView } from "./cell-place.js";
import { blobBytes, blobString, cellElement } from "./document.js";
import { kernelWorker, resourcesOf } from "./kernel-worker.js";
import type { PageManager } from "./manager.js";
import { type KernelPort, PageKernel } from "./page-kernel.js";
import type { CellOutputMessage } from "./protocol.js";

/** How far the page is with running its notebook again. */
export interface ReplayState {
  readonly phase: "waiting" | "starting" | "running" | "live" | "stopped" | "failed";
  /** Cells that have run, and all that can. */
  readonly done: number;
  readonly total: number;
  /** The cell that runs, as the manifest names it. */
  readonly cell?: string;
  /** How many of the page's widgets compute here. */
  readonly live: number;
  readonly widgets: number;
  /** What went wrong, a sentence each. */
  readonly problems: readonly string[];
}

/** Milliseconds that the kernel may go on after a stop, before it is ended. */
const PATIENCE = 3000;

/** One time that the notebook is run; what a run that is no longer the latest does is of no matter. */
interface Run {
  kernel?: PageKernel;
  /** The cell whose outputs are collected. */
  cell: number | undefined;
  stopped: boolean;
  /** Whether its kernel is gone. */
  ended: boolean;
}

/** Runs the cells of a report's notebook again, in a worker, and lets its widgets live in the places of the stored ones. */
export class Replay {
  readonly #manifest: ReportManifest;
  readonly #manager: PageManager;
  readonly #tell: (state: ReplayState) => void;
  readonly #places: CellPlace[];
  #run: Run | undefined;
  /** Ended kernels whose widgets may still stand in the page. */
  #earlier: PageKernel[] = [];
  #state: ReplayState;

  /** @param shown by view, what takes away what it shows now */
  constructor(
    manifest: ReportManifest,
    manager: PageManager,
    shown: Map<number, () => void>,
    tell: (state: ReplayState) => void,
  ) {
    this.#manifest = manifest;
    this.#manager = manager;
    this.#tell = tell;
    const displays = new Map<string, HTMLElement>();
    this.#places = manifest.cells.map(
      (_, cell) => new CellPlace(manager, cell, placedIn(manifest, cell), shown, displays),
    );
    this.#state = {
      phase: "waiting",
      done: 0,
      total: this.#runnable.length,
      live: 0,
      widgets: manifest.views.length,
      problems: [],
    };
  }

  /** Whether the file holds what it takes, and something that would live. */
  get possible(): boolean {
    const { program, views } = this.#manifest;
    return program !== undefined && this.#runnable.length > 0 && views.some(({ level }) => level === "live");
  }

  get #runnable(): number[] {
    return this.#manifest.cells.flatMap(({ replay }, at) => (replay !== undefined && "code" in replay ? [at] : []));
  }

  /** Runs all cells that can run, in a new kernel. Never rejects: what goes wrong is told. */
  async run(): Promise<void> {
    if (this.#run !== undefined) this.#end(this.#run);
    const run: Run = { cell: undefined, stopped: false, ended: false };
    this.#run = run;
    for (const place of this.#places) place.begin();
    this.#change({ phase: "starting", done: 0, problems: [] });
    try {
      await this.#start(run);
      await this.#cells(run);
    } catch (error) {
      if (!this.#current(run)) return;
      this.#end(run);
      this.#fail(`The page's kernel does not run: ${(error as Error).message}`, "failed");
    } finally {
      run.cell = undefined;
    }
    if (run !== this.#run) return;
    const why = run.stopped ? "the run was stopped before it" : "the page's kernel does not run";
    for (const place of this.#places) place.leave(why);
    await this.#discard();
    if (!this.#current(run)) return;
    const live = liveViews().length;
    this.#change({ phase: run.stopped ? "stopped" : live > 0 ? "live" : "failed" });
  }

  /** Stops the run. What lives by then goes on living, unless the kernel does not listen. */
  stop(): void {
    const run = this.#run;
    if (run === undefined || (this.#state.phase !== "running" && this.#state.phase !== "starting")) return;
    run.stopped = true;
    run.kernel?.stop();
    const { cell } = run;
    setTimeout(() => {
      if (!this.#current(run) || cell === undefined || run.cell !== cell) return;
      this.#end(run);
      this.#fail("The page's kernel did not listen and was ended: what was live is locked. “Run again” starts another");
    }, PATIENCE);
    this.#change({ phase: "stopped" });
  }

  /** Whether a run is the latest, and its kernel there. */
  #current(run: Run): boolean {
    return run === this.#run && !run.ended;
  }

  /** Ends a run's kernel; what it made live is locked as it is. */
  #end(run: Run): void {
    run.ended = true;
    if (run.kernel === undefined) return;
    if (!this.#earlier.includes(run.kernel)) this.#earlier.push(run.kernel);
    run.kernel.terminate();
    for (const place of this.#places) place.end();
  }

  /** Takes away the widgets of ended kernels of which no widget stands in the page any more. */
  async #discard(): Promise<void> {
    const shown = [...document.querySelectorAll<HTMLElement>("[data-model]")].map(({ dataset }) => dataset["model"]!);
    const seen = (kernel: PageKernel) => shown.some((model) => kernel.made(model));
    const gone = this.#earlier.filter((kernel) => !seen(kernel));
    this.#earlier = this.#earlier.filter((kernel) => !gone.includes(kernel));
    await Promise.all(gone.map((kernel) => kernel.discard()));
  }

  async #start(run: Run): Promise<void> {
    const program = this.#manifest.program!;
    const worker = await kernelWorker(program);
    if (!this.#current(run)) {
      worker.terminate();
      return;
    }
    worker.onerror = (event) => {
      if (!this.#current(run)) return;
      this.#end(run);
      this.#fail(event.message || "The page's kernel broke", "failed");
    };
    const fail = (problem: string) => this.#current(run) && this.#fail(problem);
    run.kernel = new PageKernel(worker as unknown as KernelPort, this.#manager, {
      output: (message) => this.#current(run) && this.#output(run, message),
      // What a reader brings later is no matter of the notebook's numbers.
      noted: (cell, text) => {
        if (cell === run.cell) fail(`${this.#manifest.cells[cell]!.name}: ${text}; what follows may differ a little`);
      },
      failed: (error) => fail((error as Error).message),
    });
    await run.kernel.start({ wasm: await blobBytes(program.wasm), resources: resourcesOf(this.#manifest) });
  }

  async #cells(run: Run): Promise<void> {
    const { cells } = this.#manifest;
    const codes = await Promise.all(
      cells.map(({ replay }) =>
        replay !== undefined && "code" in replay ? blobString(replay.code) : Promise.resolve(undefined),
      ),
    );
    const failed = new Set<number>();
    for (const [done, at] of this.#runnable.entries()) {
      if (run.stopped || !this.#current(run)) return;
      const { name } = cells[at]!;
      const needs = dependents(codes, failed).get(at);
      if (needs !== undefined) {
        const why = `it uses ${needs.variable} of ${cells[needs.cell]!.name}, which failed here`;
        this.#fail(`${name} was left out: ${why}`);
        this.#places[at]!.leave(why);
        continue;
      }
      this.#change({ phase: "running", done, cell: name });
      run.cell = at;
      mark(at, "running");
      const ran = await run.kernel!.run({ cell: at, name, code: codes[at]! });
      run.cell = undefined;
      if (run !== this.#run) return;
      mark(at, ran.failed ? "failed" : "ran");
      if (ran.failed) {
        failed.add(at);
        const stopped = run.stopped ? "the run was stopped in its cell" : "its cell failed here, see beneath it";
        this.#places[at]!.leave(run.ended ? "the page's kernel ended in its cell" : stopped);
      } else if (!run.ended) {
        const left = await this.#places[at]!.settle(() => this.#current(run));
        if (left.length === 0) continue;
        this.#fail(`${name} displayed fewer widgets here than when the report was made`);
        this.#places[at]!.leave("its cell displayed fewer widgets here");
      }
    }
    if (!run.stopped && this.#current(run)) this.#change({ done: this.#runnable.length });
  }

  #output(run: Run, message: CellOutputMessage): void {
    const place = this.#places[message.cell];
    if (message.cell !== run.cell) {
      void place?.show(message).catch((error: unknown) => this.#fail((error as Error).message));
      return;
    }
    if (message.type === "error" && message.error.ename !== "InterruptError") {
      const { ename, evalue } = message.error;
      this.#fail(`${this.#manifest.cells[message.cell]!.name} failed here: ${ename}: ${evalue}`);
      place?.fail(message.error);
    }
    place?.collect(message);
  }

  #fail(problem: string, phase = this.#state.phase): void {
    this.#change({ phase, problems: [...this.#state.problems, problem] });
  }

  #change(change: Partial<ReplayState>): void {
    this.#state = { ...this.#state, live: liveViews().length, ...change };
    this.#tell(this.#state);
  }
}

const liveViews = () => document.querySelectorAll('[data-view][data-state="live"]');

function placedIn({ views }: ReportManifest, cell: number): PlacedView[] {
  return views
    .map((view, at) => ({ ...view, at }))
    .filter((view) => view.cell === cell)
    .sort((a, b) => a.nth - b.nth)
    .map(({ at, level }) => ({ view: at, live: level === "live" }));
}

function mark(cell: number, state: "running" | "ran" | "failed"): void {
  const place = cellElement(cell);
  if (place) place.dataset["replay"] = state;
}
