import type { Tensor } from "@tensorflow/tfjs-core";
import type { Typed } from "./attributes.js";
import type { Translator } from "./call.js";
import type { LinearMap, Owner } from "./linear-map.js";

/** The name of the way that relevance takes through an operation by default; what the ways do stands with LRP. */
export type Relevance =
  /** `z = w·a + b`: by the rule that a composite has for its weights. */
  | "affine"
  /** One input per output, which takes all. */
  | "pass"
  /** To where the entry came from. */
  | "move"
  /** To each input by its contribution to a sum. */
  | "proportional"
  /** To the largest or smallest input. */
  | "winner"
  | "product"
  | "quotient"
  | "softmax"
  | "bilinear"
  | "lookup"
  /** To the side that a condition chose. */
  | "select"
  | "unknown";

/** What is known about an operation without looking at values. What is absent is not known. */
export interface Facts {
  /** A linear map of all its inputs together, up to a constant: its differences do not depend on where they are taken. */
  readonly linear?: boolean;
  /** No entry of its output is negative: whatever comes in, or where no entry of an input is. */
  readonly nonNegative?: "always" | "kept" | undefined;
  /** One input per output, and 0 where that is 0. */
  readonly zeroToZero?: boolean;
  /** One input per output, and 0 where that is not above 0. */
  readonly rectifies?: boolean;
  /** Bounded, so that as a factor it lets the other one through or not: always, or where it is moved by a constant. */
  readonly gates?: "always" | "shifted" | undefined;
  /** `1 / x` or another negative power: as a factor it divides. */
  readonly inverts?: boolean;
  /** It puts entries beside those that it moves, which come from no input: padding, a class token. */
  readonly inserts?: boolean;
  /** Every vector along the last axis by itself, in the same way. */
  readonly alongLastAxis?: boolean;
}

/** The values around a node in one forward pass. */
export interface Values {
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
}

/** The node at which an operation stands. */
export interface Site {
  readonly name: string;
  /** The linear map of an affine operation, made once. */
  map(): LinearMap;
}

/** All that is to be known about one kind of operation. */
export interface Kind<O extends Typed> {
  readonly kind: O["kind"];
  /** Makes operations of this kind from the kernels that ran, by the kernel's name; `undefined` leaves one to other kinds. */
  readonly translate: Readonly<Record<string, Translator>>;
  /** Its value from the values of its inputs, at any batch size. Runs inside `tf.tidy`. */
  readonly forward: (operation: O, inputs: readonly Tensor[], site: Site) => Tensor;
  /** The vector-Jacobian products with `dy` (in the output's shape), one for each input. Runs inside `tf.tidy`. */
  readonly vjp: (operation: O, dy: Tensor, values: Values, site: Site) => Tensor[];
  /** Of an operation that is linear but for a constant: the same without it, so that it maps differences. */
  readonly linearPart?: (operation: O) => O;
  readonly facts: (operation: O) => Facts;
  readonly relevance: (operation: O) => Relevance;
}

/** `z = weights · a + bias`. */
export interface AffineOperation extends Typed {
  /** `null`: 1 everywhere. */
  readonly weights: Tensor | null;
  readonly bias: Tensor | null;
}

/** A kind whose operations are `z = w·a + b`: all else follows from its linear map. */
export interface AffineKind<O extends AffineOperation> extends Kind<O> {
  /** The linear part of `operation` with `weights` in place of its own; `owner` owns what it prepares. */
  readonly map: (operation: O, weights: Tensor, owner: Owner) => LinearMap;
  /** Which axes of the weights meet the input's channels and make the output's; `null` where weights are per entry. */
  readonly channels: Channels | null;
  /** Whether every input that a unit sees lies inside the picture: only then is a shift before it a bias behind it. */
  readonly seesNoPadding: (operation: O) => boolean;
}

export interface Channels {
  /** `null` where output channels see different input channels. */
  readonly input: number | null;
  /** The output's channels in their order. */
  readonly output: readonly number[];
}
