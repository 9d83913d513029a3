import { pathToFileURL } from "node:url";
import vm from "node:vm";
import type { Box, Cell, CellFunction, CompiledCell } from "../cell.js";
import { type Execution, InterruptError, type Interruption } from "../interpreter.js";
import type { ImportOptions, Modules } from "./modules.js";
import { adoptPosition, registerScript } from "./stack.js";

interface Outcome {
  /** Present when the cell ends in an expression. */
  result?: { value: unknown };
  /** Present when the cell failed. */
  failure?: { error: unknown };
  /** True for statements that were completed. */
  isCompleted(statement: number): boolean;
}

/** A cell that has not unwound this long after its interrupt is left alone, in milliseconds. */
const ABANDON = 500;

/** Runs compiled cells; the boxes of the notebook's variables live here. */
export function runner(folder: string, modules: Modules, interruption: Interruption) {
  const boxes = new Map<string, Box>();
  let count = 0;

  function box(variable: string): Box {
    let found = boxes.get(variable);
    if (!found) {
      found = { v: undefined };
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

  return async function run(compiled: CompiledCell, source: string, execution: Execution): Promise<Outcome> {
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
          for (const [local, exported] of Object.entries(names)) {
            box(local).v = modules.pick(namespace, exported, specifier);
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
    try {
      const body = new vm.Script(compiled.code, { filename: name, lineOffset: -1 }).runInThisContext() as CellFunction;
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
      return { ...("result" in cell && { result: { value: cell.result } }), isCompleted: () => true };
    } catch (error) {
      return { failure: { error }, isCompleted: (statement) => completed.has(statement) };
    } finally {
      clearInterval(abandon);
      for (const resource of resources.reverse()) {
        if (Symbol.asyncDispose in resource) await resource[Symbol.asyncDispose]();
        else resource[Symbol.dispose]();
      }
    }
  };
}
