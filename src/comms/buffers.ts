import type { JsonObject } from "./message.js";

/** Where in a state a binary buffer belongs: keys of objects and indices of lists. */
export type BufferPath = (string | number)[];

/** A state as it goes on the wire: JSON, and beside it the binary parts in the order of their paths. */
export interface SplitState {
  state: JsonObject;
  buffer_paths: BufferPath[];
  buffers: ArrayBufferView[];
}

/** A list of buffer paths did not fit the state or the buffers that came with it. */
export class BufferPathError extends Error {
  override name = "BufferPathError";
}

/**
 * Takes the binary parts (typed arrays, DataViews, ArrayBuffers) out of `state`, which stays as it is.
 *
 * As the widget protocol wants it: a binary member of an object is left out of the copy, a binary item of a list becomes null.
 * Containers without binary parts are shared with `state`, not copied.
 */
export function removeBuffers(state: Readonly<Record<string, unknown>>): SplitState {
  const paths: BufferPath[] = [];
  const buffers: ArrayBufferView[] = [];

  const strip = (value: unknown, path: BufferPath): unknown => {
    if (Array.isArray(value)) return stripList(value, path);
    if (isPlainObject(value)) return stripObject(value, path);
    return value;
  };
  const take = (value: ArrayBuffer | ArrayBufferView, path: BufferPath) => {
    paths.push(path);
    buffers.push(ArrayBuffer.isView(value) ? value : new Uint8Array(value));
  };
  const stripList = (list: unknown[], path: BufferPath): unknown[] => {
    let copy: unknown[] | undefined;
    list.forEach((item, index) => {
      let kept: unknown = null;
      if (isBinary(item)) take(item, [...path, index]);
      else kept = strip(item, [...path, index]);
      if (kept === item) return;
      copy ??= list.slice();
      copy[index] = kept;
    });
    return copy ?? list;
  };
  const stripObject = (object: Record<string, unknown>, path: BufferPath): Record<string, unknown> => {
    let copy: Record<string, unknown> | undefined;
    for (const [key, item] of Object.entries(object)) {
      if (isBinary(item)) {
        take(item, [...path, key]);
        copy ??= { ...object };
        delete copy[key];
        continue;
      }
      const kept = strip(item, [...path, key]);
      if (kept === item) continue;
      copy ??= { ...object };
      define(copy, key, kept);
    }
    return copy ?? object;
  };

  return { state: stripObject(state, []) as JsonObject, buffer_paths: paths, buffers };
}

/**
 * Puts binary parts back where `removeBuffers` took them from; changes `state`, which just came off the wire.
 *
 * Throws `BufferPathError` when a path leads nowhere or there are fewer buffers than paths.
 */
export function insertBuffers(
  state: Record<string, unknown>,
  paths: readonly BufferPath[],
  buffers: readonly ArrayBufferView[],
): Record<string, unknown> {
  paths.forEach((path, position) => {
    const buffer = buffers[position];
    if (buffer === undefined) {
      throw new BufferPathError(`${paths.length} buffer paths came with ${buffers.length} buffers`);
    }
    let container: unknown = state;
    for (const key of path.slice(0, -1)) {
      const inside: unknown =
        container !== null && typeof container === "object" && Object.hasOwn(container, key)
          ? (container as Record<string | number, unknown>)[key]
          : undefined;
      container = inside;
    }
    const last = path.at(-1);
    if (last === undefined || container === null || typeof container !== "object") {
      throw new BufferPathError(`buffer path ${JSON.stringify(path)} leads nowhere in the state`);
    }
    define(container, last, buffer);
  });
  return state;
}

/** A typed array over the same bytes; copied only where the element size forbids a view at that offset. */
export function viewAs<A extends TypedArray>(type: TypedArrayConstructor<A>, bytes: ArrayBufferView | ArrayBuffer): A {
  const view = ArrayBuffer.isView(bytes) ? bytes : new Uint8Array(bytes);
  const size = type.BYTES_PER_ELEMENT;
  if (view.byteLength % size !== 0) {
    throw new BufferPathError(
      `${view.byteLength} bytes are no whole number of ${type.name} elements (${size} bytes each)`,
    );
  }
  if (view.byteOffset % size === 0) return new type(view.buffer, view.byteOffset, view.byteLength / size);
  const copy = new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice();
  return new type(copy.buffer, 0, view.byteLength / size);
}

export type TypedArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

export interface TypedArrayConstructor<A extends TypedArray = TypedArray> {
  readonly name: string;
  readonly BYTES_PER_ELEMENT: number;
  readonly prototype: A;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): A;
}

export function isBinary(value: unknown): value is ArrayBuffer | ArrayBufferView {
  return ArrayBuffer.isView(value) || Object.prototype.toString.call(value) === "[object ArrayBuffer]";
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !isBinary(value);
}

/** Plain assignment, except that a key such as `__proto__` becomes a member and not the prototype. */
function define(container: object, key: string | number, value: unknown): void {
  Object.defineProperty(container, key, { value, writable: true, enumerable: true, configurable: true });
}
