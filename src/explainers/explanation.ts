/** An explanation as plain data: how much each entry of the input spoke for (+) or against (−) the explained output. */
export interface Attribution {
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
}

export interface InputRelevance {
  readonly relevance: Float32Array;
  readonly shape: readonly number[];
}
