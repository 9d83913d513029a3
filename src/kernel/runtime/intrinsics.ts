/**
 * What JavaScript and Node.js themselves are made of, and the kernel with them: cells may add to it, but what they replace is put back
 * when they end. (A library that a cell loads meanwhile sees what the cell made of it.)
 */
import { EventEmitter } from "node:events";
import Module from "node:module";

/** Globals that are put back, with what hangs on them and on their prototypes. */
const WHOLE = `Array ArrayBuffer Atomics BigInt BigInt64Array BigUint64Array Boolean Buffer DataView Date Error EvalError FinalizationRegistry
  Float32Array Float64Array Function Int8Array Int16Array Int32Array JSON Map Math Number Object Promise Proxy RangeError ReferenceError
  Reflect RegExp Set SharedArrayBuffer String Symbol SyntaxError TypeError URIError Uint8Array Uint8ClampedArray Uint16Array Uint32Array
  WeakMap WeakRef WeakSet AggregateError`;
/** Globals that are put back as such; Node.js makes some of them when they are first read. */
const PLAIN = `globalThis process console performance crypto setTimeout clearTimeout setInterval clearInterval setImmediate clearImmediate
  queueMicrotask structuredClone WebAssembly`;
const OF_PROCESS = [
  "nextTick",
  "exit",
  "emit",
  "on",
  "once",
  "addListener",
  "removeListener",
  "removeAllListeners",
  "emitWarning",
  "env",
];
/** Settings that are there to be changed. */
const FREE = new Set<PropertyKey>(["stackTraceLimit"]);

interface Place {
  readonly of: object;
  readonly key: PropertyKey;
  readonly name: string;
  readonly was: PropertyDescriptor;
}

// Captured: what puts things back must not need what it puts back.
const { defineProperty, getOwnPropertyDescriptor } = Reflect;

const words = (text: string): string[] => text.trim().split(/\s+/);

/** Notes how everything is now; gives what puts it back, and names what it found changed. */
export function intrinsics(): () => string[] {
  const places: Place[] = [];
  const note = (of: object, key: PropertyKey, name: string): void => {
    const was = getOwnPropertyDescriptor(of, key);
    if (was?.configurable && !FREE.has(key)) places.push({ of, key, name, was });
  };
  const noteAll = (of: object, name: string): void => {
    for (const key of Reflect.ownKeys(of))
      note(of, key, `${name}.${typeof key === "symbol" ? `[${key.description}]` : key}`);
  };
  const world = globalThis as unknown as Record<string, { prototype?: object }>;
  for (const name of [...words(WHOLE), ...words(PLAIN)]) {
    const was = { value: world[name], writable: true, configurable: true, enumerable: false };
    places.push({ of: globalThis, key: name, name, was });
  }
  note(globalThis, Symbol.for("limpid.host"), "Limpid's place in globalThis");
  for (const name of words(WHOLE)) {
    noteAll(world[name]!, name);
    if (world[name]!.prototype) noteAll(world[name]!.prototype!, `${name}.prototype`);
  }
  noteAll(Object.getPrototypeOf(Int8Array) as object, "TypedArray");
  noteAll(Object.getPrototypeOf(Int8Array.prototype) as object, "TypedArray.prototype");
  for (const key of OF_PROCESS) note(process, key, `process.${key}`);
  noteAll(EventEmitter.prototype, "EventEmitter.prototype");
  noteAll(Module.prototype, "Module.prototype");

  return () => {
    const changed: string[] = [];
    for (let index = 0; index < places.length; index += 1) {
      const { of, key, name, was } = places[index]!;
      const is = getOwnPropertyDescriptor(of, key);
      if (is && (of === world && is.get ? world[key as string] === was.value : isSame(is, was))) continue;
      if (defineProperty(of, key, was)) changed[changed.length] = name;
    }
    return changed;
  };
}

const isSame = (one: PropertyDescriptor, other: PropertyDescriptor): boolean =>
  one.value === other.value && one.get === other.get && one.set === other.set;
