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

interface LoadedParts {
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
