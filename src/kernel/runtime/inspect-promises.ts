import { type InspectOptionsStylized, inspect } from "node:util";

/** What Node.js notes on a promise to follow its context; `util.inspect` would print it all. */
const NOTES = new Set(["async_id_symbol", "trigger_async_id_symbol", "kResourceStore"]);

/** Shows promises as `Promise { 2 }`, and timers, without the notes that following their context puts on them. */
export function inspectPromisesPlainly(): void {
  const timer = setTimeout(() => {}, 0);
  clearTimeout(timer);
  for (const prototype of [Promise.prototype, Object.getPrototypeOf(timer) as object]) inspectPlainly(prototype);
}

function inspectPlainly(prototype: object): void {
  Object.defineProperty(prototype, inspect.custom, {
    configurable: true,
    writable: true,
    value(this: object, _depth: number, options: InspectOptionsStylized): string {
      for (const note of Object.getOwnPropertySymbols(this)) {
        const { description = "" } = note;
        if (NOTES.has(description)) Object.defineProperty(this, note, { enumerable: false });
      }
      return inspect(this, { ...options, customInspect: false });
    },
  });
}
