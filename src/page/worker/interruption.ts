/** The reader stopped the page's kernel. */
export class InterruptError extends Error {
  override name = "InterruptError";
  constructor() {
    super("The reader stopped it");
  }
}

export interface Interruption {
  /** What compiled loops read: not 0 while something is to stop. */
  readonly flag: Int32Array;
  /** Throws while something is to stop. */
  readonly check: () => void;
  /** What `await` at the top level of a cell waits for: the value's outcome, or a stop. */
  wait(value: unknown): unknown;
  /** A cell runs from here on: it can be stopped. */
  begin(): void;
  /** Stops the cell that runs, where it waits or looks; what widgets compute between cells goes on. */
  stop(): void;
  /** The cell has ended, and with it what was to stop. */
  end(): void;
}

/** A worker hears of a stop when its code lets go; from then on loops and awaits end. */
export function interruption(): Interruption {
  const flag = new Int32Array(1);
  let reject: ((error: Error) => void) | undefined;
  let running = false;
  const check = () => {
    if (flag[0] !== 0) throw new InterruptError();
  };
  return {
    flag,
    check,
    wait(value) {
      check();
      if (typeof (value as PromiseLike<unknown> | undefined)?.then !== "function") return value;
      return new Promise((resolve, rejectWait) => {
        reject = rejectWait;
        Promise.resolve(value).then(resolve, rejectWait);
      });
    },
    begin() {
      running = true;
    },
    stop() {
      if (!running) return;
      flag[0] = 1;
      reject?.(new InterruptError());
    },
    end() {
      running = false;
      flag[0] = 0;
      reject = undefined;
    },
  };
}
