import { type NpyArray, parseNpyArray } from "../npy.js";
import { zipEntries } from "./zip.js";

/** The arrays of NumPy's `savez` and `savez_compressed`, by name. @throws DataFileError */
export function parseNpz(file: string, bytes: Uint8Array): Record<string, NpyArray> {
  const arrays: Record<string, NpyArray> = Object.create(null);
  for (const entry of zipEntries(file, bytes)) {
    const name = entry.name.replace(/\.npy$/, "");
    arrays[name] = parseNpyArray(`${file}: ${name}`, entry.read());
  }
  return arrays;
}
