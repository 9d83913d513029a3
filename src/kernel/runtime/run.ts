import { pathToFileURL } from "node:url";
import vm from "node:vm";
import type { Box, Cell, CellFunction, CompiledCell } from "../cell.js";
import { type Execution, InterruptError, type Interruption } from "../interpreter.js";
import { intrinsics } from "./intrinsics.js";
import type { ImportOptions, Modules } from "./modules.js";
import { disposeAll } from "./resources.js";
import { adoptPosition, registerScript } from "./stack.js";

function replacedWords(names: readonly string[]): string {
  const few = names.slice(0, 5).join(", ");
  const more = names.length > 5 ? ` and ${names.length - 5} more` : "";
  return `The cell replaced ${few}${more}, which the kernel itself needs: it is as before again.`;
}

/** What work ended with, if it failed. */
async function attempt(work: () => Promise<void>): Promise<{ error: unknown } | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return { error };
  }
}

/** Lets a variable hold a value, whatever it held before. */
function bind(variable: Box, value: unknown): void {
  Object.defineProperty(variable, "v", { value, writable: true, configurable: true, enumerable: true });
}

/** Lets a variable hold what `read` gives, now and later, until something is assigned to it. */
function follow(variable: Box, read: () => unknown): void {
  read();
  const set = (value: unknown) => bind(variable, value);
  Object.defineProperty(variable, "v", { get: read, set, configurable: true, enumerable: true });
}

interface Outcome {
  /** Present when the cell ends in an expression. */
  result?: { value: unknown };
  /** Present when the cell failed. */
  failure?: { error: unknown };
  /** True for statements that were completed. */
  isCompleted(statement: number): boolean;
}

/** Captured: a cell may replace them while it runs. */
const { setInterval, clearInterval } = globalThis;

/** Tells a debugger, before the cell runs, that it was made of another text; the map itself it asks for (`stack.ts`). */
const MAPPED = "//# sourceMappingURL=limpid:cell";

/** A cell that has not unwound this long after its interrupt is left alone, in milliseconds. */
const ABANDON = 500;

/** Runs compiled cells; the boxes of the notebook's variables live here. */
export function runner(folder: string, modules: Modules, interruption: Interruption) {
  const putBack = intrinsics();
  const boxes = new Map<string, Box>();
  let count = 0;

  function box(variable: string): Box {
    let found = boxes.get(variable);
    if (!found) {
      // Of a shape of its own: so the engine knows what kind of value this variable holds, and loops write numbers in place.
      found = new (class {})() as Box;
      boxes.set(variable, found);
    }
    return found;
  }

  const meta: Cell["meta"] = {
    url: pathToFileURL(modules.notebook).href,
    dirname: folder,
    filename: modules.notebook,
    resolve: (specifier: string) => pathToFileURL(modules.require.resolve(specifier)).href,
  };

  /** The value of a variable, in a list that is empty where there is none; without a name those of all. */
  const valuesOf = (variable?: string): unknown[] =>
    [...boxes].flatMap(([name, { v }]) => ((variable ?? name) === name && v !== undefined ? [v] : []));

  async function run(compiled: CompiledCell, source: string, execution: Execution): Promise<Outcome> {
    const completed = new Set<number>();
    const resources: (Disposable | AsyncDisposable)[] = [];
    let abandon: NodeJS.Timeout | undefined;

    const cell: Cell = {
      box,
      meta,
      finish: (statement) => completed.add(statement),
      wait: execution.wait,
      import: async (specifier, options) => modules.import(String(specifier), options as ImportOptions),
      async load(specifier, names, attributes) {
        const call = new Error(specifier);
        try {
          const loading = modules.import(specifier, attributes && { with: attributes });
          const namespace = await execution.wait(loading);
          // While a module is read and run, an interrupt finds no turn.
          interruption.check();
          // A package's exports stay as they are; what the author writes may assign to them.
          const live = modules.isBeside(specifier);
          for (const [local, exported] of Object.entries(names)) {
            const pick = () => modules.pick(namespace, exported, specifier);
            if (live && exported !== "*") follow(box(local), pick);
            else bind(box(local), pick());
          }
        } catch (error) {
          adoptPosition(error, call);
          throw error;
        }
      },
      use(resource) {
        if (resource) resources.push(resource as Disposable | AsyncDisposable);
        return resource;
      },
    };

    count += 1;
    const name = `limpid-cell:${count}`;
    registerScript(name, execution.label, source, compiled.map);
    const outcome = await attempt(async () => {
      const body = new vm.Script(`${compiled.code}\n${MAPPED}`, {
        filename: name,
        lineOffset: -1,
      }).runInThisContext() as CellFunction;
      const { flag, check } = interruption;
      const running = interruption.run(() => body(cell, flag, check, modules.require, modules.notebook, folder));
      if (running instanceof Promise) {
        const abandoned = new Promise<never>((_, reject) => {
          abandon = setInterval(() => {
            if (execution.interrupted) reject(new InterruptError());
          }, ABANDON);
        });
        abandoned.catch(() => {});
        await Promise.race([running, abandoned]);
      }
    });
    const changed = putBack();
    if (changed.length > 0) console.warn(replacedWords(changed));
    clearInterval(abandon);
    const failure = await disposeAll(resources, outcome, interruption.run);
    if (failure) return { failure, isCompleted: (statement) => completed.has(statement) };
    return { ...("result" in cell && { result: { value: cell.result } }), isCompleted: () => true };
  }

  return { run, valuesOf, boxes, box };
}
