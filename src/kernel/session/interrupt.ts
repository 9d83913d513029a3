import vm from "node:vm";
import { InterruptError } from "../interpreter.js";
import { COUNT, DEAF, FLAG, LISTENING, SENT, SIGNAL } from "../server/interrupt-flag.js";
import { currentContext, latestRequest, type RequestContext } from "./context.js";

/** A signal that was sent is there by then, in milliseconds. */
const ARRIVAL = 1000;

export type Interrupts = ReturnType<typeof interrupts>;

/**
 * The main thread's side. An interrupt stops the request that is being executed, from the moment that it leaves the queue
 * to its reply: loops through the shared flag, top-level awaits by rejection, synchronous library calls by a SIGINT that the worker
 * sends only while this thread listens.
 *
 * The flag outruns the message that follows it, so whoever is about to start something looks first. The message comes in the
 * order of the requests: if none is being executed by then, the interrupt was for none.
 */
export function interrupts(shared: SharedArrayBuffer) {
  const memory = new Int32Array(shared);
  /** The request that is being executed. */
  let current: RequestContext | undefined;
  /** Rejects what `current` waits for; a cell has never more than one top-level await. */
  let reject: ((reason: InterruptError) => void) | undefined;
  /** The interrupts up to this number have had their effect. */
  let heard = 0;
  /** Requests up to this number were interrupted when none was being executed: what they left running stops. */
  let stopped = 0;
  /** How many interruptible parts run within each other. */
  let depth = 0;

  function hear(number: number): void {
    if (number <= heard) return;
    heard = number;
    stop();
  }

  function stop(): void {
    if (current) {
      current.interrupted = true;
      Atomics.store(memory, FLAG, 1);
      reject?.(new InterruptError());
    } else {
      stopped = latestRequest();
      lowerFlag();
    }
  }

  function lowerFlag(): void {
    Atomics.store(memory, FLAG, 0);
    // One that comes at this very moment keeps it up.
    if (Atomics.load(memory, COUNT) !== heard) Atomics.store(memory, FLAG, 1);
  }

  function isInterrupted(context: RequestContext | undefined): boolean {
    if (current) hear(Atomics.load(memory, COUNT));
    return context !== undefined && (context.interrupted || context.number <= stopped);
  }

  return {
    /** What loops read at every turn: its first number. */
    flag: memory,

    /** The message of an interrupt, in its turn. */
    raise: hear,

    /** A SIGINT from outside, outside of synchronous work. */
    signal: stop,

    isInterrupted,

    /** Throws when the request that this code works for was interrupted, or whatever runs now. */
    check(): void {
      if (isInterrupted(currentContext()) || Atomics.load(memory, FLAG) !== 0) throw new InterruptError();
    },

    begin(context: RequestContext): void {
      current = context;
    },

    /** An interrupt that the request did not hear of is left for the request that waited behind it. */
    end(): void {
      current = reject = undefined;
      lowerFlag();
    },

    /** What `context` waits for: the value's own outcome, or an interrupt, whichever comes first. */
    wait<T>(context: RequestContext, value: T | PromiseLike<T>): T | Promise<T> {
      if (isInterrupted(context)) throw new InterruptError();
      if (typeof (value as PromiseLike<T> | undefined)?.then !== "function") return value as T;
      return new Promise<T>((resolve, rejectWait) => {
        if (context === current) reject = rejectWait;
        // Exactly these two functions, and no other reaction: so the engine finds the cell for the asynchronous stack.
        Promise.resolve(value).then(resolve, rejectWait);
      });
    },

    /** Runs `work` so that a SIGINT ends even synchronous code that looks at no flag. */
    run<T>(work: () => T): T {
      const outermost = depth === 0;
      depth += 1;
      try {
        return runInterruptible(() => {
          Atomics.compareExchange(memory, SIGNAL, DEAF, LISTENING);
          try {
            return work();
          } finally {
            if (outermost) stopListening();
          }
        });
      } catch (error) {
        if ((error as { code?: unknown } | undefined)?.code !== "ERR_SCRIPT_EXECUTION_INTERRUPTED") throw error;
        Atomics.store(memory, SIGNAL, outermost ? DEAF : LISTENING);
        throw new InterruptError();
      } finally {
        depth -= 1;
      }
    },
  };

  /** A SIGINT that the worker has sent already is met here, where it ends a script and not the process. */
  function stopListening(): void {
    if (Atomics.compareExchange(memory, SIGNAL, LISTENING, DEAF) !== SENT) return;
    Atomics.wait(memory, SIGNAL, SENT, ARRIVAL);
    Atomics.store(memory, SIGNAL, DEAF);
  }
}

const WORK = Symbol.for("limpid.interruptible");
const invoke = new vm.Script('globalThis[Symbol.for("limpid.interruptible")]()', { filename: "node:limpid" });

/** `vm` ends a script at a SIGINT; while it takes and gives back the signal's handler, a SIGINT would end the process. */
function runInterruptible<T>(work: () => T): T {
  const scope = globalThis as { [WORK]?: () => T };
  const outer = scope[WORK];
  scope[WORK] = work;
  try {
    return invoke.runInThisContext({ breakOnSigint: true }) as T;
  } finally {
    if (outer) scope[WORK] = outer;
    else delete scope[WORK];
  }
}
