import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { ParameterError } from "../../../errors.js";
import type { Attribution, Explain } from "../../../explanation.js";
import { type Findings, inputOf } from "../../../method.js";
import type { Model } from "../../../network/index.js";
import { nonFinite } from "../../../network/recording/finite.js";
import { sizeOf } from "../../../network/shapes.js";
import { scoped } from "../../../network/tensors.js";
import { follow, throwIfAborted } from "../../../progress.js";
import { resolveTarget, type Target } from "../../../target.js";
import type { Surrogate } from "../lime/surrogate.js";
import { DEFAULT_MEMORY_BUDGET, scorer } from "./batches.js";
import { type BlackBox, openBlackBox } from "./black-box.js";

/** Options of every perturbation method. */
export interface PerturbationOptions {
  /**
   * Bytes that perturbed inputs and the model's passes over them may take at once, default 256 MiB. Half of it is for tensors,
   * half for what kernels take beside them.
   */
  readonly memoryBudget?: number;
}

/** An explanation by perturbation: `relevance` in the shape of the input, and what the method knows by feature. */
export interface PerturbationAttribution extends Attribution {
  /** For methods that work on features: each sample's, one value a feature. */
  readonly features?: readonly FeatureAttribution[];
  /** For Shapley values: the mean output without any feature, v(∅), of each sample. */
  readonly expected?: readonly number[];
  /** For LIME: each sample's linear model. */
  readonly surrogates?: readonly Surrogate[];
}

export type PerturbationFindings = Findings<PerturbationAttribution>;

export interface FeatureAttribution {
  /** The feature of each entry of the sample. */
  readonly ids: Int32Array;
  /** One value a feature. */
  readonly values: Float32Array;
}

/** The batch as a method sees it. */
export interface Batch {
  readonly batch: number;
  /** `[batch, …shape]` */
  readonly x: Tensor;
  /** Of one sample. */
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export interface Sample {
  readonly index: number;
  /** `[…shape]`. */
  readonly values: Float32Array;
  /** The explained output f(x). */
  readonly output: number;
}

/** What a method does with one sample. It holds no tensors, so that an abort leaves none. */
export interface Plan {
  /** How many perturbed copies. */
  readonly count: number;
  /** Copies `start` … `start + rows − 1`, `[rows, …shape]`. */
  make(start: number, rows: number): Tensor;
  /** From the explained outputs of all copies. */
  finish(scores: Float32Array): SampleResult;
}

export interface SampleResult {
  /** `[…shape]`. */
  readonly relevance: Float32Array;
  readonly features?: FeatureAttribution;
  readonly expected?: number;
  readonly surrogate?: Surrogate;
}

/** What a method asks of the model beyond its explained output. */
export interface MethodTraits {
  /** Turns outputs `[rows, classes]` into what is scored; the default takes them as they are. */
  readonly link?: (box: BlackBox) => (outputs: Tensor) => Tensor;
}

/** How a method goes about a batch. */
export interface Approach {
  /** What it does with one sample after the other. */
  readonly plan: (sample: Sample) => Plan;
  /** The parameters that it settled by the input. */
  readonly settled?: Readonly<Record<string, unknown>>;
}

/**
 * Makes the explainer of a perturbation method: runs the model on the batch, resolves the target, and for each sample scores
 * the copies that the method plans, within the memory budget.
 */
export function byPerturbation(
  model: Model,
  memoryBudget: number,
  approach: (batch: Batch) => Approach,
  traits: MethodTraits = {},
): Explain<PerturbationFindings> {
  return async (given, run = {}) => {
    throwIfAborted(run);
    const x = inputOf(given);
    const box = openBlackBox(model, x, run.output);
    try {
      const link = traits.link?.(box) ?? ((outputs: Tensor) => outputs);
      const explained = explainedOutputs(model, x, (input) => link(box.run(input)), run.target ?? "top1");
      const values = Float32Array.from(x.dataSync());
      const shape = x.shape.slice(1);
      const size = sizeOf(shape);
      const { plan, settled } = approach({ batch: x.shape[0]!, x, shape, values });
      const plans = explained.output.map((output, index) =>
        plan({ index, values: values.subarray(index * size, (index + 1) * size), output }),
      );
      const progress = follow(
        plans.reduce((sum, { count }) => sum + count, 0),
        run,
      );
      const scoreAll = scorer(memoryBudget, progress);
      const results: SampleResult[] = [];
      for (const [index, { count, make, finish }] of plans.entries()) {
        const scores = await scoreAll({
          count,
          make: (start, rows) => tf.cast(make(start, rows), x.dtype),
          score: (copies) => explained.score(link(box.run(copies)), index),
        });
        results.push(finish(scores));
      }
      return { ...assemble(x.shape, explained, results), ...(settled && { parameters: plain(settled) }) };
    } finally {
      box.dispose();
    }
  };
}

/** As `byPerturbation`, with name and parameters. */
export function explainer(
  model: Model,
  name: string,
  options: PerturbationOptions,
  method: (batch: Batch) => (sample: Sample) => Plan,
  traits: MethodTraits = {},
): Explain<PerturbationAttribution> {
  const { memoryBudget = DEFAULT_MEMORY_BUDGET } = options;
  if (!(memoryBudget > 0)) throw new ParameterError("memoryBudget", memoryBudget, "a positive number of bytes");
  const parameters = plain({ memoryBudget, ...options });
  const explain = byPerturbation(model, memoryBudget, (batch) => ({ plan: method(batch) }), traits);
  return async (x, run) => ({ ...(await explain(x, run)), method: name, parameters });
}

/** What is explained of each sample. */
export interface Explained {
  readonly output: readonly number[];
  readonly indices: readonly (number | null)[];
  /** The explained value of outputs `[rows, …]` of copies of one sample, `[rows]`. */
  score(outputs: Tensor, sample: number): Tensor1D;
}

/** Runs the samples one by one, so that a batch gives the numbers of its samples, and resolves the target on their outputs. */
export function explainedOutputs(
  model: Model,
  x: Tensor,
  compute: (input: Tensor) => Tensor,
  target: Target,
): Explained {
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
  explained: Explained,
  results: readonly SampleResult[],
): PerturbationFindings {
  const size = sizeOf(shape.slice(1));
  const relevance = new Float32Array(size * results.length);
  results.forEach((result, index) => {
    relevance.set(result.relevance, index * size);
  });
  const all = <Key extends keyof SampleResult>(key: Key) =>
    results.every((result) => result[key] !== undefined) ? results.map((result) => result[key]!) : undefined;
  const features = all("features");
  const expected = all("expected");
  const surrogates = all("surrogate");
  return {
    relevance,
    shape: [...shape],
    inputs: [{ relevance, shape: [...shape] }],
    output: explained.output,
    target: explained.indices,
    ...(features && { features }),
    ...(expected && { expected }),
    ...(surrogates && { surrogates }),
  };
}

/** Parameters as plain data: of a tensor its shape, of other data that it was given. */
export function plain(options: object): Record<string, unknown> {
  const entries = Object.entries(options).map(([name, value]) => {
    if (value instanceof tf.Tensor) return [name, `tensor [${value.shape}]`];
    if (value !== null && typeof value === "object" && "covariance" in value)
      return [name, `Gaussian of patches [${value.shape}]`];
    if (ArrayBuffer.isView(value)) return [name, `${(value as Int32Array).length} numbers`];
    return [name, value];
  });
  return Object.fromEntries(entries);
}
