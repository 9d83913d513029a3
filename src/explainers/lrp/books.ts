import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

/** What came to a layer, what it passed on, and what it kept, summed over the layer; one number per sample or in total. */
export interface Balance {
  /** Relevance at the layer's output. */
  readonly sum: number;
  /** Relevance that its inputs got from it. */
  readonly passedOn: number;
  /** What its bias kept. */
  readonly absorbedByBias: number;
  /** What was kept by units that had nothing to pass on to: empty parts, all-zero inputs, stabilizers. */
  readonly absorbedByEmpty: number;
}

export type Entry = keyof Balance;
export const entries: readonly Entry[] = ["sum", "passedOn", "absorbedByBias", "absorbedByEmpty"];

/** The sum over all but the batch axis. */
export const perSample = (x: Tensor): Tensor => {
  const axes = x.shape.slice(1).map((_, axis) => axis + 1);
  return axes.length === 0 ? x : tf.sum(x, axes);
};

/** Sums `[batch]` by node and entry, left on the backend until all are read at once. */
export class Books {
  readonly #sums: { node: number; entry: Entry; sum: Tensor }[] = [];

  /** Adds `sum` `[batch]` to an entry; call inside `tf.tidy`. */
  add(node: number, entry: Entry, sum: Tensor): void {
    this.#sums.push({ node, entry, sum: tf.engine().keep(tf.clone(sum)) });
  }

  /** Downloads everything: by node, one balance per sample. */
  read(batch: number): Map<number, Record<Entry, Float64Array>> {
    const result = new Map<number, Record<Entry, Float64Array>>();
    if (this.#sums.length === 0) return result;
    const numbers = tf.tidy(() => tf.stack(this.#sums.map(({ sum }) => sum)).dataSync());
    this.#sums.forEach(({ node, entry }, row) => {
      let balance = result.get(node);
      if (balance === undefined) {
        balance = {
          sum: new Float64Array(batch),
          passedOn: new Float64Array(batch),
          absorbedByBias: new Float64Array(batch),
          absorbedByEmpty: new Float64Array(batch),
        };
        result.set(node, balance);
      }
      for (let sample = 0; sample < batch; sample++) balance[entry][sample]! += numbers[row * batch + sample]!;
    });
    return result;
  }

  dispose(): void {
    for (const { sum } of this.#sums) sum.dispose();
    this.#sums.length = 0;
  }
}
