/**
 * The other half of `kernel-helpers/platform/async-context`. Browsers do not follow a call through what it starts; so a call that
 * gives a promise holds its value until the promise settles, for everything that runs meanwhile.
 */
export class AsyncLocalStorage<T> {
  /** The values of the calls that go on, the latest last. */
  #held: { readonly value: T }[] = [];

  getStore(): T | undefined {
    return this.#held.at(-1)?.value;
  }

  run<R>(value: T, call: () => R): R {
    const held = { value };
    this.#held.push(held);
    const release = () => {
      this.#held = this.#held.filter((other) => other !== held);
    };
    let result: R;
    try {
      result = call();
    } catch (error) {
      release();
      throw error;
    }
    if (result instanceof Promise) result.then(release, release);
    else release();
    return result;
  }
}
