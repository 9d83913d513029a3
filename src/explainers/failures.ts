import type { Tensor } from "@tensorflow/tfjs-core";
import { ComputationError, type FailedAt, LimpidError } from "./errors.js";

/** Errors by which a host stops what runs: they are for it alone. */
const stops: ReadonlySet<unknown> = new Set(["AbortError", "InterruptError"]);

/** Runs `compute`; what others throw in it becomes a `ComputationError` that says where, errors of ours pass. */
export function failingAt<T>(at: () => FailedAt, compute: () => T): T {
  try {
    return compute();
  } catch (error) {
    throw errorAt(error, at());
  }
}

/** An error with what is known of its place; innermost places go first. */
export function errorAt(error: unknown, at: FailedAt): unknown {
  if (error instanceof ComputationError) {
    const { method, layer, operation, shapes, cause } = error;
    const isKnown = layer !== undefined || operation !== undefined;
    const added = { ...(isKnown ? { method: at.method } : at), ...known({ method, layer, operation, shapes }) };
    const isNew = (Object.keys(added) as (keyof FailedAt)[]).some((key) => added[key] !== error[key]);
    return isNew ? new ComputationError(added, cause) : error;
  }
  if (error instanceof LimpidError || stops.has((error as Error | undefined)?.name)) return error;
  return new ComputationError(at, error);
}

const known = (at: { readonly [key in keyof FailedAt]: FailedAt[key] | undefined }): FailedAt =>
  Object.fromEntries(Object.entries(at).filter(([, value]) => value !== undefined));

/** Shapes of those that are tensors. */
export const shapesOf = (tensors: Iterable<Tensor | null | undefined>): number[][] =>
  [...tensors].flatMap((tensor) => (Array.isArray(tensor?.shape) ? [tensor.shape] : []));
