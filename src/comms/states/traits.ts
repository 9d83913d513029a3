import { isBinary } from "../buffers.js";

/** One attribute of a widget: what it holds, what it starts as, how it crosses the wire. */
export interface Trait<T> {
  /** The kind of value in words that complete "must be …". */
  readonly expected: string;
  /** The names that it takes, where it takes nothing else. */
  readonly known?: readonly string[];
  /** Makes the initial value; called for each widget, so that lists are not shared. */
  initial(): T;
  /** The value to hold for what was given, or `invalid`. */
  check(value: unknown): T | typeof invalid;
  /** The value on the wire; by default the value itself. */
  toWire?(value: T): unknown;
  /** The value for what the wire brought, before `check`. */
  fromWire?(value: unknown, findWidget: (id: string) => unknown): unknown;
  /** False keeps the trait in the kernel. */
  readonly synced?: boolean;
  /** False when other views need not hear of a change that one view made. */
  readonly echoed?: boolean;
  /** Each assignment of an object counts as a change: an array in it may have been written to since it was sent. */
  readonly mutable?: boolean;
  /** An array of numbers on the wire, which the browser turns into a typed array. */
  readonly binary?: boolean;
  /** Only how things are seen: a browser obeys it by itself, so it can be changed where no kernel has the widget. */
  readonly viewed?: boolean;
  /** A trait that holds nothing: its value is read from the others, and setting it sets those. */
  readonly accessor?: Accessor<T>;
}

/** How a trait is read from the values of others, and written to them. */
export interface Accessor<T> {
  get(values: object): T;
  /** Without it the trait is for reading only. */
  set?(values: object, value: T): void;
}

/** The traits of a state by name. */
export type Traits<S> = { [K in keyof S]: Trait<S[K]> };

/** The state whose traits these are. */
export type StateOf<T> = { [K in keyof T]: T[K] extends Trait<infer V> ? V : never };

/** What such a state starts as. */
export function initialState<T extends object>(traits: T): StateOf<T> {
  const values = Object.entries(traits as Traits<object>).map(([name, trait]) => [
    name,
    (trait as Trait<unknown>).initial(),
  ]);
  return Object.fromEntries(values) as StateOf<T>;
}

/** What `Trait.check` answers for a value of the wrong kind. */
export const invalid: unique symbol = Symbol("invalid");

/** A trait from a condition that its values meet. */
function trait<T>(initial: T, expected: string, holds: (value: unknown) => boolean): Trait<T> {
  return { expected, initial: () => initial, check: (value) => (holds(value) ? (value as T) : invalid) };
}

export const text = (initial = ""): Trait<string> => trait(initial, "a string", (value) => typeof value === "string");

export const flag = (initial = false): Trait<boolean> =>
  trait(initial, "true or false", (value) => typeof value === "boolean");

/** JSON knows no NaN and no infinity, so neither does a number on a widget. */
export const number = (initial = 0): Trait<number> => trait(initial, "a finite number", Number.isFinite);

export const integer = (initial = 0): Trait<number> => trait(initial, "an integer", Number.isSafeInteger);

function inRange(low: number, high: number, initial: number, kind: string, holds: (value: unknown) => boolean) {
  const range = high === Number.POSITIVE_INFINITY ? `from ${low} on` : `between ${low} and ${high}`;
  return trait(
    initial,
    `${kind} ${range}`,
    (value) => holds(value) && (value as number) >= low && (value as number) <= high,
  );
}

/** A number from `low` to `high`, both included. */
export const between = (low: number, high: number, initial: number): Trait<number> =>
  inRange(low, high, initial, "a number", Number.isFinite);

export const wholeBetween = (low: number, high: number, initial: number): Trait<number> =>
  inRange(low, high, initial, "a whole number", Number.isSafeInteger);

export const atLeast = (low: number, initial = low): Trait<number> => between(low, Number.POSITIVE_INFINITY, initial);

/** One of a few strings; starts as the first. */
export const choice = <const T extends string>(first: T, ...others: T[]): Trait<T> => {
  const all: readonly string[] = [first, ...others];
  const one = trait<T>(first, `one of ${all.map((name) => JSON.stringify(name)).join(", ")}`, (value) =>
    all.includes(value as string),
  );
  return { ...one, known: all };
};

