import { DISPLAY, type Host, type MimeBundle } from "../../comms/host.js";
import { notebookRecorder } from "../../comms/recording.js";
import { type Box, boxesIn, type Cell, type CellFunction } from "../../kernel/cell.js";
import { show } from "../../kernel/shown.js";
import { whenDrawn } from "../../kernel-helpers/notebook/display.js";
import { inspect } from "../../kernel-helpers/platform/inspect.js";
import { FOLDER } from "../platform/paths.js";
import type { FromWorker, PageCell } from "../protocol.js";
import { describeError } from "./errors.js";
import { type PageHost, type Post, plain } from "./host.js";
import { InterruptError, type Interruption } from "./interruption.js";
import { importModule, pick } from "./modules.js";

type Ran = Extract<FromWorker, { type: "ran" }>;

/** Where a cell's script puts its function. */
const HANDED = "__limpidCell";
const scope = globalThis as unknown as Record<string, unknown> & {
  importScripts(url: string): void;
};

/** Runs compiled cells one after another, as the kernel's own runner does; the boxes of the notebook's variables live here. */
export function cellRunner(post: Post, page: PageHost, interruption: Interruption) {
  const boxes = new Map<string, Box>();
  const box = (variable: string): Box => {
    let found = boxes.get(variable);
    if (!found) {
      found = { v: undefined };
      boxes.set(variable, found);
    }
    return found;
  };
  const filename = `${FOLDER}/notebook.mjs`;
  const url = `file://${filename}`;
  const require = (specifier: string) => {
    throw new TypeError(`A report's page cannot require "${specifier}": import it`);
  };

  /** Runs a cell and says that it has ended. */
  async function run({ cell: number, name, code }: PageCell): Promise<Ran> {
    const resources: (Disposable | AsyncDisposable)[] = [];
    const cell: Cell = {
      box,
      meta: {
        url,
        dirname: FOLDER,
        filename,
        resolve: (specifier) => new URL(specifier, url).href,
      },
      finish: () => {},
      wait: interruption.wait,
      import: (specifier) => importModule(String(specifier)),
      async load(specifier, names) {
        const module = await importModule(specifier);
        for (const [local, exported] of Object.entries(names)) box(local).v = pick(module, exported, specifier);
      },
      use(resource) {
        if (resource) resources.push(resource as Disposable | AsyncDisposable);
        return resource;
      },
    };
    page.begin(number);
    interruption.begin();
    const started = performance.now();
    let failed = false;
    const tell = (error: unknown) => {
      const { name: ename, message: evalue } = error as Error;
      const described = error instanceof InterruptError ? { ename, evalue, traceback: [] } : describeError(error);
      post({ type: "error", cell: number, error: described });
    };
    try {
      const body = compiled(code, name);
      await body(
        cell,
        interruption.flag,
        interruption.check,
        require as unknown as NodeJS.Require,
        cell.meta.filename,
        cell.meta.dirname,
      );
      if ("result" in cell) await showResult(number, cell.result, page.host);
    } catch (error) {
      failed = true;
      tell(error);
    } finally {
      for (const resource of resources.reverse()) {
        try {
          if (Symbol.asyncDispose in resource) await resource[Symbol.asyncDispose]();
          else resource[Symbol.dispose]();
        } catch (error) {
          failed = true;
          tell(error);
        }
      }
      await Promise.race([Promise.allSettled(page.takeHeld()), patience()]);
      interruption.end();
      page.end();
    }
    const milliseconds = performance.now() - started;
    const recorder = notebookRecorder();
    if (recorder) {
      const variables = new Map(
        [...new Set(boxesIn(code))].flatMap((variable) => {
          const { v } = box(variable);
          return v === undefined ? [] : [[variable, v] as const];
        }),
      );
      const result = "result" in cell ? [cell.result] : [];
      await recorder.cellEnded({ source: "", code, id: String(number), failed, milliseconds, variables, result });
    }
    return { type: "ran", cell: number, failed, milliseconds };
  }

  async function showResult(number: number, value: unknown, host: Host): Promise<void> {
    const shown = await interruption.wait(show(value, inspect));
    const bundle = (shown as { data: MimeBundle } | undefined)?.data;
    if (bundle === undefined) return;
    // As in the kernel: what renews itself is displayed, everything else is the cell's result.
    if (typeof value === "object" && value !== null && DISPLAY in value) {
      host.display(bundle);
      const ready = whenDrawn(value);
      if (ready) host.hold?.(ready);
    } else post({ type: "result", cell: number, bundle: plain(bundle) });
  }

  return { run };
}

/** A widget that takes long to show what it was made for must not keep the next cell. */
const patience = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 10_000));

/**
 * The function of a cell. Its script is one of its own: no policy of the page allows `eval`, and what an older browser cannot read
 * takes no other cell with it.
 */
function compiled(code: string, name: string): CellFunction {
  const file = new Blob([`self.${HANDED} = ${code}\n//# sourceURL=${encodeURIComponent(name)}`], {
    type: "text/javascript",
  });
  const address = URL.createObjectURL(file);
  try {
    scope.importScripts(address);
    return scope[HANDED] as CellFunction;
  } finally {
    URL.revokeObjectURL(address);
    delete scope[HANDED];
  }
}
