import type { JsonObject } from "../../comms/message.js";

const PRIME = 0x01000193;

/** Sixteen hexadecimal digits that tell contents apart: FNV-1a (Fowler, Noll, Vo) by two beginnings. It is no proof of anything. */
function fingerprint(bytes: Uint8Array): string {
  let [a, b] = [0x811c9dc5, 0x1b873593];
  for (const byte of bytes) {
    a = Math.imul(a ^ byte, PRIME);
    b = Math.imul(b ^ byte ^ (a >>> 24), PRIME);
  }
  return [a, b].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
}

/** Of files that were made here, what they were made of: compressors of two platforms do not write the same bytes. */
const origins = new WeakMap<Uint8Array, () => string>();

/** Has a file known by the pixels that it holds. */
export function madeOfPixels(file: Uint8Array, pixels: Uint8Array | Uint8ClampedArray, width: number): void {
  const bytes = new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  origins.set(file, () => `pixels:${fingerprint(bytes)}-${width}`);
}

/** The key of bytes that a cell held itself. */
export const keyOfBytes = (bytes: Uint8Array): string => origins.get(bytes)?.() ?? `bytes:${fingerprint(bytes)}`;

/** The key of an absolute path, which would tell of the author's machine. */
export const keyOutside = (path: string, name: string): string =>
  `outside:${fingerprint(new TextEncoder().encode(path))}/${name}`;

/** The key of a file decoded in some way. */
export const decodedKey = (file: string, how: JsonObject): string => `${file} ${JSON.stringify(how)}`;
