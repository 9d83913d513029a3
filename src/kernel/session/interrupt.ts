import { executionAsyncId } from "node:async_hooks";
import { Session } from "node:inspector";
import { getHeapStatistics } from "node:v8";
import { InterruptError, OutOfMemoryError } from "../interpreter.js";
import {
  ANSWERED,
  BEGUN,
  COUNT,
  DEAF,
  FLAG,
  FULL,
  HEARD,
  LISTENER,
  LISTENING,
  SENT,
} from "../server/interrupt-flag.js";
import { leaveAsyncScopes } from "./async-scopes.js";
import { currentContext, latestRequest, type RequestContext } from "./context.js";
import { offerEnding } from "./ending.js";
import { soon } from "./soon.js";

/** An order to end that was sent is there by then, in milliseconds. */
const ARRIVAL = 1000;

export type Interrupts = ReturnType<typeof interrupts>;

/**
 * The main thread's side. An interrupt stops the request that is being executed, from the moment that it leaves the queue
 * to its reply: loops through the shared flag, top-level awaits by rejection, synchronous library calls by an order to end that the worker
 * thread gives the engine, and only while this thread listens.
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
  /** A SIGINT that is heard now was sent before `current` began. */
  let settling = false;
  /** Something was ended in the midst of the event loop, and what the engine or Node.js had to do next may be lost with it. */
  let ended = false;
  offerEnding(memory, () => {
    ended = true;
  });

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
    raise(number: number): void {
      Atomics.store(memory, HEARD, number);
      hear(number);
    },

    /** Answers the worker thread that the event loop turns. True when something was ended before. */
    answer(number: number): boolean {
      Atomics.store(memory, ANSWERED, number);
      const was = ended;
      ended = false;
      if (was) leaveAsyncScopes();
      return was;
    },

    /** A SIGINT from outside, outside of synchronous work. */
    signal(): void {
      if (!settling) stop();
    },

    isInterrupted,

    /** Throws when the request that this code works for was interrupted, or whatever runs now. */
    check(): void {
      if (isInterrupted(currentContext()) || Atomics.load(memory, FLAG) !== 0) throw new InterruptError();
    },

    /**
     * From here on interrupts are for `context`. Resolves after a whole turn of the event loop, in which the process hears the
     * signals that earlier cells sent: those are not for it.
     */
    async begin(context: RequestContext): Promise<void> {
      current = context;
      // What interrupted an earlier cell is not said of this one.
      if (Atomics.load(memory, COUNT) === heard) Atomics.store(memory, FULL, 0);
      Atomics.add(memory, BEGUN, 1);
      settling = true;
      // Two, because the first may come in the same turn, after signals were looked for.
      await new Promise<void>(soon);
      await new Promise<void>(soon);
      settling = false;
    },

    /** What `error` is to be told as: an interrupt that came because memory was nearly used up is not the reader's. */
    toldAs(error: unknown): unknown {
      const used = Atomics.load(memory, FULL);
      if (used === 0 || !(error instanceof InterruptError)) return error;
      return new OutOfMemoryError(used, Math.round(getHeapStatistics().heap_size_limit / 1e6));
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

    /** Runs `work` so that the worker thread can end even synchronous code that looks at no flag. */
    run<T>(work: () => T): T {
      const level = depth;
      const outermost = level === 0;
      depth = level + 1;
      try {
        return runInterruptible(() => {
          Atomics.compareExchange(memory, LISTENER, DEAF, LISTENING);
          try {
            return work();
          } finally {
            if (outermost) stopListening();
          }
        });
      } catch (error) {
        if (error instanceof InterruptError) Atomics.store(memory, LISTENER, outermost ? DEAF : LISTENING);
        throw error;
      } finally {
        // Work that was ended within this one has not counted itself out.
        depth = level;
      }
    },
  };

  /** An order to end that is under way already is met here, where it ends the work and not the kernel's own code. */
  function stopListening(): void {
    if (Atomics.compareExchange(memory, LISTENER, LISTENING, DEAF) !== SENT) return;
    // Whatever else the engine is asked to do wakes this thread, too.
    for (const end = Date.now() + ARRIVAL; Date.now() < end; ) Atomics.wait(memory, LISTENER, SENT, 5);
    Atomics.store(memory, LISTENER, DEAF);
  }
}

// Not silent: a debugger would hear of no error then.
const INVOKE = { expression: 'globalThis[Symbol.for("limpid.interruptible")].work()\n//# sourceURL=node:limpid' };
/** Where the engine finds what it is asked to evaluate; a cell may freeze `globalThis`. */
const scope: { work?: (() => void) | undefined } = {};
Object.defineProperty(globalThis, Symbol.for("limpid.interruptible"), { value: scope });
let engine: Session | undefined;

/**
 * Code that is told to end unwinds to where the engine was asked to evaluate it, here. (`vm` would end it at a SIGINT; but `vm`
 * takes and gives back the signal's handler each time, and in between a SIGINT ends the process.)
 */
function runInterruptible<T>(work: () => T): T {
  const outer = scope.work;
  let outcome: { value: T } | { error: unknown } | undefined;
  scope.work = () => {
    try {
      outcome = { value: work() };
    } catch (error) {
      outcome = { error };
    }
  };
  if (!engine) {
    engine = new Session();
    engine.connect();
  }
  let isEnded = false;
  const scopeOfCaller = executionAsyncId();
  try {
    // The order may also come just after the work, still within.
    engine.post("Runtime.evaluate", INVOKE, (error) => {
      isEnded = error !== null;
    });
  } finally {
    scope.work = outer;
  }
  if (executionAsyncId() !== scopeOfCaller) leaveAsyncScopes();
  const given = outcome as { value: T } | { error: unknown } | undefined;
  if (isEnded || !given) throw new InterruptError();
  if ("error" in given) throw given.error;
  return given.value;
}
