import type { Input, Recording } from "./network/index.js";
import type { ProgressOptions } from "./progress.js";
import type { Target } from "./target.js";

/** An explanation as plain data: how much each entry of the input spoke for (+) or against (−) the explained output. */
export interface Attribution extends Partial<Ledger> {
  /** The method by its published name. */
  readonly method: string;
  /** The parameters it was run with, defaults included. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** In the shape of the input, row by row. Of several inputs, the first one's. */
  readonly relevance: Float32Array;
  /** The shape of the input, batch first. */
  readonly shape: readonly number[];
  /** For a model of several inputs: all of them. */
  readonly inputs: readonly InputRelevance[];
  /** The explained output of each sample: a logit where the model ends in a softmax. */
  readonly output: readonly number[];
  /** The explained index of each sample; `null` where the target was a tensor or a function. */
  readonly target: readonly (number | null)[];
  /** The name of each of them, of a model that knows the names of its classes (`loadModel`); `null` where it has none. */
  readonly targetNames?: readonly (string | null)[];
  /** Whether values are shares of the output, so that their sum means something. */
  readonly additive: boolean;
  /** `"repeated"` where every channel of a position says what the position has, which is then not their sum. */
  readonly channels: "apart" | "repeated";
  /** Where the numbers do not mean what they seem to, and what helps; empty where nothing is amiss. */
  readonly warnings: readonly Warning[];
}

export interface InputRelevance {
  readonly relevance: Float32Array;
  readonly shape: readonly number[];
}

/** What a result says of itself where its numbers do not mean what they seem to. */
export interface Warning {
  /**
   * - `zero`: no entry of a sample has any relevance;
   * - `scale`: a value exceeds the explained output by orders;
   * - `rounding`: the sum is smaller than the rounding error of the largest value, or lacks a hundredth of what was sent back;
   * - `bias`: biases kept nearly all of the output;
   * - `recurrent`: a recurrent layer was treated operation by operation.
   */
  readonly kind: "zero" | "scale" | "rounding" | "bias" | "recurrent";
  /** What it means, and what helps. */
  readonly message: string;
  /** The number that shows it: the largest value, the sum, the biases' share, or the steps of a recurrent layer. */
  readonly value: number;
  /** Of the batch, the first sample that it is true of; `null` where it is true of all of it. */
  readonly sample: number | null;
}

/** What became of the output on its way to the input, of methods that send it back from layer to layer. */
export interface Ledger {
  /** From the input to the output. */
  readonly layers: readonly LayerRelevance[];
  /** All relevance at the inputs, over the whole batch. */
  readonly relevanceSum: number;
  /** All that biases kept, over the whole batch. */
  readonly biasRelevance: number;
  /** All that was kept by units that had nothing to pass on to. */
  readonly emptyRelevance: number;
  /** All that a mask took away. */
  readonly maskedRelevance: number;
}

/** Whether an explanation says what became of the output on its way. */
export const hasLedger = (attribution: Attribution): attribution is Attribution & Ledger =>
  attribution.layers !== undefined;

/** What came to a layer, what it passed on, and what it kept, summed over the layer; one number per sample or in total. */
export interface Balance {
  /** Relevance at the layer's output. */
  readonly sum: number;
  /** Relevance that its inputs got from it. */
  readonly passedOn: number;
  /** What its bias kept. */
  readonly absorbedByBias: number;
  /** What was kept by units that had nothing to pass on to: empty parts, all-zero inputs, stabilizers. */
  readonly absorbedByEmpty: number;
  /** What a mask took away before any of it was passed on. */
  readonly masked: number;
}

/** The relevance at one layer of the model, and its balance over the whole batch. */
export interface LayerRelevance extends Balance {
  readonly name: string;
  /** Names of layers folded into this one. */
  readonly folded: readonly string[];
  /** The kind of operation: `conv2d`, `pool`, `sum` … */
  readonly kind: string;
  /** The rule that passed relevance on. */
  readonly rule: string | undefined;
  readonly shape: readonly number[];
  /** The balance of each sample; empty where samples are not apart on the first axis. */
  readonly samples: readonly Balance[];
  /** The relevance of every entry, in `shape`; needs `keepLayers: true`. */
  readonly relevance: () => Float32Array;
}

/** What one run explains, and how it is followed. */
export interface RunOptions extends ProgressOptions {
  /** Default `"top1"`. */
  readonly target?: Target;
  /** Which of the model's outputs; default 0. */
  readonly output?: number;
  /**
   * Keeps the relevance of every layer for `layers[i].relevance()`, until the result is disposed of; of methods without
   * layers there is none to keep.
   */
  readonly keepLayers?: boolean;
}

/**
 * Explains a batch `[batch, …]`; samples do not see each other. A `Recording` in place of an input shares its forward pass
 * with other explanations, where the method has use for one.
 *
 * @throws InputShapeError, NonFiniteError, TargetError, AbortedError; what else, the method says
 */
export type Explain<Result = Attribution, Options = RunOptions> = (
  x: Input | Recording,
  options?: Options,
) => Promise<Result>;
