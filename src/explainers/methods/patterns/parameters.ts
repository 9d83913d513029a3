import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { boundsOf, type Context } from "../../context.js";
import { ParameterError } from "../../errors.js";
import type { RunOptions } from "../../explanation.js";
import { inputOf } from "../../method.js";
import type { Input, Model, Recording } from "../../network/index.js";
import { choice, dataOf, type Parameters, tensorOf, type ValuesOf, whole } from "../../parameters.js";
import { noise } from "../reference.js";
import { fitPatterns, patternEstimators } from "./fit.js";
import type { Patterns } from "./patterns.js";

const isPatterns = (value: unknown): value is Patterns => Array.isArray((value as Partial<Patterns> | null)?.layers);

/** The parameters of methods that pass signals back by patterns. */
export const patternParameters = {
  patterns: dataOf("The patterns, where they were fitted before", "what fitPatterns or loadPatterns gave", isPatterns),
  data: tensorOf(
    "The inputs that the patterns are fitted to, [count, …sample]. Give some: patterns of the uniform noise that stands in for them say what the weights answer to, not what the data are like",
    "advised",
  ),
  count: whole(64, "How many inputs of noise, where no data are given", { least: 2 }),
  seed: whole(0, "The same seed gives the same noise"),
  estimator: choice(
    patternEstimators,
    "auto",
    "How a unit's pattern is estimated; auto: by its active samples where a ReLU follows, else by all",
  ),
};

type PatternValues = ValuesOf<typeof patternParameters>;

/** Patterns that are given leave nothing to fit. */
export const patternParametersWith = (
  { patterns }: Readonly<Record<string, unknown>>,
  parameters: Parameters,
): Parameters => (patterns === undefined ? parameters : { patterns: parameters["patterns"]! });

/** How many inputs are run at once while patterns are fitted. */
const BATCH = 8;

/**
 * The patterns that are given, or those fitted to data or noise.
 *
 * @throws ParameterError where patterns and data are given, or there is nothing to fit to
 */
export async function patternsOf(
  model: Model,
  { patterns, data, count, seed, estimator }: PatternValues,
  context: Context,
  x: Input | Recording,
  run: RunOptions,
): Promise<Patterns> {
  if (patterns !== undefined) {
    if (data !== undefined) throw new ParameterError("data", data, "left out where patterns are given");
    return patterns;
  }
  const bounds = boundsOf(context);
  if (data === undefined && bounds === undefined) {
    throw new ParameterError(
      "data",
      data,
      "given: the bounds of this model's input are not known, so no noise stands in",
    );
  }
  const rows = data ?? noise(count, seed, bounds!, inputOf(x));
  try {
    return await fitPatterns(model, batches(rows, run), { estimator, ...(run.signal && { signal: run.signal }) });
  } finally {
    if (data === undefined) rows.dispose();
  }
}

function* batches(rows: Tensor, { onProgress }: RunOptions): Generator<Tensor> {
  const total = rows.shape[0]!;
  for (let begin = 0; begin < total; begin += BATCH) {
    const batch = tf.slice(rows, begin, Math.min(BATCH, total - begin));
    try {
      yield batch;
    } finally {
      batch.dispose();
    }
    onProgress?.({ done: Math.min(begin + BATCH, total), total });
  }
}
