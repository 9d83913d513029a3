import type { ArrayPlan } from "./arrays.js";
import { crc32c } from "./crc32c.js";

/** Its WebAssembly is loaded with the first chunk. */
let compressor: Promise<Codec> | undefined;

interface Codec {
  encode(bytes: Uint8Array): Promise<Uint8Array> | Uint8Array;
}

const zstd = {
  async encode(bytes: Uint8Array): Promise<Uint8Array> {
    compressor ??= import("numcodecs/zstd").then(({ default: Zstd }) => Zstd.fromConfig({ id: "zstd", level: 3 }));
    return (await compressor).encode(bytes);
  },
};

/** What a chunk holds. */
export type ChunkValues = Float32Array | Int32Array | readonly string[];

/** The bytes of a chunk's file; the same values give the same bytes. What is missing at the end is filled up. */
export async function encodedChunk(plan: ArrayPlan, values: ChunkValues): Promise<Uint8Array> {
  const size = plan.chunk.reduce((a, b) => a * b, 1);
  if (plan.type === "string") return zstd.encode(texts(values as readonly string[], size));
  const whole = filled(values as Float32Array | Int32Array, size, plan.fill as number);
  return plan.inner === undefined ? zstd.encode(bytesOf(whole)) : shardOf(whole, plan.inner);
}

function filled<T extends Float32Array | Int32Array>(values: T, size: number, fill: number): T {
  if (values.length === size) return values;
  const whole = new (values.constructor as new (size: number) => T)(size).fill(fill) as T;
  whole.set(values);
  return whole;
}

// Node.js runs on little-endian machines.
const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array | Int32Array) =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Inner chunks one after another, then the offset and length of each, then the check sum of these (ZEP 2). */
async function shardOf(values: Float32Array | Int32Array, inner: readonly number[]): Promise<Uint8Array> {
  const size = inner.reduce((a, b) => a * b, 1);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < values.length; at += size) {
    pieces.push(await zstd.encode(bytesOf(values.subarray(at, at + size))));
  }
  const index = new DataView(new ArrayBuffer(16 * pieces.length + 4));
  let offset = 0;
  for (const [at, { length }] of pieces.entries()) {
    index.setBigUint64(16 * at, BigInt(offset), true);
    index.setBigUint64(16 * at + 8, BigInt(length), true);
    offset += length;
  }
  const end = new Uint8Array(index.buffer);
  index.setUint32(16 * pieces.length, crc32c(end.subarray(0, -4)), true);
  const file = new Uint8Array(offset + end.length);
  offset = 0;
  for (const piece of [...pieces, end]) {
    file.set(piece, offset);
    offset += piece.length;
  }
  return file;
}

/** Texts as Zarr's `vlen-utf8` writes them: how many, then length and bytes of each. */
function texts(values: readonly string[], count: number): Uint8Array {
  const encoder = new TextEncoder();
  const parts = Array.from({ length: count }, (_, at) => encoder.encode(values[at] ?? ""));
  const bytes = new Uint8Array(4 + parts.reduce((sum, part) => sum + 4 + part.length, 0));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, count, true);
  let at = 4;
  for (const part of parts) {
    view.setUint32(at, part.length, true);
    bytes.set(part, at + 4);
    at += 4 + part.length;
  }
  return bytes;
}
