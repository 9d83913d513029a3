import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { ParameterError } from "../../../errors.js";
import { gradients, type PropagateOptions, type Recording } from "../../../network/index.js";
import { sizeOf } from "../../../network/shapes.js";
import { follow, type ProgressOptions } from "../../../progress.js";
import type { SeededRecording } from "./seeded.js";

/** Of the budget, what is planned with: programs hold up to four times what operations do that run one by one. */
const SHARE = 1 / 4;

/** From this many batches on, making programs for them pays. */
const MANY = 6;

/** Larger batches gain no speed on a CPU and make progress coarse. */
const LARGEST_BATCH = 64;

/** Points around the inputs of a batch: row r is point `r % perSample` of sample `⌊r / perSample⌋`. */
export interface Points {
  readonly perSample: number;
  /** The rows `samples[i]`, `numbers[i]` for every place. Runs inside `tidy`. */
  readonly at: (samples: readonly number[], numbers: readonly number[]) => Tensor[];
}

/** One batch of points with its forward pass and its gradients; all end with the visit. */
export interface PointBatch {
  readonly samples: readonly number[];
  readonly numbers: readonly number[];
  readonly recording: Recording;
  readonly seed: Tensor;
  /** The gradient at a node that was asked for (the inputs, unless `stop` says otherwise). */
  readonly gradient: (id: number) => Tensor;
}

/**
 * Evaluates the explained output's gradient at every point, in batches under the memory budget, and hands each batch to
 * `visit`, which runs inside `tidy` and keeps what it needs.
 *
 * @throws ParameterError where one point alone takes more than the budget; AbortedError
 */
export async function visitPoints(
  seeded: SeededRecording,
  points: Points,
  { memoryBudget, ...run }: ProgressOptions & { readonly memoryBudget: number },
  visit: (batch: PointBatch) => void,
  propagation?: PropagateOptions,
): Promise<void> {
  const { recording, node } = seeded;
  const total = points.perSample * recording.batch;
  const most = Math.min(pointsThatFit(recording, memoryBudget), total);
  // A graph of a fixed batch size takes as many points as it was recorded with samples.
  const served = [most, total % most || most].every((count) => recording.serves(count));
  const rows = served ? most : recording.batch;
  const many = total >= MANY * rows;
  const progress = follow(total, run);
  for (let begin = 0; begin < total; begin += rows) {
    const count = Math.min(rows, total - begin);
    const samples = Array.from({ length: count }, (_, row) => Math.floor((begin + row) / points.perSample));
    const numbers = Array.from({ length: count }, (_, row) => (begin + row) % points.perSample);
    tf.tidy(() => {
      const there = seeded.replayAt(points.at(samples, numbers), samples, many);
      let results: Map<number, Tensor> | undefined;
      try {
        const seed = seeded.seedAt(there.value(node), samples);
        results = gradients(there, new Map([[node, seed]]), propagation);
        visit({
          samples,
          numbers,
          recording: there,
          seed,
          gradient: (id) => results!.get(id) ?? tf.zerosLike(there.value(id)),
        });
      } finally {
        there.dispose();
        if (results !== undefined) for (const tensor of results.values()) tensor.dispose();
      }
    });
    await progress.step(count);
  }
}

/**
 * How many points fit: every node's value, what one step of the way back holds beside them (a few tensors of a node's input
 * and output), and what the points themselves are made from.
 */
export function pointsThatFit(recording: Recording, memoryBudget: number): number {
  const bytes = bytesOfPoint(recording);
  if (bytes > memoryBudget) {
    throw new ParameterError("memoryBudget", memoryBudget, `at least ${bytes} bytes, what one point takes`);
  }
  return Math.max(1, Math.min(LARGEST_BATCH, Math.floor((SHARE * memoryBudget) / bytes)));
}

/** What one point takes where operations run one by one. */
export function bytesOfPoint({ graph }: Recording): number {
  const sizes = graph.nodes.map((node) => sizeOf(node.shape) / graph.batch);
  const values = sizes.reduce((sum, size) => sum + size, 0);
  const around = graph.nodes.map(({ id, inputs }) => inputs.reduce((sum, input) => sum + sizes[input]!, sizes[id]!));
  const points = graph.inputs.reduce((sum, id) => sum + sizes[id]!, 0);
  return Math.ceil(4 * (values + 3 * around.reduce((a, b) => Math.max(a, b), 0) + 6 * points));
}

/** Adds `part(node, place)` to the running sum of each place. */
export function addTo(sums: Tensor[], recording: Recording, part: (id: number, place: number) => Tensor): void {
  recording.graph.inputs.forEach((id, index) => {
    const next = tf.engine().keep(tf.add(sums[index]!, part(id, index)));
    sums[index]!.dispose();
    sums[index] = next;
  });
}
