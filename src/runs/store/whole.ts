import * as disk from "node:fs/promises";
import { crc32c } from "./crc32c.js";

/**
 * Whether a shard's file of so many pieces is as long as the index at its end says (an offset and a length each, then their check sum:
 * `encode.ts`). A file that was cut ends with something else.
 */
export async function isWhole(file: string, pieces: number): Promise<boolean> {
  const handle = await disk.open(file, "r");
  try {
    const { size } = await handle.stat();
    const index = new Uint8Array(16 * pieces + 4);
    const start = size - index.length;
    if (start < 0) return false;
    await handle.read(index, 0, index.length, start);
    const view = new DataView(index.buffer);
    if (view.getUint32(16 * pieces, true) !== crc32c(index.subarray(0, -4))) return false;
    let end = 0n;
    for (let at = 0; at < 16 * pieces; at += 16) end += view.getBigUint64(at + 8, true);
    return end === BigInt(start);
  } finally {
    await handle.close();
  }
}
