import { readFile } from "node:fs/promises";
import { LimpidError } from "../../src/explainers/errors.js";

/** A tensor as a safetensors file holds it. */
export interface StoredTensor {
  readonly shape: number[];
  readonly data: Float32Array;
}

/** A folder of golden cases that cannot be read. */
export class GoldensError extends LimpidError {}

/** Reads a safetensors file of float32 (or uint8) tensors; throws `GoldensError` where it is damaged. */
export async function readSafetensors(path: string): Promise<Map<string, StoredTensor>> {
  const file = await readFile(path).catch((error: unknown) => {
    throw new GoldensError(`${path} cannot be read: ${(error as Error).message}`, { cause: error });
  });
  try {
    const headerLength = Number(file.readBigUInt64LE(0));
    const header = JSON.parse(file.subarray(8, 8 + headerLength).toString("utf8")) as Record<
      string,
      { dtype: string; shape: number[]; data_offsets: [number, number] }
    >;
    // A copy that starts at a multiple of four, as float32 views must.
    const body = new Uint8Array(file.subarray(8 + headerLength)).buffer;
    const tensors = new Map<string, StoredTensor>();
    for (const [key, entry] of Object.entries(header)) {
      if (key === "__metadata__") continue;
      if (entry.dtype !== "F32" && entry.dtype !== "U8") throw new Error(`${key} is ${entry.dtype}, not F32 or U8`);
      const [begin, end] = entry.data_offsets;
      const size = entry.shape.reduce((product, length) => product * length, 1);
      const width = entry.dtype === "F32" ? 4 : 1;
      if ((end - begin) / width !== size)
        throw new Error(`${key} has ${(end - begin) / width} entries, its shape ${size}`);
      const data =
        width === 4 ? new Float32Array(body, begin, size) : Float32Array.from(new Uint8Array(body, begin, size));
      tensors.set(key, { shape: entry.shape, data });
    }
    return tensors;
  } catch (error) {
    throw new GoldensError(
      `${path} is not a safetensors file of float32 or uint8 tensors: ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  }
}
