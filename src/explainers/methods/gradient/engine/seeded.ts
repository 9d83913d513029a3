import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { ParameterError } from "../../../errors.js";
import type { RunOptions } from "../../../explanation.js";
import type { Findings } from "../../../method.js";
import { type Graph, type Input, type Model, Recording, record } from "../../../network/index.js";
import { checkFinite } from "../../../network/recording/finite.js";
import { throwIfAborted } from "../../../progress.js";
import { resolveTarget } from "../../../target.js";

/** A recorded input with what is sent back from its output. Its tensors end with `onRecording`. */
export interface SeededRecording {
  readonly recording: Recording;
  /** The node of the explained output. */
  readonly node: number;
  /** Which of the model's outputs that is. */
  readonly output: number;
  /** The value of that node, `[batch, …]`. */
  readonly value: Tensor;
  /** What is sent back from it for a gradient, in its shape. */
  readonly seed: Tensor;
  readonly target: readonly (number | null)[];
  /** What is sent back from other values of the same node; `samples[i]` is the sample that row i belongs to. */
  readonly seedAt: (value: Tensor, samples: readonly number[]) => Tensor;
  /** The explained number of each row: the seed times the value, summed. */
  readonly score: (value: Tensor, samples: readonly number[]) => number[];
}

/** Records the model where that is not done, resolves the target, and cleans up after `use`, also when it throws. */
export async function onRecording<Result>(
  model: Model,
  x: Input | Recording,
  { target = "top1", output = 0, signal }: RunOptions,
  use: (seeded: SeededRecording) => Result | Promise<Result>,
  /** The nodes whose values `use` needs; default all. */
  keep?: (graph: Graph) => ReadonlySet<number>,
): Promise<Result> {
  throwIfAborted({ signal });
  const recording = x instanceof Recording ? x : record(model, x, { keep });
  let seed: Tensor | undefined;
  try {
    const node = recording.graph.outputs[output];
    if (node === undefined) {
      const last = recording.graph.outputs.length - 1;
      throw new ParameterError("output", output, `one of the model's outputs, 0 to ${last}`);
    }
    const value = recording.value(node);
    const resolved = resolveTarget(target, value);
    const own = resolved.weights;
    seed = own;
    const seedAt = (at: Tensor, samples: readonly number[]): Tensor =>
      typeof target === "function" ? target(at) : tf.gather(own, tf.tensor1d([...samples], "int32"));
    const score = (at: Tensor, samples: readonly number[]): number[] =>
      tf.tidy(() =>
        Array.from(tf.sum(tf.reshape(tf.mul(seedAt(at, samples), at), [samples.length, -1]), 1).dataSync()),
      );
    return await use({ recording, node, output, value, seed, target: resolved.indices, seedAt, score });
  } finally {
    seed?.dispose();
    if (recording !== x) recording.dispose();
  }
}

/**
 * Downloads one tensor per input of the model. Does not dispose of them.
 *
 * @param advice what helps where the way back is not finite
 * @throws NonFiniteError
 */
export function findingsOf(
  { recording, value, score, target }: SeededRecording,
  relevances: readonly Tensor[],
  advice?: string,
): Findings {
  const inputs = relevances.map((tensor) => ({
    relevance: Float32Array.from(tensor.dataSync()),
    shape: [...tensor.shape],
  }));
  const output = score(value, everySample(recording));
  checkFinite(recording, [output, ...inputs.map(({ relevance }) => relevance)], advice);
  return { relevance: inputs[0]!.relevance, shape: inputs[0]!.shape, inputs, output, target };
}

/** One tensor per input of the model; zeros where nothing arrived. To be called inside `tidy` or `scoped`. */
export const inputsOf = (recording: Recording, results: ReadonlyMap<number, Tensor>): Tensor[] =>
  recording.graph.inputs.map((id) => results.get(id) ?? tf.zerosLike(recording.value(id)));

export const everySample = ({ batch }: Recording): number[] => Array.from({ length: batch }, (_, sample) => sample);

/**
 * Sums rows into their samples: `result[b] = Σ weights[r] · rows[r]` over the rows r of sample b.
 *
 * @returns `[batch, …]`
 */
export function sumRows(rows: Tensor, samples: readonly number[], weights: readonly number[], batch: number): Tensor {
  return tf.tidy(() => {
    const gatherer = tf.buffer([batch, rows.shape[0]!], "float32");
    samples.forEach((sample, row) => {
      gatherer.set(weights[row]!, sample, row);
    });
    const flat = tf.reshape(rows, [rows.shape[0]!, -1]) as Tensor2D;
    return tf.reshape(tf.matMul(gatherer.toTensor() as Tensor2D, flat), [batch, ...rows.shape.slice(1)]);
  });
}

/** A number per row, shaped so that it multiplies rows of the rank of `rows`. */
export function rowFactors(numbers: readonly number[], rows: Tensor): Tensor {
  return tf.reshape(tf.tensor1d([...numbers]) as Tensor1D, [numbers.length, ...rows.shape.slice(1).map(() => 1)]);
}
