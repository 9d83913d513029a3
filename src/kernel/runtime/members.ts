import process from "node:process";
import { types } from "node:util";

const { getOwnPropertyDescriptor, getPrototypeOf, ownKeys } = Reflect;
/** More say nothing. */
const MOST = 200;

type Held = Record<PropertyKey, unknown>;

/** Without a proxy's traps. */
const isReadable = (value: unknown): value is Held =>
  ((typeof value === "object" && value !== null) || typeof value === "function") && !types.isProxy(value);

/** The value of a property; no getter is called, so what one would give is undefined. */
function read(holder: unknown, name: string): unknown {
  for (let at: unknown = holder; isReadable(at); at = getPrototypeOf(at)) {
    const found = getOwnPropertyDescriptor(at, name);
    if (found) return found.value;
  }
  return undefined;
}

/**
 * What stands behind `first.second.` in the running notebook: names of properties that can be written behind a dot. Nothing of the author's
 * code runs.
 *
 * @param variable The value of a variable of the notebook, in a list that is empty where there is none of the name.
 */
export function membersOf(chain: readonly string[], variable: (name: string) => readonly unknown[]): string[] {
  const [first = "", ...rest] = chain;
  const [known] = variable(first);
  const holder = rest.reduce(read, known ?? (first === "process" ? process : read(globalThis, first)));
  const names = new Set<string>();
  for (let at: unknown = holder; isReadable(at) && names.size < MOST; at = getPrototypeOf(at)) {
    if (at === Object.prototype || (at as object) === Function.prototype) break;
    for (const key of ownKeys(at).slice(0, MOST)) {
      if (typeof key === "string" && /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key) && key !== "constructor") names.add(key);
    }
  }
  return [...names];
}
