import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { Pool } from "../tensors.js";
import { isBatchFree } from "./batch.js";
import { Recording } from "./recording.js";

/** Whether a recording of one sample can be repeated without running the model again. */
export const isRepeatable = ({ graph, batch }: Recording): boolean => batch === 1 && isBatchFree(graph);

/**
 * A recording of one sample as one of `count` equal samples, with the values of the given nodes and of the inputs: nothing is computed
 * anew. It uses the first one's weights and must end before it.
 */
export function repeated(recording: Recording, nodes: ReadonlySet<number>, count: number): Recording {
  const { graph, weights } = recording;
  const pool = new Pool();
  const values: (Tensor | undefined)[] = graph.nodes.map(({ id }) => {
    if (!nodes.has(id) && !graph.inputs.includes(id)) return undefined;
    const value = recording.value(id);
    return pool.own(tf.tile(value, [count, ...value.shape.slice(1).map(() => 1)]));
  });
  return new Recording(graph, values, weights, pool, () => {});
}
