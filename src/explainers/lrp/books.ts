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
/**
 * The sum over all but the batch axis, `[batch]`; or the whole sum, `[1]`, where samples are not apart on the first axis
 * (time-major recurrence, say).
 */
export function perSample(x: Tensor, batch: number): Tensor {
  const [first = 1] = x.shape;
  if (first === batch)
    return x.rank === 1
      ? x
      : tf.sum(
          x,
          x.shape.slice(1).map((_, axis) => axis + 1),
        );
  return tf.reshape(tf.sum(x), [1]);
}

/** Sums by node and entry, left on the backend until all are read at once. */
export class Books {
  readonly #sums: { node: number; entry: Entry; sum: Tensor }[] = [];

  constructor(private readonly batch: number) {}

  /** Adds `x`, summed per sample, to an entry; call inside `tf.tidy`. */
  add(node: number, entry: Entry, x: Tensor, factor = 1): void {
    const sum = perSample(x, this.batch);
    this.#sums.push({ node, entry, sum: tf.engine().keep(factor === 1 ? tf.clone(sum) : tf.mul(sum, factor)) });
  }

  /** Downloads everything: by node and entry, one number per sample (or one for all). */
  read(): Map<number, Map<Entry, number[]>> {
    const result = new Map<number, Map<Entry, number[]>>();
    if (this.#sums.length === 0) return result;
    const numbers = tf.tidy(() => tf.concat(this.#sums.map(({ sum }) => sum)).dataSync());
    let begin = 0;
    for (const { node, entry, sum } of this.#sums) {
      const part = Array.from(numbers.subarray(begin, begin + sum.size));
      begin += sum.size;
      const balance = result.get(node) ?? new Map<Entry, number[]>();
      result.set(node, balance);
      const before = balance.get(entry);
      balance.set(entry, before === undefined ? part : addUp(before, part));
    }
    return result;
  }

  dispose(): void {
    for (const { sum } of this.#sums) sum.dispose();
    this.#sums.length = 0;
  }
}

const total = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);

const addUp = (a: readonly number[], b: readonly number[]): number[] =>
  a.length === b.length ? a.map((number, index) => number + b[index]!) : [total(a) + total(b)];

/** The balance over the batch and of each sample; the latter are missing where samples cannot be told apart. */
export function balances(node: ReadonlyMap<Entry, number[]>, batch: number): { all: Balance; samples: Balance[] } {
  const of = (pick: (numbers: readonly number[]) => number): Balance => ({
    sum: pick(node.get("sum") ?? []),
    passedOn: pick(node.get("passedOn") ?? []),
    absorbedByBias: pick(node.get("absorbedByBias") ?? []),
    absorbedByEmpty: pick(node.get("absorbedByEmpty") ?? []),
  });
  const apart = [...node.values()].every((numbers) => numbers.length === batch);
  return {
    all: of(total),
    samples: apart ? Array.from({ length: batch }, (_, sample) => of((numbers) => numbers[sample] ?? 0)) : [],
  };
}