/** What `inner` holds, or null, which it starts as. */
export function nullable<T>(inner: Trait<T>): Trait<T | null> {
  const { toWire, fromWire } = inner;
  return {
    ...inner,
    expected: `${inner.expected} or null`,
    initial: () => null,
    check: (value) => (value === null ? null : inner.check(value)),
    ...(toWire && { toWire: (value: T | null) => (value === null ? null : toWire.call(inner, value)) }),
    ...(fromWire && {
      fromWire: (value: unknown, find: (id: string) => unknown) =>
        value === null ? null : fromWire.call(inner, value, find),
    }),
  };
}

/** A list of what `item` holds; starts empty unless told otherwise. It is frozen: nobody would hear of a change within. */
export function list<T>(item: Trait<T>, initial: readonly T[] = []): Trait<T[]> {
  return {
    expected: `a list in which each item is ${item.expected}`,
    initial: () => Object.freeze([...initial]) as T[],
    check(value) {
      if (!Array.isArray(value)) return invalid;
      const checked = value.map((entry) => item.check(entry));
      return checked.includes(invalid) ? invalid : (Object.freeze(checked) as T[]);
    },
    toWire: (value) => (item.toWire === undefined ? value : value.map((entry) => item.toWire!(entry))),
    fromWire: (value, find) =>
      Array.isArray(value) && item.fromWire !== undefined ? value.map((entry) => item.fromWire!(entry, find)) : value,
  };
}

/** A list of two. */
export function pair<T>(item: Trait<T>, first: T, second: T): Trait<[T, T]> {
  const both = list(item, [first, second]);
  return {
    ...both,
    expected: `a list of two: each ${item.expected}`,
    check: (value: unknown) => (Array.isArray(value) && value.length === 2 ? both.check(value) : invalid),
  } as Trait<[T, T]>;
}

/** Bytes, as a `Uint8Array` or another view of memory, or an `ArrayBuffer`; empty at first. */
export const bytes = (): Trait<Uint8Array> => {
  const check = (value: unknown) => {
    if (!isBinary(value)) return invalid;
    return ArrayBuffer.isView(value)
      ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
      : new Uint8Array(value);
  };
  return { expected: "bytes (a Uint8Array)", initial: () => new Uint8Array(), check, mutable: true };
};

/** What one of two traits holds; starts as the first does. */
export const either = <A, B>(first: Trait<A>, second: Trait<B>): Trait<A | B> => ({
  expected: `${first.expected}, or ${second.expected}`,
  initial: () => first.initial(),
  check(value) {
    const held = first.check(value);
    return held === invalid ? second.check(value) : held;
  },
});

/** Plain data of any shape: objects, lists, typed arrays in them. The caller vouches for `T`. */
export function data<T>(initial: T): Trait<T> {
  return {
    expected: "plain data (objects, lists, strings, finite numbers, typed arrays)",
    initial: () => structuredClone(initial),
    check: (value) => (isPlainData(value) ? (value as T) : invalid),
    mutable: true,
  };
}

/**
 * A trait that holds nothing of its own: `get` reads it from the values of the others, `set` writes it to them.
 *
 * @param inner says which values it takes
 */
export function accessor<S extends object, T>(
  inner: Trait<T>,
  get: (values: S) => T,
  set?: (values: S, value: T) => void,
): Trait<T> {
  return { ...inner, mutable: false, accessor: { get, ...(set && { set }) } as Accessor<T> };
}

/** A trait that the front end does not see. */
export const unsynced = <T>(inner: Trait<T>): Trait<T> => ({ ...inner, synced: false });

/** A trait of how things are seen: whoever draws the widget obeys it, without the kernel. All others are the kernel's. */
export const viewed = <T>(inner: Trait<T>): Trait<T> => ({ ...inner, viewed: true });

/** Whether two values are the same to a front end; binary parts only when they are the same object. */
export function sameData(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (a === null || b === null || typeof a !== "object" || typeof b !== "object" || isBinary(a) || isBinary(b)) {
    return false;
  }
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime();
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => sameData(item, b[i]));
  }
  const keys = Object.keys(a);
  return (
    isRecord(a) &&
    isRecord(b) &&
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && sameData(a[key], b[key]))
  );
}

function isPlainData(value: unknown): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return Number.isFinite(value);
    case "object":
      if (value === null || isBinary(value)) return true;
      if (Array.isArray(value)) return value.every(isPlainData);
      return isRecord(value) && Object.values(value).every((item) => item === undefined || isPlainData(item));
    default:
      return false;
  }
}

/** An object literal or the like, not an instance of a class. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
