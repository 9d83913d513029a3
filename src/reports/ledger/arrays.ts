/** Records of arrays: a hash says whether two are the same, a sketch how far they are apart. */
import type { TypedArray } from "../../comms/buffers.js";
import { bytesOf, fromBase64, sha256, toBase64 } from "./bytes.js";
import { type ArrayRecord, type ArraySketch, type ArrayStatistics, type ArrayType, SKETCH } from "./records.js";

export type NumberArray = TypedArray | BigInt64Array | BigUint64Array;

const TYPES: readonly [ArrayType, new (buffer: ArrayBuffer) => NumberArray][] = [
  ["float32", Float32Array],
  ["float64", Float64Array],
  ["int8", Int8Array],
  ["uint8", Uint8Array],
  ["int16", Int16Array],
  ["uint16", Uint16Array],
  ["int32", Int32Array],
  ["uint32", Uint32Array],
  ["int64", BigInt64Array],
  ["uint64", BigUint64Array],
];

/** The type of a typed array's elements; undefined for one that holds no such numbers. */
export function arrayTypeOf(value: object): ArrayType | undefined {
  if (value instanceof Uint8ClampedArray) return "uint8";
  return TYPES.find(([, type]) => value instanceof type)?.[0];
}

/**
 * The record of an array without its hash, which is computed when it is asked for, of the bytes as they are then.
 *
 * @param shape Default: one axis.
 * @param isPixels Whether they are levels that were rounded from something else.
 */
export function arrayRecord(
  values: NumberArray,
  shape: readonly number[] = [values.length],
  dtype: ArrayType = arrayTypeOf(values)!,
  isPixels = values instanceof Uint8ClampedArray,
): { record: ArrayRecord; hashed: Promise<ArrayRecord> } {
  const numbers = plainNumbers(values);
  const { statistics, nonFinite } = statisticsOf(numbers);
  const nonFiniteAt = nonFinite > 0 ? placesOf(numbers) : undefined;
  const record: ArrayRecord = {
    kind: "array",
    ...{ dtype, shape: [...shape], sha256: "" },
    ...(statistics && { statistics }),
    nonFinite,
    ...(nonFiniteAt !== undefined && { nonFiniteAt }),
    ...(!isPixels && isWhole(numbers) && { exact: true as const }),
    sketch: sketchOf(values, numbers),
  };
  return {
    record,
    get hashed() {
      return sha256(bytesOf(values)).then((hash) => ({ ...record, sha256: hash }));
    },
  };
}

/** As numbers that loops can be compiled for. */
const plainNumbers = (values: NumberArray): Float32Array | Float64Array =>
  values instanceof Float32Array || values instanceof Float64Array
    ? values
    : Float64Array.from(values as ArrayLike<number>, Number);

/** Whether all are whole numbers, none of them −0, whose bits are not those of the 0 that it equals. */
function isWhole(values: Float32Array | Float64Array): boolean {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isInteger(value) || Object.is(value, -0)) return false;
  }
  return true;
}

/** A hash of where which elements are NaN, ∞ and −∞. */
function placesOf(values: Float32Array | Float64Array): number {
  let hash = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value - value === 0) continue;
    hash = scramble(scramble(hash ^ i) ^ (value > 0 ? 1 : value < 0 ? 2 : 3));
  }
  return hash;
}

function statisticsOf(values: Float32Array | Float64Array): {
  statistics: ArrayStatistics | undefined;
  nonFinite: number;
} {
  let [minimum, maximum, sum, absolute, squares, count] = [
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    0,
    0,
    0,
    0,
  ];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    // Neither NaN nor infinite.
    if (value - value !== 0) continue;
    count++;
    if (value < minimum) minimum = value;
    if (value > maximum) maximum = value;
  }
  const nonFinite = values.length - count;
  if (count === 0) return { statistics: undefined, nonFinite };
  // The largest is known before squares are summed, so that none of them overflows.
  const largest = Math.max(Math.abs(minimum), Math.abs(maximum)) || 1;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value - value !== 0) continue;
    const part = value / largest;
    sum += part;
    absolute += Math.abs(part);
    squares += part * part;
  }
  const statistics = {
    ...{ minimum, maximum, mean: finite((sum / count) * largest) },
    ...{ absolute: finite(absolute * largest), norm: finite(Math.sqrt(squares) * largest) },
  };
  return { statistics, nonFinite };
}

/** JSON knows no infinity; sums of the very largest doubles stop at the largest. */
const finite = (value: number): number => Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));

function sketchOf(values: NumberArray, numbers: Float32Array | Float64Array): ArraySketch {
  const { length } = values;
  if (length <= SKETCH) return { samples: toBase64(values), sums: "" };
  // A Buffer of Node.js is one, and warns when it is made anew.
  const samples =
    values instanceof Uint8Array
      ? new Uint8Array(SKETCH)
      : new (values.constructor as new (length: number) => NumberArray)(SKETCH);
  for (let i = 0; i < SKETCH; i++) samples[i] = values[sampledAt(i, length)]!;
  const sums = new Float64Array(SKETCH);
  for (let i = 0; i < length; i++) {
    const value = numbers[i]!;
    if (value - value !== 0) continue;
    const hash = scramble(i);
    const place = hash & (SKETCH - 1);
    sums[place] = sums[place]! + (hash & SKETCH ? value : -value);
  }
  return { samples: toBase64(samples), sums: toBase64(Float32Array.from(sums)) };
}

/** Where the sample of that number is taken, of an array that is too long to keep. */
export const sampledAt = (sample: number, length: number): number => Math.round((sample * (length - 1)) / (SKETCH - 1));

/** A whole number without any order left in it. Source: the finalizer of MurmurHash3 (Appleby). */
function scramble(index: number): number {
  let hash = (index + 1) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The elements of an array that its record holds. */
export function samplesOf({ dtype, sketch }: ArrayRecord): number[] {
  const stored = dtype === "bool" ? "uint8" : dtype;
  const [, type] = TYPES.find(([name]) => name === stored)!;
  return Array.from(new type(fromBase64(sketch.samples).buffer) as ArrayLike<number | bigint>, Number);
}

/** The sums of a record's sketch; empty where all elements are samples. */
export const sumsOf = ({ sketch }: ArrayRecord): Float32Array => new Float32Array(fromBase64(sketch.sums).buffer);
