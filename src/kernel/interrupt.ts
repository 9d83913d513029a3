import vm from "node:vm";
import { currentContext, type RequestContext } from "./context.js";

/** Thrown in a cell that the user stops. */
export class InterruptError extends Error {
  override name = "InterruptError";
  constructor() {
    super("The cell was interrupted; its variables keep the values they had");
  }
}

/** What runs now and can be interrupted. */
interface Interruptible {
  context: RequestContext;
  /** Rejects the top-level await that the cell waits in; there is never more than one. */
  reject?: (reason: InterruptError) => void;
}

export type Interrupts = ReturnType<typeof interrupts>;

/** An interrupt that finds no cell is forgotten after this time, in milliseconds; until then it stops background loops. */
const IDLE_FORGET = 500;

/** Stops cells: loops through the shared flag, top-level awaits by rejection, synchronous library calls by SIGINT. */
export function interrupts(shared: SharedArrayBuffer) {
  const flag = new Int32Array(shared);
  let running: Interruptible | undefined;

  const clear = () => Atomics.store(flag, 0, 0);

  return {
    /** What loops read at every turn. */
    flag,

    raise(): void {
      if (!running) {
        setTimeout(() => running || clear(), IDLE_FORGET);
        return;
      }
      Atomics.store(flag, 0, 1);
      running.context.interrupted = true;
      running.reject?.(new InterruptError());
    },

    /** Throws when the request that this code works for was interrupted. */
    check(): void {
      if (Atomics.load(flag, 0) === 1 || currentContext()?.interrupted) throw new InterruptError();
    },

    begin(context: RequestContext): Interruptible {
      clear();
      running = { context };
      return running;
    },

    end(execution: Interruptible): void {
      if (running !== execution) return;
      running = undefined;
      clear();
    },

    /** A top-level await: the value's own outcome, or an interrupt, whichever comes first. */
    wait<T>(execution: Interruptible, value: T | PromiseLike<T>): T | Promise<T> {
      if (execution.context.interrupted) throw new InterruptError();
      if (typeof (value as PromiseLike<T> | undefined)?.then !== "function") return value as T;
      return new Promise<T>((resolve, reject) => {
        execution.reject = reject;
        // Exactly these two functions, and no other reaction: so the engine finds the cell for the asynchronous stack.
        Promise.resolve(value).then(resolve, reject);
      });
    },
  };
}

const WORK = Symbol.for("limpid.interruptible");
const invoke = new vm.Script('globalThis[Symbol.for("limpid.interruptible")]()', { filename: "node:limpid" });

/** Runs `work` so that a SIGINT ends even synchronous code that looks at no flag. */
export function runInterruptible<T>(work: () => T): T {
  const scope = globalThis as { [WORK]?: () => T };
  const outer = scope[WORK];
  scope[WORK] = work;
  try {
    return invoke.runInThisContext({ breakOnSigint: true }) as T;
  } catch (error) {
    if ((error as { code?: unknown } | undefined)?.code === "ERR_SCRIPT_EXECUTION_INTERRUPTED")
      throw new InterruptError();
    throw error;
  } finally {
    if (outer) scope[WORK] = outer;
    else delete scope[WORK];
  }
}
