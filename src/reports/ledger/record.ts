/** Any value of a notebook as a record. */
import { viewAs } from "../../comms/buffers.js";
import { DISPLAY } from "../../comms/host.js";
import type { WireArray } from "../../comms/states/array.js";
import { arrayRecord, arrayTypeOf, type NumberArray } from "./arrays.js";
import { bytesOf } from "./bytes.js";
import {
  type ArrayRecord,
  type ArrayType,
  IN_MOTION,
  type NumberRecord,
  type OpaqueRecord,
  type TreeRecord,
  type ValueRecord,
} from "./records.js";
import { type OmittedPart, restRecord } from "./rest.js";
import { textRecord } from "./texts.js";

/** What the values of a notebook may be beside plain data. */
export interface Known {
  /** The state of a widget, by trait, with what it refers to in place, or that it is in motion; undefined for anything else. */
  widget?(value: object): Readonly<Record<string, unknown>> | typeof IN_MOTION | undefined;
  /** A text as a reader elsewhere would have it: a path of this machine by the key of what lies there. */
  text?(text: string): string;
}

/** Most parts of one object or list, of one value in all, and the deepest of them. */
const PARTS = 64;
const PARTS_IN_ALL = 256;
const DEPTH = 6;
/** Most arrays of one value. */
const ARRAYS = 24;
/** Most parts without a record of their own that are looked at, and most elements of arrays among them. */
const OMITTED_PARTS = 10_000;
const OMITTED_ELEMENTS = 2 ** 26;

/** The record of a value as it is now; it may change as soon as this returns. Getters are not called, functions not looked into. */
export async function recordValue(value: unknown, known: Known = {}): Promise<ValueRecord> {
  const recording = new Recording(known);
  const record = recording.of(value, 0);
  const { omitted, unseen } = recording;
  await Promise.all(recording.pending);
  if (record.kind !== "tree" || (omitted.length === 0 && unseen === 0)) return record;
  return { ...record, rest: await restRecord(omitted, unseen) };
}

export const numberRecord = (value: number): NumberRecord => ({
  kind: "number",
  value: Object.is(value, -0) ? "-0" : String(value),
});

class Recording {
  /** What still fills in hashes. */
  readonly pending: Promise<void>[] = [];
  /** What the record has no room for, looked at all the same. */
  readonly omitted: OmittedPart[] = [];
  /** Parts that were too many even for that. */
  unseen = 0;
  readonly #known: Known;
  readonly #path = new Set<object>();
  #parts = PARTS_IN_ALL;
  #arrays = ARRAYS;
  /** True while what is looked at has no place in the record. */
  #isBeyond = false;
  #omittedParts = OMITTED_PARTS;
  #omittedElements = OMITTED_ELEMENTS;
  /** Objects among the omitted parts, each looked at once. */
  readonly #met = new Map<object, number>();

  constructor(known: Known) {
    this.#known = known;
  }

  of(value: unknown, depth: number): ValueRecord {
    switch (typeof value) {
      case "number":
        return numberRecord(value);
      case "string":
        return this.#text(value);
      case "boolean":
      case "undefined":
        return { kind: "literal", value: String(value) };
      case "bigint":
        return { kind: "literal", value: `${value}n` };
      case "function":
        return opaque(/^class\b/.test(Function.prototype.toString.call(value)) ? "class" : "function");
      case "symbol":
        return opaque("symbol");
      default:
        return value === null ? { kind: "literal", value: "null" } : this.#object(value as object, depth);
    }
  }

  #object(value: object, depth: number): ValueRecord {
    if (this.#path.has(value)) return opaque("circular");
    if (this.#isBeyond) {
      const met = this.#met.get(value);
      if (met !== undefined) return opaque(`part ${met} again`);
      this.#met.set(value, this.#met.size);
    }
    this.#path.add(value);
    try {
      return this.#look(value, depth);
    } catch {
      // What cannot even be looked at has no value to compare.
      return opaque("unreadable");
    } finally {
      this.#path.delete(value);
    }
  }

