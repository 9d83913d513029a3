import type { Tensor } from "@tensorflow/tfjs-core";
import { ParameterError } from "../../errors.js";
import type { Scalar } from "../../network/index.js";
import type { Bias } from "./bias.js";
import type { Layer } from "./layer.js";

export { type Bias, checkBias } from "./bias.js";

/**
 * One summand of a rule: the relevance at the layer's output is `s ∘ (linear + bias + stabilizer)`. The part with `linear`
 * is passed on; the bias keeps its part; what the stabilizer keeps is everything where a unit has nothing to pass on to.
 */
export interface Term {
  readonly s: Tensor;
  /** Broadcasts against `s`; `null` where the bias is not in the denominator. */
  readonly bias: Tensor | null;
  readonly stabilizer: Scalar;
}

/** A rule's work on one node. */
export interface Shares {
  /** What each input gets, in its shape; `null`: nothing. The tensor alone where there is one input. */
  readonly inputs: Tensor | readonly (Tensor | null)[];
  /** Where the rest of `R` stayed: nowhere if the list is empty. Left out, what `inputs` lack of `R` is measured. */
  readonly terms?: readonly Term[];
  /** The layer whose contributions `|z_ij|` share out the rest, where the rule sees another one in its place. */
  readonly of?: Layer;
}

/**
 * How relevance passes one node.
 *
 * @example
 * // A mean's relevance evenly to all that were averaged, whatever their values.
 * const evenly: Rule = { name: "evenly", form: "evenly", share: (layer, R) => ({ inputs: layer.vjp(R), terms: [] }) };
 */
export interface Rule {
  readonly name: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** `undefined`: as the composite or the call says. */
  readonly bias?: Bias | undefined;
  /** It looks at weights, and so is for affine nodes alone. */
  readonly weighted?: boolean;
  /**
   * What an input of 0 gets before anything is distributed: `"nothing"`; or `"passes"`: nothing where the output is 0 as
   * well and got nothing. By default it may get something.
   */
  readonly zero?: "nothing" | "passes";
  /**
   * Tells apart rules that run different operations: rules of one form differ in `numbers` alone and share a compiled
   * program. A rule without a form is only like itself.
   */
  readonly form?: string;
  /** Parameters, or what is made from them, that `share` gets: as they are, or as tensors while it is compiled. */
  readonly numbers?: Numbers;
  /** Relevance `R` at the output → shares of the inputs. Runs inside `tf.tidy` and reads no tensor. */
  readonly share: (layer: Layer, R: Tensor, numbers: Scalars) => Shares;
}

type Numbers = Readonly<Record<string, number>>;
type Scalars = Readonly<Record<string, Scalar>>;

export interface RuleOptions {
  /** What becomes of the biases' share; by default what the call of `lrp` says. */
  readonly bias?: Bias | undefined;
}

/** Checks a number against its range. */
export function checkNumber(name: string, value: unknown, low: number, high = Infinity): number {
  if (typeof value !== "number" || !(value >= low) || !(value <= high)) {
    throw new ParameterError(
      name,
      value,
      high === Infinity ? `a number of at least ${low}` : `a number from ${low} to ${high}`,
    );
  }
  return value;
}
