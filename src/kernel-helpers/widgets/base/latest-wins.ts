/**
 * Work of which only the newest counts. A call while it runs aborts the run's signal and has it run once more, however many
 * calls there are.
 */
export class LatestWins {
  readonly #work: (signal: AbortSignal) => unknown;
  #stale = false;
  #closed = false;
  #running: Promise<void> | undefined;
  #run = new AbortController();

  constructor(work: (signal: AbortSignal) => unknown) {
    this.#work = work;
  }

  /** Runs with what is set now; resolves when the newest call is dealt with. */
  start(): Promise<void> {
    this.#stale = true;
    this.#run.abort();
    this.#running ??= this.#runNewest().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Resolves when nothing runs. */
  async settled(): Promise<void> {
    await this.#running;
  }

  /** Whether a newer call waits for the run to end. */
  get superseded(): boolean {
    return this.#stale;
  }

  /** Aborts what runs. */
  stop(): void {
    this.#run.abort();
  }

  /** Aborts what runs, and runs nothing any more. */
  close(): void {
    this.#closed = true;
    this.#run.abort();
  }

  async #runNewest(): Promise<void> {
    // One change may set several things: take them together.
    await null;
    while (this.#stale && !this.#closed) {
      this.#stale = false;
      this.#run = new AbortController();
      await this.#work(this.#run.signal);
    }
  }
}
