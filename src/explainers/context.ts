import type { Model } from "./network/index.js";

/** What is known of a model's input beyond its shape. */
export interface Context {
  /** The least value that an input takes: a number, or one per channel. Default: not known. */
  readonly low?: number | readonly number[];
  /** The greatest. */
  readonly high?: number | readonly number[];
}

/** What a model knows of its own input: one that `loadModel` gave says it, any other model says nothing. */
export function contextOf(model: Model): Context {
  const { low, high } = loadedParts(model).input ?? {};
  return { low, high };
}

/** The names of a model's classes, by index: one that `loadModel` gave knows them where they are known at all. */
export const classNamesOf = (model: Model): readonly string[] | undefined => loadedParts(model).classNames;

/** How many values a model's first output has for a sample, where its shape says so. */
export function outputCountOf(model: Model): number | undefined {
  const sizes = loadedParts(model).net?.outputs?.[0]?.shape?.slice(1);
  if (sizes === undefined || sizes.some((size) => !(Number(size) > 0))) return undefined;
  return sizes.reduce((product: number, size) => product * Number(size), 1);
}

interface LoadedParts {
  readonly net?: { readonly outputs?: readonly { readonly shape?: readonly (number | null)[] }[] };
  readonly input?: Context;
  readonly classNames?: readonly string[];
}

function loadedParts(model: Model): LoadedParts {
  const isObject = model !== null && (typeof model === "object" || typeof model === "function");
  return isObject && "net" in model ? (model as LoadedParts) : {};
}

export type Bounds = Required<Context>;

/** The bounds of the input, where they are known. */
export function boundsOf({ low, high }: Context): Bounds | undefined {
  const isKnown = (bound: Context["low"]) => [bound].flat().every((value) => Number.isFinite(value));
  return low !== undefined && high !== undefined && isKnown(low) && isKnown(high) ? { low, high } : undefined;
}
