import { util } from "@tensorflow/tfjs-core";
import { LimpidError } from "../errors.js";

/** The kinds of numbers that are read: all that a tensor of TensorFlow.js or NumPy can hold, and half precision. */
const KINDS = {
  F64: { bytes: 8, values: (buffer: ArrayBuffer) => new Float64Array(buffer) },
  F32: { bytes: 4, values: (buffer: ArrayBuffer) => new Float32Array(buffer) },
  F16: { bytes: 2, values: (buffer: ArrayBuffer) => Float32Array.from(new Uint16Array(buffer), half) },
  BF16: {
    bytes: 2,
    values: (buffer: ArrayBuffer) => new Float32Array(Uint32Array.from(new Uint16Array(buffer), upper).buffer),
  },
  I64: { bytes: 8, values: (buffer: ArrayBuffer) => new BigInt64Array(buffer) },
  I32: { bytes: 4, values: (buffer: ArrayBuffer) => new Int32Array(buffer) },
  I16: { bytes: 2, values: (buffer: ArrayBuffer) => new Int16Array(buffer) },
  I8: { bytes: 1, values: (buffer: ArrayBuffer) => new Int8Array(buffer) },
  U64: { bytes: 8, values: (buffer: ArrayBuffer) => new BigUint64Array(buffer) },
  U32: { bytes: 4, values: (buffer: ArrayBuffer) => new Uint32Array(buffer) },
  U16: { bytes: 2, values: (buffer: ArrayBuffer) => new Uint16Array(buffer) },
  U8: { bytes: 1, values: (buffer: ArrayBuffer) => new Uint8Array(buffer) },
  BOOL: { bytes: 1, values: (buffer: ArrayBuffer) => new Uint8Array(buffer) },
} as const;

type Kind = keyof typeof KINDS;

/** What a file calls each kind of array; a `Uint8Array` is written as U8, also where it was read from BOOL. */
const KIND_OF: { readonly [array: string]: Kind | undefined } = {
  Float64Array: "F64",
  Float32Array: "F32",
  BigInt64Array: "I64",
  Int32Array: "I32",
  Int16Array: "I16",
  Int8Array: "I8",
  BigUint64Array: "U64",
  Uint32Array: "U32",
  Uint16Array: "U16",
  Uint8Array: "U8",
};

type Values =
  | Float64Array
  | Float32Array
  | BigInt64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | BigUint64Array
  | Uint32Array
  | Uint16Array
  | Uint8Array;

/** A tensor of a safetensors file: values in C order. */
export interface StoredTensor<V extends Values = Values> {
  readonly shape: readonly number[];
  readonly values: V;
}

/** A tensor as it was read; half precision (F16, BF16) becomes float32 values, BOOL 0 and 1. */
interface ReadTensor extends StoredTensor {
  readonly kind: Kind;
}

