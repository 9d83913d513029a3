/** The other half of `kernel-helpers/platform/compression`. */
import { zlibSync } from "fflate";

export const deflateSync = (bytes: Uint8Array, { level }: { level: 6 }): Uint8Array => zlibSync(bytes, { level });

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
  return rest;
});

/** The checksum of PNG's chunks. Source: PNG specification, third edition (W3C 2025), annex D. */
export function crc32(bytes: Uint8Array): number {
  let rest = 0xffffffff;
  for (const byte of bytes) rest = table[(rest ^ byte) & 0xff]! ^ (rest >>> 8);
  return (rest ^ 0xffffffff) >>> 0;
}