  #look(value: object, depth: number): ValueRecord {
    const state = this.#known.widget?.(value);
    if (state === IN_MOTION) return opaque(IN_MOTION);
    if (state !== undefined) return this.#tree(className(value), Object.entries(state), depth);
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return this.#binary(value);
    if (isWireArray(value)) return this.#array(viewOf(value), value.shape, undefined, value.dtype === "uint8");
    if (isTensor(value)) return this.#tensor(value);
    if (isNetwork(value)) return this.#network(value);
    if (value instanceof Date) return this.#text(Number.isNaN(+value) ? "Invalid Date" : value.toISOString());
    if (value instanceof Error) return this.#text(`${value.name}: ${value.message}`);
    if (isLibrary(value)) return opaque("library");
    if (typeof (value as { then?: unknown }).then === "function") return opaque("promise");
    // What stands for something on display has a name that each run gives anew.
    if (DISPLAY in value && "displayId" in value) return opaque("display");
    if (Array.isArray(value)) return this.#list(value, depth);
    if (value instanceof Map)
      return this.#tree(
        "Map",
        [...value].map(([key, part]) => [String(key), part]),
        depth,
      );
    if (value instanceof Set)
      return this.#tree(
        "Set",
        [...value].map((part, index) => [String(index), part]),
        depth,
      );
    return this.#tree(className(value), ownParts(value), depth);
  }

  #text(text: string): ValueRecord {
    const { record, rest } = textRecord(this.#known.text?.(text) ?? text);
    if (rest) this.pending.push(rest.then((rest) => void Object.assign(record, { rest })));
    return record;
  }

  #binary(value: ArrayBufferView | ArrayBuffer): ValueRecord {
    if (arrayTypeOf(value) !== undefined) return this.#array(value as NumberArray);
    return this.#array(ArrayBuffer.isView(value) ? bytesOf(value) : new Uint8Array(value));
  }

  #array(values: NumberArray, shape?: readonly number[], dtype?: ArrayType, isPixels?: boolean): ValueRecord {
    const inWords = opaque(`array ${dtype ?? arrayTypeOf(values)} of ${values.length}`);
    if (!this.#isBeyond && this.#arrays-- <= 0) {
      this.#beyond(() => this.omitted.push(["array", this.#array(values, shape, dtype, isPixels)]));
      return inWords;
    }
    if (this.#isBeyond) this.#omittedElements -= values.length;
    if (this.#omittedElements < 0) {
      this.unseen++;
      return inWords;
    }
    const made = arrayRecord(values, shape, dtype, isPixels);
    const { record } = made;
    // Beyond the record a short array is told by its samples.
    if (this.#isBeyond && record.sketch.sums === "") return record;
    this.pending.push(made.hashed.then(({ sha256 }) => void Object.assign(record, { sha256 })));
    return record;
  }

  #tensor(tensor: TensorLike): ValueRecord {
    if (tensor.isDisposed) return opaque("disposed tensor");
    if (tensor.dtype === "string") return this.of(Array.from(tensor.dataSync() as ArrayLike<unknown>), DEPTH - 1);
    const data = tensor.dataSync() as NumberArray;
    const shape = tensor.dtype === "complex64" ? [...tensor.shape, 2] : tensor.shape;
    return this.#array(data, shape, tensor.dtype === "bool" ? "bool" : undefined);
  }

  /** A network is its weights: one array of all of them, in their order. */
  #network({ weights }: NetworkLike): ValueRecord {
    const tensors = (Array.isArray(weights) ? weights : Object.values(weights).flat())
      .map((weight) => ("read" in weight ? weight.read() : weight))
      .filter(({ dtype }) => dtype !== "string");
    if (tensors.some(({ isDisposed }) => isDisposed)) return opaque("disposed network");
    return {
      kind: "tree",
      type: "network",
      parts: { tensors: numberRecord(tensors.length), weights: this.#weights(tensors) },
      omitted: 0,
    };
  }

  #weights(tensors: readonly TensorLike[]): ArrayRecord {
    const keys = tensors.map(({ dataId }) => dataId);
    const found = weightRecords.get(keys[0] ?? NONE);
    if (found && found.keys.length === keys.length && found.keys.every((key, index) => key === keys[index])) {
      const record = { ...found.record };
      this.pending.push(found.hash.then((sha256) => void Object.assign(record, { sha256 })));
      return record;
    }
    const all = new Float32Array(tensors.reduce((sum, { size }) => sum + size, 0));
    let at = 0;
    for (const tensor of tensors) {
      all.set(tensor.dataSync() as Float32Array, at);
      at += tensor.size;
    }
    const { record, hashed } = arrayRecord(all);
    const hash = hashed.then(({ sha256 }) => sha256);
    weightRecords.set(keys[0] ?? NONE, { keys, record, hash });
    this.pending.push(hash.then((sha256) => void Object.assign(record, { sha256 })));
    return record;
  }

  #list(list: readonly unknown[], depth: number): ValueRecord {
    const shape = list.length > 0 ? rectangle(list) : undefined;
    if (shape) return this.#array(Float64Array.from(list.flat(shape.length - 1) as number[]), shape);
    return this.#tree(
      "Array",
      list.map((part, index) => [String(index), part]),
      depth,
    );
  }

  #tree(type: string, entries: readonly (readonly [string, unknown])[], depth: number): TreeRecord {
    const parts: Record<string, ValueRecord> = {};
    let kept = 0;
    for (const [name, part] of entries) {
      if (this.#isBeyond) {
        if (this.#omittedParts-- <= 0) {
          this.unseen += entries.length - kept;
          return { kind: "tree", type, parts, omitted: entries.length - kept };
        }
      } else if (depth >= DEPTH || kept >= PARTS || this.#parts <= 0) {
        this.#lookBeyond(entries.slice(kept), depth);
        break;
      } else this.#parts--;
      kept++;
      // A part may be called `__proto__`.
      Object.defineProperty(parts, name, {
        value: this.of(part, depth + 1),
        ...{ enumerable: true, writable: true, configurable: true },
      });
    }
    return { kind: "tree", type, parts, omitted: entries.length - kept };
  }

  /** Looks at parts for which there is no room, now, while they are as they are. */
  #lookBeyond(entries: readonly (readonly [string, unknown])[], depth: number): void {
    this.#beyond(() => {
      for (const [index, [name, part]] of entries.entries()) {
        if (this.#omittedParts-- <= 0) {
          this.unseen += entries.length - index;
          break;
        }
        this.omitted.push([name, this.of(part, depth + 1)]);
      }
    });
  }

  #beyond(look: () => void): void {
    this.#isBeyond = true;
    look();
    this.#isBeyond = false;
  }
}