export interface Safetensors {
  /** By name, in the order of their bytes. */
  readonly tensors: ReadonlyMap<string, ReadTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Bytes are no safetensors file, or hold something that is not read. */
export class SafetensorsError extends LimpidError {}

/** A header is a JSON object of at most this many bytes, as in the format's reference implementation. */
const LONGEST_HEADER = 100_000_000;

/**
 * Reads a safetensors file (github.com/huggingface/safetensors): 8 bytes for the header's length, a JSON header with dtype, shape and
 * place of each tensor, then the tensors' bytes without gaps, in C order and little-endian.
 *
 * @param bytes The whole file.
 * @throws SafetensorsError where the header is damaged, a tensor's bytes do not fit its shape, bytes are missing or left over, or a dtype
 *   is not read.
 * @example
 * const { tensors, metadata } = readSafetensors(await readFile("weights.safetensors"));
 */
export function readSafetensors(bytes: Uint8Array): Safetensors {
  const { header, data } = split(bytes);
  const { __metadata__: metadata = {}, ...described } = header;
  if (!isRecord(metadata) || !Object.values(metadata).every((value) => typeof value === "string")) {
    throw new SafetensorsError("The header's __metadata__ must map names to text.");
  }
  const entries = Object.entries(described).map(([name, value]) => ({ name, ...entryOf(name, value) }));
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  const tensors = new Map<string, ReadTensor>();
  let at = 0;
  for (const { name, kind, shape, begin, end } of entries) {
    if (begin !== at) {
      throw new SafetensorsError(
        `Tensor "${name}" begins at byte ${begin}, where ${at} was to come: tensors overlap or leave gaps.`,
      );
    }
    const { bytes: width, values } = KINDS[kind];
    const size = width * shape.reduce((product, length) => product * length, 1);
    if (end - begin !== size) {
      throw new SafetensorsError(
        `Tensor "${name}" has ${end - begin} bytes, but ${kind} of shape [${shape}] takes ${size}.`,
      );
    }
    if (end > data.length) {
      throw new SafetensorsError(`The file is cut short: tensor "${name}" ends at byte ${end} of ${data.length}.`);
    }
    // A copy, which begins where a view of its kind may begin. (A Buffer's own `slice` would copy nothing.)
    const copy = new Uint8Array(data.subarray(begin, end));
    tensors.set(name, { kind, shape, values: values(copy.buffer) });
    at = end;
  }
  if (at !== data.length) throw new SafetensorsError(`${data.length - at} bytes follow the last tensor.`);
  return { tensors, metadata: metadata as Record<string, string> };
}

/**
 * Tensors as the bytes of a safetensors file; the dtype is that of the array of values.
 *
 * @param metadata Text by name, kept in the header.
 * @throws SafetensorsError where values do not fill their shape.
 * @example
 * await writeFile("map.safetensors", writeSafetensors([["relevance", { shape: [28, 28], values }]]));
 */
export function writeSafetensors(
  tensors: Iterable<readonly [string, StoredTensor]>,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  // The widest first, so that every tensor begins at a multiple of its entries' width.
  const ordered = [...tensors].sort(([, a], [, b]) => b.values.BYTES_PER_ELEMENT - a.values.BYTES_PER_ELEMENT);
  const header: Record<string, unknown> = metadata === undefined ? {} : { __metadata__: metadata };
  let end = 0;
  for (const [name, { shape, values }] of ordered) {
    const kind = KIND_OF[values[Symbol.toStringTag]];
    if (kind === undefined)
      throw new SafetensorsError(`Tensor "${name}" is a ${values[Symbol.toStringTag]}, which has no dtype.`);
    if (Object.hasOwn(header, name)) throw new SafetensorsError(`There are two tensors "${name}".`);
    const size = shape.reduce((product, length) => product * length, 1);
    if (size !== values.length) {
      throw new SafetensorsError(
        `Tensor "${name}" has ${values.length} values, but its shape [${shape}] takes ${size}.`,
      );
    }
    header[name] = { dtype: kind, shape, data_offsets: [end, end + values.byteLength] };
    end += values.byteLength;
  }
  const text = util.encodeString(JSON.stringify(header));
  // Spaces behind the header: the data begin at a multiple of 8 bytes.
  const length = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + length + end).fill(0x20, 8, 8 + length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(text, 8);
  let at = 8 + length;
  for (const [, { values }] of ordered) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  return bytes;
}

function split(bytes: Uint8Array): { header: Record<string, unknown>; data: Uint8Array } {
  if (bytes.length < 8)
    throw new SafetensorsError(`The file has ${bytes.length} bytes: its header's length alone takes 8.`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0, true));
  if (length > LONGEST_HEADER || 8 + length > bytes.length) {
    throw new SafetensorsError(
      `The header is to have ${length} bytes, but the file has ${bytes.length}: it is cut short or no safetensors file.`,
    );
  }
  let header: unknown;
  try {
    header = JSON.parse(util.decodeString(bytes.subarray(8, 8 + length)));
  } catch (cause) {
    throw new SafetensorsError(`The header is no JSON: ${(cause as Error).message}`, { cause });
  }
  if (!isRecord(header)) throw new SafetensorsError("The header must be a JSON object.");
  return { header, data: bytes.subarray(8 + length) };
}

function entryOf(name: string, value: unknown) {
  if (!isRecord(value)) throw new SafetensorsError(`The header's entry for tensor "${name}" must be an object.`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== "string" || !Object.hasOwn(KINDS, dtype)) {
    throw new SafetensorsError(`Tensor "${name}" is of dtype ${dtype}; read are ${Object.keys(KINDS).join(", ")}.`);
  }
  if (!isSizes(shape)) throw new SafetensorsError(`Tensor "${name}" has the shape ${JSON.stringify(shape)}.`);
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!) {
    throw new SafetensorsError(
      `Tensor "${name}" lies at ${JSON.stringify(offsets)}, which is not from one byte to a later one.`,
    );
  }
  return { kind: dtype as Kind, shape, begin: offsets[0]!, end: offsets[1]! };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);

/** IEEE 754 half precision, from its 16 bits: 1 sign, 5 exponent, 10 fraction. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = (bits & 0x3ff) / 1024;
  if (exponent === 0) return sign * fraction * 2 ** -14;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction) * 2 ** (exponent - 15);
}

/** The bits of a float32 whose upper half is a bfloat16. */
function upper(bits: number): number {
  return bits << 16;
}
