import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Term } from "./rule.js";

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

/** Sums over all but the batch and the last axis, `[batch, channels]`. */
const perChannel = (x: Tensor): Tensor =>
  x.rank === 2
    ? x
    : tf.sum(
        x,
        x.shape.slice(1, -1).map((_, axis) => axis + 1),
      );

/** A sum on the backend, and how often it counts for which entry of which node. */
interface Posting {
  readonly node: number;
  readonly entry: Entry;
  readonly sum: Tensor;
  /** One number for the whole sum, or one for each channel of a sum `[batch, channels]`. */
  readonly factor: number | Float32Array;
}

/** Sums by node and entry, left on the backend until all are read at once. */
export class Books {
  readonly #postings: Posting[] = [];
  /** What layers pass on arrives at others as it is: no tensor is summed twice. By the tensor's data. */
  readonly #sums = new Map<object, Tensor>();

  constructor(private readonly batch: number) {}

  /** Adds `x`, summed per sample, to an entry; call inside `tf.tidy`. */
  add(node: number, entry: Entry, x: Tensor, factor = 1): void {
    const sum = this.#once(x.dataId, () => perSample(x, this.batch));
    this.#postings.push({ node, entry, sum, factor });
  }

  /** Adds what the bias and the stabilizer of a term kept, `Σ s·bias` and `Σ s·stabilizer`; call inside `tf.tidy`. */
  addTerm(node: number, { s, bias, stabilizer }: Term): void {
    const channels = s.shape.at(-1)!;
    if (bias !== null && bias.size === channels && s.rank > 1 && s.shape[0] === this.batch) {
      const sum = tf.engine().keep(tf.clone(perChannel(s)));
      this.#postings.push({ node, entry: "absorbedByBias", sum, factor: Float32Array.from(bias.dataSync()) });
      if (typeof stabilizer === "number") {
        const factor = new Float32Array(channels).fill(stabilizer);
        if (stabilizer !== 0) this.#postings.push({ node, entry: "absorbedByEmpty", sum, factor });
        return;
      }
    } else if (bias !== null) this.add(node, "absorbedByBias", tf.mul(s, bias));
    if (typeof stabilizer !== "number") this.add(node, "absorbedByEmpty", tf.mul(s, stabilizer));
    else if (stabilizer !== 0) this.add(node, "absorbedByEmpty", s, stabilizer);
  }

  #once(key: object, make: () => Tensor): Tensor {
    const known = this.#sums.get(key);
    if (known !== undefined) return known;
    const sum = tf.engine().keep(tf.clone(make()));
    this.#sums.set(key, sum);
    return sum;
  }

  /** Downloads everything: by node and entry, one number per sample (or one for all). */
  read(): Map<number, Map<Entry, number[]>> {
    const sums = [...new Set(this.#postings.map(({ sum }) => sum))];
    const numbers = new Map<Tensor, Float32Array>();
    if (sums.length > 0) {
      const all = tf.tidy(() => tf.concat(sums.map((sum) => tf.reshape(sum, [-1]))).dataSync<"float32">());
      let begin = 0;
      for (const sum of sums) {
        numbers.set(sum, all.subarray(begin, begin + sum.size));
        begin += sum.size;
      }
    }
    const result = new Map<number, Map<Entry, number[]>>();
    for (const { node, entry, sum, factor } of this.#postings) {
      const part = scaled(numbers.get(sum)!, factor);
      const balance = result.get(node) ?? new Map<Entry, number[]>();
      result.set(node, balance);
      const before = balance.get(entry);
      balance.set(entry, before === undefined ? part : addUp(before, part));
    }
    return result;
  }

  dispose(): void {
    for (const sum of new Set([...this.#sums.values(), ...this.#postings.map(({ sum }) => sum)])) sum.dispose();
    this.#sums.clear();
    this.#postings.length = 0;
  }
}

function scaled(sums: Float32Array, factor: number | Float32Array): number[] {
  if (typeof factor === "number") return Array.from(sums, (number) => number * factor);
  const channels = factor.length;
  return Array.from({ length: sums.length / channels }, (_, sample) =>
    factor.reduce((dot, number, channel) => dot + number * sums[sample * channels + channel]!, 0),
  );
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
