import { DISPLAY } from "../../../comms/host.js";

/** Ends a subscription; calling it again does nothing. */
export type Disposer = () => void;

/** A disposer that a notebook does not print when it is a cell's last value. */
export function disposer(end: () => void): Disposer {
  return Object.assign(end, { [DISPLAY]: () => undefined });
}

/** Every subscription ends by its disposer or by an abort of this signal. */
export interface ListenOptions {
  signal?: AbortSignal | undefined;
}

export interface ObserveOptions extends ListenOptions {
  /** Whether an asynchronous handler is called again while it works; default false: the newest change waits for it. */
  overlap?: boolean;
}

/** Handlers in order of subscription. */
export class Listeners<T> {
  readonly #handlers = new Map<object, (event: T) => unknown>();

  add(handler: (event: T) => unknown, { signal }: ListenOptions = {}): Disposer {
    if (signal?.aborted) return disposer(() => {});
    const key = {};
    this.#handlers.set(key, handler);
    const dispose = disposer(() => {
      this.#handlers.delete(key);
      signal?.removeEventListener("abort", dispose);
    });
    signal?.addEventListener("abort", dispose, { once: true });
    return dispose;
  }

  clear(): void {
    this.#handlers.clear();
  }

  /** Calls each handler, also when one before it throws; puts their promises and errors into the lists given. */
  call(event: T, promises: PromiseLike<unknown>[], errors: unknown[]): void {
    for (const handler of [...this.#handlers.values()]) {
      try {
        const result = handler(event);
        if (typeof (result as PromiseLike<unknown> | undefined)?.then === "function") {
          promises.push(result as PromiseLike<unknown>);
        }
      } catch (error) {
        errors.push(error);
      }
    }
  }
}

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
