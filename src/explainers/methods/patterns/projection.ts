import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Graph } from "../../network/index.js";

/*
 * Patterns are longer than weights, the more so where a unit's denominator is small, and fifty layers of them multiply to more
 * than a float32 holds. As iNNvestigate does (Alber et al. 2019), a signal is then brought back to −1 … 1 where all of it
 * passes one node, which leaves the map as it is but for a positive factor of each sample.
 */

/** From here on a signal is brought back: below it sums and completeness mean something. */
const TOO_LARGE = 1e12;

/** The nodes through which everything passes on its way from `output` to the inputs. */
export function bottlenecks(graph: Graph, output: number): ReadonlySet<number> {
  const used = new Set([output]);
  const passed = graph.nodes.map(() => 0);
  const pass = (from: number, to: number): void => {
    for (let id = from + 1; id < to; id++) passed[id]!++;
  };
  for (let id = output; id >= 0; id--) {
    if (!used.has(id)) continue;
    const { inputs } = graph.nodes[id]!;
    // What ends at an input does not pass the nodes before it.
    if (inputs.length === 0) pass(-1, id);
    for (const input of inputs) {
      used.add(input);
      pass(input, id);
    }
  }
  return new Set([...used].filter((id) => passed[id] === 0));
}

/** `R` `[batch, …]`, each sample divided by its largest magnitude where that is too large. */
export function projected(R: Tensor, batch: number): Tensor {
  if (R.shape[0] !== batch) return R;
  const largest = tf.max(
    tf.abs(R),
    R.shape.slice(1).map((_, axis) => axis + 1),
    true,
  );
  return tf.div(R, tf.where(tf.greater(largest, TOO_LARGE), largest, tf.onesLike(largest)));
}
