import type { Tensor } from "@tensorflow/tfjs-core";

/** Anything that says which kind of operation it is. */
export interface Typed {
  readonly kind: string;
}

/** A kernel's settings. */
export type Attributes = Readonly<Record<string, unknown>>;
/** A kernel's arguments that do not depend on the model's input, by name. */
export type Constants = Readonly<Record<string, Tensor>>;
