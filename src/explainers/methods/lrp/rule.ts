import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { ParameterError } from "../../errors.js";
import type { Scalar } from "../../network/index.js";
import type { Layer } from "./layer.js";

/**
 * What becomes of the share that a rule ascribes to a layer's bias:
 * - `"absorb"`: the bias keeps it, as in the papers and in other software; sums shrink on the way;
 * - `"ignore"`: biases are left out of the denominators; units whose positive (or negative) part is empty still absorb;
 * - `"distribute"`: what a unit cannot pass on is shared over its inputs in proportion to `|z_ij|` (evenly where all are
 *   zero), which conserves relevance by construction.
 */
export type Bias = "absorb" | "ignore" | "distribute";

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

/** A rule's work on one layer. */
export interface Shares {
  /** What the inputs get: the shape of `a`. */
  readonly inputs: Tensor;
  readonly terms: readonly Term[];
}

/** How relevance passes one affine layer. */
export interface Rule {
  readonly name: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** `undefined`: as the composite or the call says. */
  readonly bias: Bias | undefined;
  /** Whether an input of 0 always gets 0 (before anything is distributed). */
  readonly proportional: boolean;
  /**
   * Tells apart rules that run different operations: rules of one form differ in `numbers` alone and share a compiled
   * program. A rule without a form is only like itself.
   */
  readonly form?: string;
  /** Parameters, or what is made from them, that `share` gets: as they are, or as tensors while it is compiled. */
  readonly numbers?: Numbers;
  /** Relevance `R` at the output → shares of the inputs. Runs inside `tf.tidy` and reads no tensor. */
  readonly share: (layer: Layer, R: Tensor, useBias: boolean, numbers: Scalars) => Shares;
}

type Numbers = Readonly<Record<string, number>>;
type Scalars = Readonly<Record<string, Scalar>>;

/** How denominators are kept away from 0. */
export type Stabilizer =
  /** `z + ε·sign(z)`, with `sign(0) = 1`. */
  | "add"
  /** `sign(z)·max(|z|, ε)` */
  | "clip"
  /** `z + ε·rms(z)·sign(z)`, the root mean square over all but the batch axis. */
  | "rms";

/** What is to be added to `z` to keep it away from 0. */
export function stabilizerOf(z: Tensor, epsilon: Scalar, stabilizer: Stabilizer = "add"): Tensor {
  const sign = signOf(z);
  switch (stabilizer) {
    case "add":
      return tf.mul(sign, epsilon);
    case "clip":
      return tf.mul(sign, tf.relu(tf.sub(epsilon, tf.abs(z))));
    case "rms": {
      const axes = z.shape.slice(1).map((_, axis) => axis + 1);
      // Also where all of a sample is 0 the denominator must not be.
      return tf.mul(sign, tf.add(tf.mul(tf.sqrt(tf.mean(tf.square(z), axes, true)), epsilon), 1e-12));
    }
    default:
      throw new ParameterError("stabilizer", stabilizer, '"add", "clip" or "rms"');
  }
}

/** `+1` where `z ≥ 0`, `−1` elsewhere. Adding 1e-30 changes no float32 that matters and gives 0 its sign. */
export function signOf(z: Tensor): Tensor {
  const nudged = tf.add(z, 1e-30);
  // WebAssembly's Sign gives 0 below 1e-7; on the native backend it is the faster of the two.
  return tf.getBackend() === "wasm" ? tf.step(nudged, -1) : tf.sign(nudged);
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

export function checkBias(bias: unknown): Bias | undefined {
  if (bias === undefined || bias === "absorb" || bias === "ignore" || bias === "distribute") return bias;
  throw new ParameterError("bias", bias, '"absorb", "ignore" or "distribute"');
}
