import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { ParameterError } from "../../../errors.js";
import type { RunOptions } from "../../../explanation.js";
import type { Findings } from "../../../method.js";
import { type Graph, type Input, type Model, Recording, record, replay } from "../../../network/index.js";
import { atEmbeddings, type Embedded } from "../../../network/recording/embedded.js";
import { checkFinite } from "../../../network/recording/finite.js";
import { throwIfAborted } from "../../../progress.js";
import { resolveTarget } from "../../../target.js";

/**
 * A recorded input with what is sent back from its output, seen from its embeddings where it holds numbers of words. Its
 * tensors end with `onRecording`.
 */
export interface SeededRecording extends Embedded {
  /** The recording of the model's own inputs: the same where none are words. */
  readonly original: Recording;
  /** The node of the explained output. */
  readonly node: number;
  /** Which of the model's outputs that is. */
  readonly output: number;
  /** The value of that node, `[batch, …]`. */
  readonly value: Tensor;
  /** What is sent back from it for a gradient, in its shape. */
  readonly seed: Tensor;
  readonly target: readonly (number | null)[];
  /** A recording of other values at the places; `samples[i]` is the sample that row i belongs to, by default every one. */
  readonly replayAt: (places: readonly Tensor[], samples?: readonly number[], soon?: boolean) => Recording;
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
  const original = x instanceof Recording ? x : record(model, x, { keep });
  let seed: Tensor | undefined;
  try {
    const embedded = atEmbeddings(original);
    const { recording } = embedded;
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
    const seeded = { ...embedded, original, node, output, value, seed, target: resolved.indices, seedAt, score };
    return await use({ ...seeded, replayAt: replayer(recording) });
  } finally {
    seed?.dispose();
    if (original !== x) original.dispose();
  }
}

const replayer =
  ({ graph, weights, given }: Recording): SeededRecording["replayAt"] =>
  (places, samples, soon = false) => {
    const rows = samples && tf.tensor1d([...samples], "int32");
    const taken = rows === undefined ? given : given.map((tensor) => tf.gather(tensor, rows));
    const { values, pool } = replay(graph, [...places, ...taken], weights, { soon });
    if (rows !== undefined) tf.dispose([rows, ...taken]);
    const there = new Recording(graph, values, weights, pool, () => {});
    there.repeats = soon;
    return there;
  };

/**
 * What was found at the places, for each input of the model: a word has the sum of what its vector has. Runs inside `tidy` or
 * `scoped`.
 *
 * @throws NonFiniteError
 */
export const findingsAtInputs = (seeded: SeededRecording, relevances: readonly Tensor[], advice?: string): Findings =>
  findingsOf(seeded, seeded.toInputs(relevances), advice);

/**
 * Downloads tensors. Does not dispose of them.
 *
 * @param advice what helps where the way back is not finite
 * @throws NonFiniteError
 */
export function findingsOf(
  { original, value, score, target }: SeededRecording,
  relevances: readonly Tensor[],
  advice?: string,
): Findings {
  const inputs = relevances.map((tensor) => ({
    relevance: Float32Array.from(tensor.dataSync()),
    shape: [...tensor.shape],
  }));
  const output = score(value, everySample(original));
  checkFinite(original, [output, ...inputs.map(({ relevance }) => relevance)], advice);
  return { relevance: inputs[0]!.relevance, shape: inputs[0]!.shape, inputs, output, target };
}

/** One tensor per place; zeros where nothing arrived. To be called inside `tidy` or `scoped`. */
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
