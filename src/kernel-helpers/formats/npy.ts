import { FileBytes, latin1, sizeOf } from "./bytes.js";
import { DataFileError } from "./errors.js";
import type { Numbers } from "./numbers.js";

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

/** An array as it was saved, in C order: numbers of the saved kind (64-bit integers as float64, float16 as float32), or words. */
export interface NpyArray {
  readonly shape: readonly number[];
  readonly values: NpyValues | readonly string[];
}

interface Kind {
  readonly bytes: number;
  readonly array: (count: number) => Exclude<NpyValues, Uint8ClampedArray>;
  readonly read: (view: DataView, at: number, little: boolean) => number;
}

/** Kinds of numbers by NumPy's codes, without their byte order. */
const kinds: { readonly [code: string]: Kind | undefined } = {
  b1: { bytes: 1, array: (n) => new Uint8Array(n), read: (view, at) => view.getUint8(at) },
  u1: { bytes: 1, array: (n) => new Uint8Array(n), read: (view, at) => view.getUint8(at) },
  i1: { bytes: 1, array: (n) => new Int8Array(n), read: (view, at) => view.getInt8(at) },
  u2: { bytes: 2, array: (n) => new Uint16Array(n), read: (view, at, little) => view.getUint16(at, little) },
  i2: { bytes: 2, array: (n) => new Int16Array(n), read: (view, at, little) => view.getInt16(at, little) },
  u4: { bytes: 4, array: (n) => new Uint32Array(n), read: (view, at, little) => view.getUint32(at, little) },
  i4: { bytes: 4, array: (n) => new Int32Array(n), read: (view, at, little) => view.getInt32(at, little) },
  u8: { bytes: 8, array: (n) => new Float64Array(n), read: (view, at, little) => exact(view.getBigUint64(at, little)) },
  i8: { bytes: 8, array: (n) => new Float64Array(n), read: (view, at, little) => exact(view.getBigInt64(at, little)) },
  f2: { bytes: 2, array: (n) => new Float32Array(n), read: (view, at, little) => half(view.getUint16(at, little)) },
  f4: { bytes: 4, array: (n) => new Float32Array(n), read: (view, at, little) => view.getFloat32(at, little) },
  f8: { bytes: 8, array: (n) => new Float64Array(n), read: (view, at, little) => view.getFloat64(at, little) },
};

/** A 64-bit integer that a double holds exactly; NaN stands for one that it does not. */
const exact = (value: bigint): number => (Number.isSafeInteger(Number(value)) ? Number(value) : Number.NaN);

/** A half-precision number by its bits (IEEE 754 binary16). */
function half(bits: number): number {
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  const size =
    exponent === 0
      ? fraction * 2 ** -24
      : exponent === 31
        ? fraction === 0
          ? Number.POSITIVE_INFINITY
          : Number.NaN
        : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return bits & 0x8000 ? -size : size;
}

const MAGIC = "\x93NUMPY";

/** Reads NumPy's format as float32, versions 1 to 3 (`numpy.lib.format`). @throws DataFileError also where it holds words */
export function parseNpy(file: string, bytes: Uint8Array): Numbers {
  const { shape, values } = parseNpyArray(file, bytes);
  if (isWords(values)) throw new DataFileError(file, "holds words, where numbers are needed");
  return { shape, values: values instanceof Float32Array ? values : Float32Array.from(values) };
}

/** Whether an array holds words. */
export const isWords = (values: NpyArray["values"]): values is readonly string[] => Array.isArray(values);

