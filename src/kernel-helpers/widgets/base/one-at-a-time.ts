/** Calls of a handler, as they are made in its place. */
export interface Calls<T> {
  call(event: T): unknown;
  /** Drops what waits. */
  forget(): void;
}

/**
 * Calls of a handler that do not overlap. While one goes on, events wait; of those with the same key only the newest, in the order in which
 * the keys first came.
 *
 * @param merge What waits in the place of two events.
 * @param report Hears of what calls fail with that had to wait.
 */
export function oneAtATime<T>(
  handler: (event: T) => unknown,
  keyOf: (event: T) => unknown,
  merge: (earlier: T, later: T) => T,
  report: (error: unknown) => void,
): Calls<T> {
  const waiting = new Map<unknown, T>();
  let going: Promise<void> | undefined;

  async function finish(first: PromiseLike<unknown>): Promise<void> {
    try {
      await first;
    } catch {
      // Whoever made the first call has its promise.
    }
    for (;;) {
      const [next] = waiting;
      if (next === undefined) break;
      const [key, event] = next;
      waiting.delete(key);
      try {
        await handler(event);
      } catch (error) {
        report(error);
      }
    }
    going = undefined;
  }

  return {
    call(event) {
      if (going !== undefined) {
        const key = keyOf(event);
        const earlier = waiting.get(key);
        waiting.set(key, earlier === undefined ? event : merge(earlier, event));
        return going;
      }
      const result = handler(event) as PromiseLike<unknown> | undefined;
      if (typeof result?.then !== "function") return result;
      going = finish(result);
      return Promise.all([result, going]);
    },
    forget: () => waiting.clear(),
  };
}
