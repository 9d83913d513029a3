/**
 * What the two threads share about interrupts: the worker thread hears of one while the main thread computes, and says so in
 * memory that the main thread looks at.
 */

/** Where in the memory the flag is that loops of cells look at: they stop when it is not 0. */
export const FLAG = 0;
/** Where the number of interrupts that came so far is. */
export const COUNT = 1;
/** Where it says that the worker sent a SIGINT of its own. */
export const SIGNAL = 2;

export const INTERRUPT_BYTES = 3 * Int32Array.BYTES_PER_ELEMENT;

/** Worker thread: raises an interrupt and returns its number. A message with this number must follow. */
export function raiseInterrupt(shared: SharedArrayBuffer): number {
  const memory = new Int32Array(shared);
  const number = Atomics.add(memory, COUNT, 1) + 1;
  // After the count: whoever lowers the flag looks at the count afterwards.
  Atomics.store(memory, FLAG, 1);
  return number;
}

/** Worker thread: ends a synchronous call into a library, which looks at no flag, after an interrupt was raised. */
export function signalInterrupt(shared: SharedArrayBuffer): void {
  Atomics.store(new Int32Array(shared), SIGNAL, 1);
  process.kill(process.pid, "SIGINT");
}
