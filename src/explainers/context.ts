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
  const isObject = model !== null && (typeof model === "object" || typeof model === "function");
  if (!isObject || !("net" in model)) return {};
  const { low, high } = (model as { input?: Context }).input ?? {};
  return { low, high };
}

export type Bounds = Required<Context>;

/** The bounds of the input, where they are known. */
export function boundsOf({ low, high }: Context): Bounds | undefined {
  const isKnown = (bound: Context["low"]) => [bound].flat().every((value) => Number.isFinite(value));
  return low !== undefined && high !== undefined && isKnown(low) && isKnown(high) ? { low, high } : undefined;
}
