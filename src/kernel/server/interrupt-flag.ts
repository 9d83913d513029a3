/**
 * What the two threads share about interrupts: the worker thread hears of one while the main thread computes, and says so in
 * memory that the main thread looks at.
 */

/** Where in the memory the flag is that loops of cells look at: they stop when it is not 0. */
export const FLAG = 0;
/** Where the number of interrupts that came so far is. */
export const COUNT = 1;
/** Where it says whether the main thread may be told to end what it runs: at other times that would be the kernel's own code. */
export const LISTENER = 2;

/** Where the number of the latest interrupt is that the main thread's event loop has heard of. */
export const HEARD = 3;

/** Where the number of the latest question "are you there?" is that the main thread's event loop has answered. */
export const ANSWERED = 4;
/** Where the number of cells that have begun is: an interrupt ends nothing of one that began after it. */
export const BEGUN = 5;
/** Where the two threads agree on the end of what runs outside of the parts that `LISTENER` is about. */
export const ENDING = 6;

/** Where the megabytes are that JavaScript's values took when a cell was interrupted because memory is nearly used up; else 0. */
export const FULL = 7;

/** States of `LISTENER`: nobody listens; a synchronous part runs that may be ended; the order to end is on its way. */
export const DEAF = 0;
export const LISTENING = 1;
export const SENT = 2;

/** States of `ENDING`: none; the worker asks; the main thread, in the midst of it, may be ended or not; the order is there. */
export const NONE = 0;
export const ASKED = 1;
export const MAY = 2;
export const MAY_NOT = 3;
export const ORDERED = 4;

export const INTERRUPT_BYTES = 8 * Int32Array.BYTES_PER_ELEMENT;

/** Worker thread: raises an interrupt and returns its number. A message with this number must follow. */
export function raiseInterrupt(shared: SharedArrayBuffer): number {
  const memory = new Int32Array(shared);
  const number = Atomics.add(memory, COUNT, 1) + 1;
  // After the count: whoever lowers the flag looks at the count afterwards.
  Atomics.store(memory, FLAG, 1);
  return number;
}

/** Worker thread: whether the main thread's event loop has had a turn since an interrupt. */
export const isHeard = (shared: SharedArrayBuffer, number: number): boolean =>
  Atomics.load(new Int32Array(shared), HEARD) >= number;

/**
 * Worker thread: ends a synchronous call into a library, which looks at no flag, after an interrupt was raised. False where the main
 * thread is in no such part.
 *
 * @param terminate Tells the engine to end what the main thread runs.
 */
export function endSynchronousWork(shared: SharedArrayBuffer, terminate: () => void): boolean {
  const listens = Atomics.compareExchange(new Int32Array(shared), LISTENER, LISTENING, SENT) === LISTENING;
  if (listens) terminate();
  return listens;
}
