import { Tensor } from "@tensorflow/tfjs-core";
import type { Progress, ProgressOptions } from "./progress.js";

/*
 * What functions have in common that know themselves: methods and measures.
 */

/** The function, with what is known of it as properties that nobody can change. */
export function knowing<Call extends (...given: never[]) => unknown, D extends object>(
  call: Call,
  description: D,
): Call & D {
  const properties = Object.entries(description).map(([key, value]) => [key, { value, enumerable: true }]);
  return Object.defineProperties(call as Call & D, Object.fromEntries(properties));
}

/** The same run, and whether an error is one that its `onProgress` threw. */
export function watched<Run extends ProgressOptions>(run: Run): [Run, (error: unknown) => boolean] {
  const { onProgress } = run;
  if (onProgress === undefined) return [run, () => false];
  const thrown = new Set<unknown>();
  const own = (progress: Progress): void => {
    try {
      onProgress(progress);
    } catch (error) {
      thrown.add(error);
      throw error;
    }
  };
  return [{ ...run, onProgress: own }, (error) => thrown.has(error)];
}

/** Values that can be written to disk: of a tensor its shape, of other data that they were given. */
export function plainValues(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(given(values)).map(([name, value]) => [name, plainValue(value)]));
}

function plainValue(value: unknown): unknown {
  if (value instanceof Tensor) return `tensor [${value.shape}]`;
  if (Array.isArray(value)) return value.map(plainValue);
  return typeof value === "object" && value !== null ? "given" : value;
}

/** Without the parameters that were left to the method. */
export function given<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}
