import { pathToFileURL } from "node:url";
import vm from "node:vm";
import type { CompiledCell } from "../language/compile/compile.js";
import type { RequestContext } from "../session/context.js";
import { InterruptError, type Interrupts } from "../session/interrupt.js";
import type { Modules } from "./modules.js";
import { adoptPosition, registerScript } from "./stack.js";

/** Holds the value of one variable of the notebook. All cells that mention the name share the box. */
interface Box {
  v: unknown;
}

export interface Outcome {
  /** Present when the cell ends in an expression. */
  result?: { value: unknown };
  /** Present when the cell failed. */
  failure?: { error: unknown };
  /** True for statements that were completed. */
  isCompleted(statement: number): boolean;
}

/** A cell that has not unwound this long after its interrupt is left alone, in milliseconds. */
const ABANDON = 500;

export type Runner = ReturnType<typeof runner>;

/** Runs compiled cells; the boxes of the notebook's variables live here. */
export function runner(folder: string, modules: Modules, interrupts: Interrupts) {
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

  const meta = {
    url: pathToFileURL(modules.notebook).href,
    dirname: folder,
    filename: modules.notebook,
    resolve: (specifier: string) => pathToFileURL(modules.require.resolve(specifier)).href,
  };

  async function run(compiled: CompiledCell, source: string, label: string, context: RequestContext): Promise<Outcome> {
    const completed = new Set<number>();
    const resources: (Disposable | AsyncDisposable)[] = [];
    let abandon: NodeJS.Timeout | undefined;

    /** The `__cell` of the cell's code. */
    const cell: Record<string, unknown> = {
      box,
      meta,
      finish: (statement: number) => completed.add(statement),
      wait: (value: unknown) => interrupts.wait(context, value),
      import: modules.import,
      async load(specifier: string, names: Record<string, string>, attributes?: Record<string, string>) {
        const call = new Error(specifier);
        try {
          const loading = modules.import(specifier, attributes && { with: attributes });
          const namespace = await interrupts.wait(context, loading);
          // While a module is read and run, an interrupt finds no turn.
          interrupts.check();
          for (const [local, exported] of Object.entries(names)) {
            box(local).v = modules.pick(namespace, exported, specifier);
          }
        } catch (error) {
          adoptPosition(error, call);
          throw error;
        }
      },
      use<T extends Disposable | AsyncDisposable | null | undefined>(resource: T): T {
        if (resource) resources.push(resource);
        return resource;
      },
    };

    count += 1;
    const name = `limpid-cell:${count}`;
    registerScript(name, label, source, compiled.map);
    try {
      const body = new vm.Script(compiled.code, { filename: name, lineOffset: -1 }).runInThisContext() as (
        ...runtime: unknown[]
      ) => unknown;
      const runtime = [cell, interrupts.flag, interrupts.check, modules.require, modules.notebook, folder];
      const running = interrupts.run(() => body(...runtime));
      if (running instanceof Promise) {
        const abandoned = new Promise<never>((_, reject) => {
          abandon = setInterval(() => {
            if (context.interrupted) reject(new InterruptError());
          }, ABANDON);
        });
        abandoned.catch(() => {});
        await Promise.race([running, abandoned]);
      }
      return { ...("result" in cell && { result: { value: cell["result"] } }), isCompleted: () => true };
    } catch (error) {
      return { failure: { error }, isCompleted: (statement) => completed.has(statement) };
    } finally {
      clearInterval(abandon);
      for (const resource of resources.reverse()) {
        if (Symbol.asyncDispose in resource) await resource[Symbol.asyncDispose]();
        else resource[Symbol.dispose]();
      }
    }
  }

  return { run };
}
