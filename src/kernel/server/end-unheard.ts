import { setTimeout as pause } from "node:timers/promises";
import { ANSWERED, BEGUN, endSynchronousWork } from "./interrupt-flag.js";
import { endWhereItRuns, terminateMainThread } from "./terminate.js";

/**
 * What has not answered hangs, in milliseconds: after so long, if the process computed as long, for on a busy machine it may just not have
 * had its turn; at the latest after the second time, for it may wait for something.
 */
const PATIENCE = 400;
const LONGEST = 2000;
/** How often it is looked whether it has answered, in milliseconds. */
const STEP = 10;
/** How often it is asked whether what hangs may be ended, before it is looked whether it still hangs. */
const TRIES = 20;

let pings = 0;
let latest: Promise<unknown> = Promise.resolve();

/**
 * Worker thread: after an interrupt, ends what keeps the main thread from its event loop, wherever that is: after an await, in a timer,
 * in promises or `process.nextTick` that go on for ever. Resolves to whether the event loop turns, or a later cell runs.
 *
 * @param ping Sends the main thread a question of this number, to be answered in its turn.
 */
export function endUnheard(
  shared: SharedArrayBuffer,
  ping: (number: number) => void,
  within: number,
): Promise<boolean> {
  const begun = Atomics.load(new Int32Array(shared), BEGUN);
  const ending = latest.then(() => endNow(shared, ping, within, begun));
  latest = ending.catch(() => {});
  return ending;
}

async function endNow(
  shared: SharedArrayBuffer,
  ping: (number: number) => void,
  within: number,
  begun: number,
): Promise<boolean> {
  const memory = new Int32Array(shared);
  const deadline = Date.now() + within;

  async function answers(): Promise<boolean> {
    pings += 1;
    const number = pings;
    const [start, before] = [performance.now(), process.cpuUsage()];
    ping(number);
    for (;;) {
      await pause(STEP);
      if (Atomics.load(memory, ANSWERED) >= number || Atomics.load(memory, BEGUN) !== begun) return true;
      const waited = performance.now() - start;
      const { user, system } = process.cpuUsage(before);
      if (waited >= LONGEST || (waited >= PATIENCE && (user + system) / 1000 >= PATIENCE)) return false;
    }
  }

  // What went on in the turn of the event loop that answered hangs the next one.
  while (!((await answers()) && (await answers()))) {
    if (Date.now() > deadline) return false;
    if (endSynchronousWork(shared, terminateMainThread)) continue;
    // Where it stands just now it may not be ended, but a moment later.
    for (let tries = 0; tries < TRIES && !(await endWhereItRuns(shared, begun)); tries += 1) await pause(STEP);
  }
  return true;
}
