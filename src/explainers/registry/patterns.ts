import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { boundsOf, type Context } from "../context.js";
import { ParameterError } from "../errors.js";
import type { Explain, RunOptions } from "../explanation.js";
import { inputOf, type Method, method } from "../method.js";
import { fitPatterns, patternAttribution, patternNet } from "../methods/patterns/index.js";
import { noise } from "../methods/reference.js";
import type { Model } from "../network/index.js";
import { choice, tensorOf, type ValuesOf, whole } from "../parameters.js";

const parameters = {
  data: tensorOf(
    "The inputs that the patterns are fitted to, [count, …sample]. Give some: patterns of the uniform noise that stands in for them say what the weights answer to, not what the data are like",
    "advised",
  ),
  count: whole(64, "How many inputs of noise, where no data are given", { least: 2 }),
  seed: whole(0, "The same seed gives the same noise"),
  estimator: choice(
    ["auto", "linear", "two-component"],
    "auto",
    "How a unit's pattern is estimated; auto: by its active samples where a ReLU follows, else by all",
  ),
};

/** How many inputs are run at once while patterns are fitted. */
const BATCH = 8;

function fitted(
  model: Model,
  { data, count, seed, estimator }: ValuesOf<typeof parameters>,
  context: Context,
  make: typeof patternNet,
): Explain {
  return async (x, options) => {
    if (data === undefined && boundsOf(context) === undefined) {
      throw new ParameterError(
        "data",
        data,
        "given: the bounds of this model's input are not known, so no noise stands in",
      );
    }
    const rows = data ?? noise(count, seed, context, inputOf(x));
    try {
      const patterns = await fitPatterns(model, batches(rows, options), {
        estimator,
        ...(options?.signal && { signal: options.signal }),
      });
      return await make(model, { patterns })(x, options);
    } finally {
      if (data === undefined) rows.dispose();
    }
  };
}

function* batches(rows: Tensor, options: RunOptions | undefined): Generator<Tensor> {
  const total = rows.shape[0]!;
  for (let begin = 0; begin < total; begin += BATCH) {
    const batch = tf.slice(rows, begin, Math.min(BATCH, total - begin));
    try {
      yield batch;
    } finally {
      batch.dispose();
    }
    options?.onProgress?.({ done: Math.min(begin + BATCH, total), total });
  }
}

const common = {
  family: "patterns",
  inputs: ["image", "table"],
  signed: true,
  result: "entries",
  parameters,
} as const;

export const patternMethods: readonly Method[] = [
  method({
    ...common,
    id: "pattern-net",
    name: "PatternNet",
    reference: "Kindermans et al. 2017, arXiv:1705.05598, section 4",
    additive: false,
    question: "Which signal in the input did the network respond to, distractors left out?",
    explainer: (model, values, context) => fitted(model, values, context, patternNet),
  }),
  method({
    ...common,
    id: "pattern-attribution",
    name: "PatternAttribution",
    reference: "Kindermans et al. 2017, arXiv:1705.05598, section 4",
    additive: true,
    question: "How much did each entry of the signal contribute to the output?",
    explainer: (model, values, context) => fitted(model, values, context, patternAttribution),
  }),
];