/** Tensors never change, so what was found of a network's weights holds as long as they are the same tensors. */
const weightRecords = new WeakMap<object, { keys: object[]; record: ArrayRecord; hash: Promise<string> }>();
const NONE = {};

const opaque = (type: string): OpaqueRecord => ({ kind: "opaque", type });

function className(value: object): string {
  const made = value.constructor;
  return typeof made === "function" && made.name !== "" ? made.name : "Object";
}

/** A module, or an object that stands for one: nearly all that it holds is code. */
function isLibrary(value: object): boolean {
  if ((value as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag] === "Module") return true;
  if (Array.isArray(value)) return false;
  const parts = Object.values(Object.getOwnPropertyDescriptors(value));
  if (parts.length < LIBRARY) return false;
  const code = parts.filter((part) => part.get !== undefined || typeof part.value === "function");
  return 2 * code.length > parts.length;
}

/** Fewest parts of a library. */
const LIBRARY = 16;

/** Its own parts, without those that only calling code would tell, and without functions. */
function ownParts(value: object): [string, unknown][] {
  return Object.entries(Object.getOwnPropertyDescriptors(value)).flatMap(([name, descriptor]) =>
    descriptor.enumerable && "value" in descriptor && typeof descriptor.value !== "function"
      ? [[name, descriptor.value] as [string, unknown]]
      : [],
  );
}

/** The shape of a list of numbers, or of lists of equal length of them; undefined for any other. */
function rectangle(list: readonly unknown[]): number[] | undefined {
  if (list.every((item) => typeof item === "number")) return [list.length];
  const inner = Array.isArray(list[0]) && list[0].length > 0 ? rectangle(list[0]) : undefined;
  const fits =
    inner &&
    list.every((item) => {
      const shape = Array.isArray(item) && item.length === inner[0] ? rectangle(item) : undefined;
      return shape?.length === inner.length && shape.every((size, axis) => size === inner[axis]);
    });
  return fits ? [list.length, ...inner] : undefined;
}

/** Numbers in a widget's state. */
const isWireArray = (value: object): value is WireArray =>
  "shape" in value &&
  "dtype" in value &&
  "data" in value &&
  ArrayBuffer.isView(value.data) &&
  Array.isArray(value.shape);

const viewOf = ({ dtype, data }: WireArray): NumberArray =>
  viewAs<Float32Array | Uint8Array>(dtype === "float32" ? Float32Array : Uint8Array, data);

interface TensorLike {
  readonly dataId: object;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly size: number;
  readonly isDisposed: boolean;
  dataSync(): ArrayLike<unknown>;
}

const isTensor = (value: object): value is TensorLike =>
  "dataId" in value && "dtype" in value && "dataSync" in value && Array.isArray((value as TensorLike).shape);

interface NetworkLike {
  /** Of layers models variables, of graph models tensors by name. */
  readonly weights: readonly (TensorLike | { read(): TensorLike })[] | Readonly<Record<string, readonly TensorLike[]>>;
}

/** A model of TensorFlow.js. */
const isNetwork = (value: object): value is NetworkLike =>
  "weights" in value &&
  "predict" in value &&
  "inputs" in value &&
  "outputs" in value &&
  typeof (value as NetworkLike).weights === "object";
