import { readFile } from "node:fs/promises";
import { LimpidError } from "../../src/explainers/errors.js";
import * as safetensors from "../../src/explainers/numerics/safetensors.js";

/** A tensor of a golden case; bytes are taken for numbers. */
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
    const { tensors } = safetensors.readSafetensors(file);
    return new Map(
      Array.from(tensors, ([key, { kind, shape, values }]) => {
        if (values instanceof Float32Array) return [key, { shape: [...shape], data: values }];
        if (values instanceof Uint8Array) return [key, { shape: [...shape], data: Float32Array.from(values) }];
        throw new Error(`${key} is ${kind}, not F32 or U8`);
      }),
    );
  } catch (error) {
    throw new GoldensError(
      `${path} is not a safetensors file of float32 or uint8 tensors: ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  }
}
