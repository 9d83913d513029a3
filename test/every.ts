/** What `npm test` looks at a share of, `npm run test:every` at all of: what is many and alike, and what takes minutes. */

export const EVERY = process.env["LIMPID_EVERY"] === "1";

/** For a test that takes long and says little beyond its neighbors. */
export const long = { skip: EVERY ? false : "takes long: npm run test:every" };

/** One of so many, beginning with the one at `first`; all of them where every one is asked for. */
export function share<T>(items: readonly T[], oneOf: number, first = 0): T[] {
  return items.filter((_, at) => EVERY || at % oneOf === first);
}