/** Reads NumPy's format in the kind of numbers that was saved, versions 1 to 3 (`numpy.lib.format`). @throws DataFileError */
export function parseNpyArray(file: string, bytes: Uint8Array): NpyArray {
  const from: FileBytes = new FileBytes(file, bytes);
  if (bytes.length < 6 || latin1(bytes.subarray(0, 6)) !== MAGIC) {
    throw new DataFileError(file, "is no .npy file: it does not begin as NumPy's numpy.save writes it");
  }
  from.part(6, 6, "its header");
  const version = bytes[6]!;
  if (version < 1 || version > 3) from.fail(`is of version ${version} of NumPy's format; 1 to 3 are read`);
  const begin = version > 1 ? 12 : 10;
  const length = version > 1 ? from.view.getUint32(8, true) : from.view.getUint16(8, true);
  const { kind, order, shape } = parsedHeader(file, from.ascii(begin, length, "its header"));
  const count = sizeOf(file, shape);
  const words = /^[US](\d+)$/.exec(kind);
  const number = kinds[kind];
  const size = number?.bytes ?? Number(words?.[1]) * (kind.startsWith("U") ? 4 : 1);
  if (number === undefined && words === null) {
    from.fail(
      kind.startsWith("O")
        ? "holds Python objects (a pickle), which can run programs and is not read: in Python, save plain arrays, or numpy.savez of several"
        : `holds ${JSON.stringify(kind)}, which is not read: save booleans, whole numbers, floats of 16 to 64 bits, or words`,
    );
  }
  const data = from.part(begin + length, count * size, `an array of shape [${shape.join(", ")}]`);
  if (bytes.length > begin + length + count * size) {
    from.fail(`is ${bytes.length} bytes long, and an array of shape [${shape.join(", ")}] ends before`);
  }
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const little = !order.startsWith(">");
  const place = order.endsWith("F") ? fortranPlaces(shape) : (index: number) => index;
  if (number === undefined) {
    const values = Array.from({ length: count }, (_, index) => word(view, place(index) * size, size, kind, little));
    return { shape, values };
  }
  const values = number.array(count);
  for (let index = 0; index < count; index++) values[index] = number.read(view, place(index) * size, little);
  if (/^[ui]8$/.test(kind) && values.some(Number.isNaN)) {
    from.fail("holds whole numbers beyond ±2⁵³, which JavaScript's numbers are too coarse for: save smaller ones");
  }
  return { shape, values };
}

/** The three entries of the dictionary that a header is; `order` is the byte order, and C or F. */
function parsedHeader(file: string, header: string): { kind: string; order: string; shape: number[] } {
  const found = /^\{(?:\s*'(descr|fortran_order|shape)':\s*('[^']*'|True|False|\([\d\s,L]*\)|\[.*\]),?)+\s*\}\s*$/.test(
    header,
  );
  const descr = /'descr':\s*'([<>|=]?)([a-zA-Z]\d*)'/.exec(header);
  const isFortran = /'fortran_order':\s*(True|False)/.exec(header)?.[1];
  const sizes = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1];
  if (/'descr':\s*\[/.test(header)) {
    throw new DataFileError(
      file,
      "holds records of several fields, which are not read: save each field as its own array",
    );
  }
  if (!found || descr === null || isFortran === undefined || sizes === undefined) {
    throw new DataFileError(file, `has a header that is not NumPy's: ${JSON.stringify(header.slice(0, 80))}`);
  }
  const shape = sizes
    .split(",")
    .map((size) => size.trim())
    .filter((size) => size !== "")
    .map(Number);
  return { kind: descr[2]!, order: (descr[1] ?? "") + (isFortran === "True" ? "F" : "C"), shape };
}

/** Where the values lie that were stored with the first index running fastest, by their index in C order. */
function fortranPlaces(shape: readonly number[]): (index: number) => number {
  return (index) => {
    let [rest, at, span] = [index, 0, shape.reduce((a, b) => a * b, 1)];
    // The last axis runs fastest in C order, and in Fortran's it takes the widest steps.
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      span /= shape[axis]!;
      at += (rest % shape[axis]!) * span;
      rest = Math.floor(rest / shape[axis]!);
    }
    return at;
  };
}

/** A word of fixed length: UTF-32 or bytes, filled up with zeros. */
function word(view: DataView, at: number, size: number, kind: string, little: boolean): string {
  let text = "";
  const step = kind.startsWith("U") ? 4 : 1;
  for (let byte = at; byte < at + size; byte += step) {
    const code = step === 4 ? view.getUint32(byte, little) : view.getUint8(byte);
    text += code > 0x10ffff ? "\ufffd" : String.fromCodePoint(code);
  }
  return text.replace(/\0+$/, "");
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
