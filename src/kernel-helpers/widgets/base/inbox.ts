import type { Disposer, ListenOptions } from "./listeners.js";

/** Hands out what is pushed to whoever asks for the next; keeps all of it until asked, or only the newest. */
export class Inbox<T> implements AsyncIterableIterator<T, undefined> {
  readonly #kept: T[] = [];
  readonly #waiting: { resolve(result: IteratorResult<T, undefined>): void; reject(error: unknown): void }[] = [];
  readonly #newestOnly: boolean;
  readonly #onWait: () => void;
  readonly #onEnd: () => void;
  #ended = false;
  #error: { reason: unknown } | undefined;

  constructor(options: { newestOnly: boolean; onWait(): void; onEnd(): void }) {
    this.#newestOnly = options.newestOnly;
    this.#onWait = options.onWait;
    this.#onEnd = options.onEnd;
  }

  push(value: T): void {
    if (this.#ended) return;
    const waiter = this.#waiting.shift();
    if (waiter !== undefined) waiter.resolve({ value, done: false });
    else if (this.#newestOnly) this.#kept[0] = value;
    else this.#kept.push(value);
  }

  /** Lets the loop over this end; with an error, it throws once what is kept has been taken. */
  end(error?: { reason: unknown }): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.#onEnd();
    for (const waiter of this.#waiting.splice(0)) {
      if (error) waiter.reject(error.reason);
      else waiter.resolve({ value: undefined, done: true });
    }
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#kept.length > 0) return Promise.resolve({ value: this.#kept.shift() as T, done: false });
    if (this.#error) return Promise.reject(this.#error.reason);
    if (this.#ended) return Promise.resolve({ value: undefined, done: true });
    this.#onWait();
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.#kept.length = 0;
    this.end();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** What an inbox is filled by, and how it ends. */
interface Source<T> extends ListenOptions {
  newestOnly: boolean;
  /** Called when somebody waits for what is not there yet. */
  onWait(): void;
  /** Begins to fill the inbox; what it gives ends that. */
  fill(inbox: Inbox<T>): Disposer[];
}

/** An inbox that is filled until it ends, at the latest when the signal aborts, whose reason it then throws. */
export function inboxOf<T>({ newestOnly, onWait, fill, signal }: Source<T>): Inbox<T> {
  const disposers: Disposer[] = [];
  const onEnd = () => {
    for (const dispose of disposers) dispose();
  };
  const inbox = new Inbox<T>({ newestOnly, onWait, onEnd });
  disposers.push(...fill(inbox));
  if (signal !== undefined) {
    const abort = () => inbox.end({ reason: signal.reason });
    if (signal.aborted) abort();
    else {
      signal.addEventListener("abort", abort, { once: true });
      disposers.push(() => signal.removeEventListener("abort", abort));
    }
  }
  return inbox;
}
