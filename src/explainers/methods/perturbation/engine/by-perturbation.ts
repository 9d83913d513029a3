import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { InputShapeError } from "../../../errors.js";
import type { Explain, RunOptions } from "../../../explanation.js";
import type { Findings } from "../../../method.js";
import { type Model, record } from "../../../network/index.js";
import { inputsOfWords } from "../../../network/recording/embedded.js";
import { nonFinite } from "../../../network/recording/finite.js";
import { sizeOf } from "../../../network/shapes.js";
import { scoped } from "../../../network/tensors.js";
import { follow, throwIfAborted } from "../../../progress.js";
import { resolveTarget, type Target } from "../../../target.js";
import { scorer } from "./batches.js";
import { type BlackBox, openBlackBox } from "./black-box.js";
import { joined, severalOf } from "./joined.js";

/** What methods that work on features know of each sample, one value a feature. */
export interface FeatureResults {
  readonly features: readonly FeatureAttribution[];
}

export interface FeatureAttribution {
  /** The feature of each entry of the sample. */
  readonly ids: Int32Array;
  /** One value a feature. */
  readonly values: Float32Array;
}

/** One input of the model. */
export interface Part {
  /** `[batch, …shape]` */
  readonly x: Tensor;
  /** Of one sample. */
  readonly shape: readonly number[];
  readonly values: Float32Array;
  /** Whether numbers of words are in it, between which there is nothing. */
  readonly isWords: boolean;
}

/** The batch as a method sees it. Of several inputs all entries are side by side, `[batch, entries]`. */
export interface Batch extends Part {
  readonly batch: number;
  /** Each input of the model; of one, the same. */
  readonly parts: readonly Part[];
}

interface Sample {
  readonly index: number;
  /** `[…shape]`. */
  readonly values: Float32Array;
  /** The explained output f(x). */
  readonly output: number;
}

/** What is found of one sample. */
export interface SampleResult {
  /** `[…shape]`. */
  readonly relevance: Float32Array;
}

/** What a method does with one sample. It holds no tensors, so that an abort leaves none. */
interface Plan<Result extends SampleResult> {
  /** How many perturbed copies. */
  readonly count: number;
  /** Copies `start` … `start + rows − 1`, `[rows, …shape]`. */
  make(start: number, rows: number): Tensor;
  /** From the explained outputs of all copies. */
  finish(scores: Float32Array): Result;
}

/** What a method asks of the model beyond its explained output. */
export interface MethodTraits {
  /** Turns outputs `[rows, classes]` into what is scored; the default takes them as they are. */
  readonly link?: (box: BlackBox) => (outputs: Tensor) => Tensor;
  /** Of several inputs, which it can explain: all by their `parts`, `"rows"` as one row (default), or none together. */
  readonly several?: "parts" | "rows" | "none";
}

/** How a method goes about a batch. */
export interface Approach<Result extends SampleResult, Extras> {
  /** What it does with one sample after the other. */
  readonly plan: (sample: Sample) => Plan<Result>;
  /** What the result says beyond relevance, from those of the samples. */
  readonly extras?: (results: readonly Result[]) => Extras;
  /** The parameters that it settled by the input. */
  readonly settled?: Readonly<Record<string, unknown>>;
}

/**
 * Makes the explainer of a perturbation method: runs the model on the batch, resolves the target, and for each sample scores
 * the copies that the method plans, within the memory budget.
 */
export function byPerturbation<Result extends SampleResult, Extras extends object = object>(
  model: Model,
  memoryBudget: number,
  approach: (batch: Batch) => Approach<Result, Extras>,
  traits: MethodTraits = {},
): Explain<Findings & Extras> {
  const explain = async (net: Model, x: Tensor, inputs: readonly Tensor[], run: RunOptions) => {
    const box = openBlackBox(net, x, run.output);
    try {
      const link = traits.link?.(box) ?? ((outputs: Tensor) => outputs);
      const explained = scoredOutputs(net, x, (input) => link(box.run(input)), run.target ?? "top1");
      const values = Float32Array.from(x.dataSync());
      const shape = x.shape.slice(1);
      const size = sizeOf(shape);
      const isWords = wordInputs(model, inputs);
      const own = { x, shape, values, isWords: isWords.includes(true) };
      const parts = inputs.length === 1 ? [own] : inputs.map((input, index) => partOf(input, isWords[index]!));
      const { plan, settled, extras } = approach({ ...own, batch: x.shape[0]!, parts });
      const plans = explained.output.map((output, index) =>
        plan({ index, values: values.subarray(index * size, (index + 1) * size), output }),
      );
      const progress = follow(
        plans.reduce((sum, { count }) => sum + count, 0),
        run,
      );
      const scoreAll = scorer(memoryBudget, progress);
      const results: Result[] = [];
      for (const [index, { count, make, finish }] of plans.entries()) {
        const scores = await scoreAll({
          count,
          make: (start, rows) => tf.cast(make(start, rows), x.dtype),
          score: (copies) => explained.score(link(box.run(copies)), index),
        });
        results.push(finish(scores));
      }
      const found = { ...assemble(x.shape, explained, results), ...(settled && { parameters: settled }) };
      return { ...found, ...(extras?.(results) as Extras) };
    } finally {
      box.dispose();
    }
  };
  return async (given, run = {}) => {
    throwIfAborted(run);
    const several = severalOf(given);
    if (several.length === 1) return explain(model, several[0]!, several, run);
    checkSeveral(several, traits.several ?? "rows");
    const { joint, x, parts } = joined(model, several);
    try {
      return parts(await explain(joint, x, several, run));
    } finally {
      x.dispose();
    }
  };
}

