/** Captured: a cell may replace them while it runs. */
const { setImmediate, clearImmediate, setTimeout, clearTimeout } = globalThis;

/** In milliseconds. */
const AT_LATEST = 100;

/** Calls `work` once in the next turn of the event loop, also where code that is ended takes what waited for that turn with it. */
export function soon(work: () => void): void {
  const run = (): void => {
    clearImmediate(immediate);
    clearTimeout(timer);
    work();
  };
  const immediate = setImmediate(run);
  const timer = setTimeout(run, AT_LATEST);
}
