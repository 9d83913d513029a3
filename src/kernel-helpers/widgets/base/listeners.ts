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
