import { Session } from "node:inspector";
import { setTimeout as pause } from "node:timers/promises";
import { log } from "../log.js";
import { ASKED, ENDING, MAY, MAY_NOT, NONE, ORDERED } from "./interrupt-flag.js";

/** Worker thread: tells the engine of the main thread to end what it runs. A session that stayed open would hold up the process's exit. */
export function terminateMainThread(): void {
  const engine = new Session();
  engine.connectToMainThread();
  terminate(engine);
}

function terminate(engine: Session): void {
  engine.post("Runtime.terminateExecution", (error) => {
    if (error) log(`the running code could not be ended: ${error.message}`);
    engine.disconnect();
  });
}

/** How the main thread is asked, in the midst of what it runs, by the number of cells that had begun at the interrupt. */
const question = (begun: number) => `globalThis[Symbol.for("limpid.ending")]?.(${begun})\n//# sourceURL=node:limpid`;
/** How long it may take to answer, in milliseconds: in a call outside of JavaScript it cannot. */
const PATIENCE = 250;

/**
 * Worker thread: ends what the main thread runs outside of the parts that it says may be ended: a callback, or what goes on after an
 * await. The main thread is asked in the midst of it, and stands still until the order is there: it knows whether that
 * would be code of the kernel, or of a later cell, and leaves the scopes of `node:async_hooks` whose end the code will not see.
 */
export async function endWhereItRuns(shared: SharedArrayBuffer, begun: number): Promise<boolean> {
  const memory = new Int32Array(shared);
  const engine = new Session();
  engine.connectToMainThread();
  Atomics.store(memory, ENDING, ASKED);
  engine.post("Runtime.evaluate", { expression: question(begun), silent: true });
  for (let waited = 0; waited < PATIENCE && Atomics.load(memory, ENDING) === ASKED; waited += 1) await pause(1);
  // What was not answered is not asked any more.
  Atomics.compareExchange(memory, ENDING, ASKED, NONE);
  const may = Atomics.compareExchange(memory, ENDING, MAY, ORDERED) === MAY;
  if (may) {
    terminate(engine);
    Atomics.notify(memory, ENDING);
  } else {
    Atomics.compareExchange(memory, ENDING, MAY_NOT, NONE);
    engine.disconnect();
  }
  return may;
}
