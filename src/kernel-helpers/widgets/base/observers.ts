import { sameData } from "../../../comms/states/traits.js";
import { type Disposer, disposer, type Listeners, type ObserveOptions } from "./listeners.js";
import { oneAtATime } from "./one-at-a-time.js";

/** A trait of that name has got a value in the place of an old one. */
interface Named {
  name: PropertyKey;
  old: unknown;
}

/** A subscription to changes, as it can be ended by its handler. */
interface Observer {
  handler: unknown;
  names: ReadonlySet<unknown> | undefined;
  dispose: Disposer;
}

/** Who hears of a widget's changes: by trait, one call at a time, until its handler or a signal ends it. */
export class Observers<C extends Named> {
  readonly #changes: Listeners<C>;
  readonly #all = new Set<Observer>();
  readonly #fail: (error: unknown) => void;

  /** @param fail Hears of what calls fail with that nobody waits for. */
  constructor(changes: Listeners<C>, fail: (error: unknown) => void) {
    this.#changes = changes;
    this.#fail = fail;
  }

  /** @param names The traits that the handler hears of; undefined for all. */
  add(
    handler: (change: C) => unknown,
    names: ReadonlySet<unknown> | undefined,
    { signal, overlap }: ObserveOptions,
  ): Disposer {
    const calls = overlap
      ? { call: handler, forget: () => {} }
      : oneAtATime<C>(
          handler,
          ({ name }) => name,
          (earlier, later) => ({ ...later, old: earlier.old }),
          this.#fail,
        );
    const end = this.#changes.add((change) => {
      if (names === undefined || names.has(change.name)) return calls.call(change);
    });
    const dispose = disposer(() => {
      end();
      calls.forget();
      this.#all.delete(observer);
      signal?.removeEventListener("abort", dispose);
    });
    const observer: Observer = { handler, names, dispose };
    if (signal?.aborted) dispose();
    else {
      this.#all.add(observer);
      signal?.addEventListener("abort", dispose, { once: true });
    }
    return dispose;
  }

  /** Ends what was begun with that handler for those traits; without names, all that was begun with it. */
  remove(handler: unknown, names: ReadonlySet<unknown> | undefined): void {
    for (const observer of this.#all) {
      if (observer.handler !== handler) continue;
      if (names === undefined || sameData([...names].sort(), [...(observer.names ?? [])].sort())) observer.dispose();
    }
  }

  clear(): void {
    for (const { dispose } of [...this.#all]) dispose();
  }
}
