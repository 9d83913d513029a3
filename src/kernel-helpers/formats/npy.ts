import { DataFileError } from "./errors.js";
import type { Numbers } from "./numbers.js";

type Reader = (view: DataView, at: number, little: boolean) => number;

/** Kinds of numbers by NumPy's codes, without their byte order. */
const readers: { readonly [code: string]: { readonly bytes: number; readonly read: Reader } | undefined } = {
  b1: { bytes: 1, read: (view, at) => view.getUint8(at) },
  u1: { bytes: 1, read: (view, at) => view.getUint8(at) },
  i1: { bytes: 1, read: (view, at) => view.getInt8(at) },
  u2: { bytes: 2, read: (view, at, little) => view.getUint16(at, little) },
  i2: { bytes: 2, read: (view, at, little) => view.getInt16(at, little) },
  u4: { bytes: 4, read: (view, at, little) => view.getUint32(at, little) },
  i4: { bytes: 4, read: (view, at, little) => view.getInt32(at, little) },
  u8: { bytes: 8, read: (view, at, little) => Number(view.getBigUint64(at, little)) },
  i8: { bytes: 8, read: (view, at, little) => Number(view.getBigInt64(at, little)) },
  f4: { bytes: 4, read: (view, at, little) => view.getFloat32(at, little) },
  f8: { bytes: 8, read: (view, at, little) => view.getFloat64(at, little) },
};

const MAGIC = "\x93NUMPY";

/** Reads NumPy's format, versions 1 to 3 (`numpy.lib.format`). */
export function parseNpy(file: string, bytes: Uint8Array): Numbers {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const ascii = (from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));
  if (bytes.length < 12 || ascii(0, 6) !== MAGIC) throw new DataFileError(file, "is no .npy file");
  const long = bytes[6]! > 1;
  const begin = long ? 12 : 10;
  const end = begin + (long ? view.getUint32(8, true) : view.getUint16(8, true));
  const header = ascii(begin, end);
  const kind = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  const sizes = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1];
  const number = kind && readers[kind.slice(1)];
  if (!number || sizes === undefined) {
    throw new DataFileError(
      file,
      `holds ${kind ?? "records"}, which is not read: save whole numbers, float32 or float64`,
    );
  }
  const shape = sizes
    .split(",")
    .filter((size) => size.trim() !== "")
    .map(Number);
  const count = shape.reduce((a, b) => a * b, 1);
  if (bytes.length - end < count * number.bytes) throw new DataFileError(file, "is cut short");
  const little = !kind.startsWith(">");
  const stored = Float32Array.from({ length: count }, (_, index) =>
    number.read(view, end + index * number.bytes, little),
  );
  const isFortran = /'fortran_order':\s*True/.test(header);
  return { shape, values: isFortran ? rowByRow(stored, shape) : stored };
}

/** Values that were stored with the first index running fastest, in C order. */
function rowByRow(stored: Float32Array, shape: readonly number[]): Float32Array {
  return stored.map((_, index) => {
    let [rest, at] = [index, 0];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at = at * shape[axis]! + (rest % shape[axis]!);
      rest = Math.floor(rest / shape[axis]!);
    }
    return stored[at]!;
  });
}

/** NumPy's codes of the kinds of numbers that are written, by the array that holds them. */
const codes: { readonly [name: string]: string | undefined } = {
  Uint8Array: "|u1",
  Uint8ClampedArray: "|u1",
  Int8Array: "|i1",
  Uint16Array: "<u2",
  Int16Array: "<i2",
  Uint32Array: "<u4",
  Int32Array: "<i4",
  Float32Array: "<f4",
  Float64Array: "<f8",
};

/** Arrays whose kind of numbers the format has. */
export type NpyValues =
  | Uint8Array
  | Uint8ClampedArray
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** Writes version 1 of the format: the numbers as they are held, little-endian, in C order. */
export function npyOf({
  shape,
  values,
}: {
  readonly shape: readonly number[];
  readonly values: NpyValues;
}): Uint8Array {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '${codes[values.constructor.name]}', 'fortran_order': False, 'shape': (${sizes}), }`;
  // Data begin at a multiple of 64 bytes, behind a line feed.
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10;
  const bytes = new Uint8Array(10 + length + values.byteLength);
  const put = (from: string, at: number) =>
    bytes.set(
      Array.from(from, (character) => character.charCodeAt(0)),
      at,
    );
  put(`${MAGIC}\x01\x00`, 0);
  new DataView(bytes.buffer).setUint16(8, length, true);
  put(`${text.padEnd(length - 1)}\n`, 10);
  // Node.js runs on little-endian machines.
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), 10 + length);
  return bytes;
}
