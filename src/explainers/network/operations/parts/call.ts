import type { Tensor } from "@tensorflow/tfjs-core";
import type { Attributes, Constants, Typed } from "./attributes.js";

/** What a value of the model was made by, as far as translators look at it. */
export interface Made {
  readonly operation: Typed;
  readonly inputs: readonly Made[];
  readonly shape: readonly number[];
  /** The value that it took. */
  value(): Tensor;
}

/** A kernel that ran, as its translators see it. */
export interface Call {
  readonly kernel: string;
  readonly attributes: Attributes;
  /** The batch size of the model's input. */
  readonly batch: number;
  /** The arguments that depend on the model's input, in the kernel's order. */
  readonly inputs: readonly Made[];
  /** Their names. */
  readonly inputNames: readonly string[];
  /** The other arguments by name. */
  readonly constants: Constants;
  /** The values that came out. */
  readonly outputs: readonly Tensor[];
  /** An argument that depends on the model's input. */
  input(name: string): Made | undefined;
  constant(name: string): Tensor | undefined;
  /** The node of an output. */
  make<O extends Typed>(operation: O, inputs?: readonly Made[], output?: number): Made;
  /** A node that has no value of its own among what the kernels computed. */
  intermediate<O extends Typed>(operation: O, inputs: readonly Made[], shape: readonly number[]): Made;
}

/** The nodes of a kernel's outputs, in their order; `undefined` where they are of another kind. */
export type Translator = (call: Call) => readonly Made[] | undefined;

export const numbers = (value: unknown): number[] => (typeof value === "number" ? [value] : [...(value as number[])]);

/** The axes that an attribute names, all of them where it names none. */
export const axesOf = (value: unknown, rank: number): number[] =>
  (value == null ? Array.from({ length: rank }, (_, axis) => axis) : numbers(value)).map((axis) =>
    axis < 0 ? axis + rank : axis,
  );