const partOf = (x: Tensor, isWords: boolean): Part => ({
  x,
  shape: x.shape.slice(1),
  values: Float32Array.from(x.dataSync()),
  isWords,
});

/** Which inputs hold numbers of words; the model is looked into only where one could. */
function wordInputs(model: Model, inputs: readonly Tensor[]): boolean[] {
  const could = inputs.map(
    (input) => input.rank <= 3 && input.dataSync().every((value) => Number.isInteger(value) && Number(value) >= 0),
  );
  if (!could.includes(true)) return could;
  return scoped(() => {
    const first = inputs.map((input) => tf.slice(input, 0, 1));
    const recording = record(model, first, { keep: () => new Set() });
    try {
      return inputsOfWords(recording.graph).map((isWords, index) => isWords && could[index]!);
    } finally {
      recording.dispose();
    }
  });
}

const BY_PARTS =
  "LIME, SHAP, RISE, occlusion, feature ablation, LRP and gradients explain pictures beside other inputs";

/** @throws InputShapeError for inputs that a method cannot explain together */
function checkSeveral(inputs: readonly Tensor[], kinds: "parts" | "rows" | "none"): void {
  const odd = kinds === "none" ? inputs[0] : inputs.find(({ rank }) => rank !== 2);
  if (kinds === "parts" || odd === undefined) return;
  const rows = kinds === "rows" ? ", or several rows [batch, …]" : "";
  throw new InputShapeError(
    `one tensor for this method${rows} (${BY_PARTS})`,
    `${inputs.length} inputs, one of shape [${odd.shape.join(", ")}]`,
  );
}

/** What is explained of each sample. */
export interface ScoredOutputs {
  readonly output: readonly number[];
  readonly indices: readonly (number | null)[];
  /** The explained value of outputs `[rows, …]` of copies of one sample, `[rows]`. */
  score(outputs: Tensor, sample: number): Tensor1D;
}

/** Runs the samples one by one, so that a batch gives the numbers of its samples, and resolves the target on their outputs. */
export function scoredOutputs(
  model: Model,
  x: Tensor,
  compute: (input: Tensor) => Tensor,
  target: Target,
): ScoredOutputs {
  return scoped(() => {
    const rows = Array.from({ length: x.shape[0]! }, (_, i) => tf.tidy(() => compute(tf.slice(x, i, 1))));
    const outputs = tf.concat(rows);
    const { indices, weights } = resolveTarget(target, outputs);
    const classes = sizeOf(outputs.shape.slice(1));
    const factors = weights.dataSync<"float32">();
    const score = (values: Tensor, sample: number): Tensor1D => {
      const flat = tf.reshape(values, [values.shape[0]!, classes]) as Tensor2D;
      const index = indices[sample];
      const column =
        index != null
          ? tf.slice(flat, [0, index], [-1, 1])
          : tf.matMul(flat, tf.tensor2d(factors.slice(sample * classes, (sample + 1) * classes), [classes, 1]));
      return tf.reshape(column, [values.shape[0]!]) as Tensor1D;
    };
    const output = rows.map((row, sample) => score(row, sample).dataSync()[0]!);
    for (const [sample, value] of output.entries()) {
      if (!Number.isFinite(value)) throw nonFinite(model, tf.slice(x, sample, 1), value);
    }
    return { output, indices, score };
  });
}

/** Joins the samples' results into one record. */
export function assemble(
  shape: readonly number[],
  { output, indices }: ScoredOutputs,
  results: readonly SampleResult[],
): Findings {
  const size = results[0]?.relevance.length ?? 0;
  const relevance = new Float32Array(size * results.length);
  results.forEach((result, index) => {
    relevance.set(result.relevance, index * size);
  });
  return { relevance, shape: [...shape], inputs: [{ relevance, shape: [...shape] }], output, target: indices };
}
