import { Session } from "node:inspector";
import { setTimeout as pause } from "node:timers/promises";

/** How often it is looked how much memory is in use while a cell runs, in milliseconds. */
const STEP = 100;
/** As long as the whole process uses less than this part of what JavaScript's values may take, the engine is not asked. */
const ASKED_FROM = 0.6;
/**
 * From this part on Node.js is near to ending the process. Much of it may be garbage, but not most: the engine collects before it has gone half
 * the way from what it has kept to its limit.
 */
const FULL = 0.85;
/** Of the limit, what the engine keeps for new values, in bytes. */
const YOUNG = 64e6;
/** What is stopped has so long to end, before it is stopped again, in milliseconds. */
const GRACE = 1000;

/** What the engine says of the memory that JavaScript's values take, in bytes. */
interface HeapUsage {
  usedSize: number;
}

/**
 * Worker thread: watches how much memory the values of the main thread take while a cell runs, and says so before there is none left, where
 * Node.js ends the process without a word.
 *
 * @param limit Bytes that they may take.
 * @param full Called with the bytes in use; a cell that goes on may be told again.
 */
export function memoryWatch(limit: number, full: (used: number) => void) {
  let timer: NodeJS.Timeout | undefined;
  let engine: Session | undefined;
  let asking = false;

  const ask = <T>(method: string) =>
    new Promise<T>((resolve, reject) => {
      engine?.post(method, (error, result) => (error ? reject(error) : resolve(result as T)));
    });
  const bound = FULL * (limit - YOUNG);

  /** The engine answers in the midst of what the main thread runs. */
  async function look(): Promise<void> {
    if (asking || process.memoryUsage.rss() < ASKED_FROM * limit) return;
    asking = true;
    try {
      if (!engine) {
        engine = new Session();
        engine.connectToMainThread();
      }
      const { usedSize } = await ask<HeapUsage>("Runtime.getHeapUsage");
      if (usedSize <= bound || timer === undefined) return;
      full(usedSize);
      await pause(GRACE, undefined, { ref: false });
    } catch {
      // Nothing is said of what cannot be asked.
    } finally {
      asking = false;
    }
  }

  function end(): void {
    clearInterval(timer);
    timer = undefined;
    engine?.disconnect();
    engine = undefined;
    asking = false;
  }

  return {
    begin(): void {
      end();
      timer = setInterval(() => void look(), STEP);
      timer.unref();
    },
    end,
  };
}
