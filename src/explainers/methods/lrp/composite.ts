import { type AffineNode, isAffineNode, type Node } from "../../network/index.js";
import type { Joint } from "./joint.js";
import type { Bias, Rule } from "./rule.js";

/** Where an affine layer stands in its model. */
export interface Place {
  /** It reads the model's input, with at most reshaping between. */
  readonly first: boolean;
  /** No affine layer follows it. */
  readonly last: boolean;
  /** Its number among the affine layers, from the input: 0, 1, … */
  readonly index: number;
  /** How many affine layers the model has. */
  readonly count: number;
}

/** A choice of rules by layer. */
export interface Composite {
  readonly name: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** The rule of an affine layer (convolution, dense, …). */
  readonly rule: (node: AffineNode, place: Place) => Rule;
  /** What becomes of the biases' share, also in layers without weights; by default what the call of `lrp` says. */
  readonly bias?: Bias | undefined;
  /** One rule for whole pre-activations instead of `rule` for their parts: recurrent cells. */
  readonly joint?: Joint;
  /** ε of average pools, sums and other layers without weights, which share in proportion; default 1e-6. */
  readonly epsilon?: number;
  /** Who gets a max pool's relevance: its largest input (default), or all inputs in proportion, as in an average pool. */
  readonly maxPool?: "winner-take-all" | "proportional";
  /** Whether relevance passes activations unchanged (default), or times their derivative. */
  readonly activations?: "pass" | "gradient";
  /** What is sent back from the target: its output (default), or 1. */
  readonly seed?: "output" | "one";
}

export const isConvolution = (node: Node): boolean =>
  isAffineNode(node) && node.operation.kind !== "dense" && node.operation.kind !== "scale";
