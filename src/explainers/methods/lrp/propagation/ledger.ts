import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Balance } from "../../../explanation.js";
import type { Term } from "../rule.js";

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
const channelSums = (x: Tensor): Tensor =>
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
  /** Its number among the sums. */
  readonly sum: number;
  readonly factor: number;
}

/** What the sums of a propagation mean; the same for all propagations of one kind. */
export interface Posted {
  readonly postings: readonly Posting[];
  /** How many numbers each sum has. */
  readonly sizes: readonly number[];
}

/** Sums by node and entry, left on the backend until all are read at once. */
export class Postings {
  readonly #postings: Posting[] = [];
  readonly #sums: Tensor[] = [];
  /** What layers pass on arrives at others as it is: no tensor is summed twice. By the tensor's data. */
  readonly #known = new Map<object, number>();

  constructor(private readonly batch: number) {}

  /** Adds `x`, summed per sample, to an entry; call inside `tf.tidy`. */
  add(node: number, entry: Entry, x: Tensor, factor = 1): void {
    this.#postings.push({ node, entry, sum: this.#sumOf(x), factor });
  }

  /** Adds what the bias and the stabilizer of a term kept, `Σ s·bias` and `Σ s·stabilizer`; call inside `tf.tidy`. */
  addTerm(node: number, { s, bias, stabilizer }: Term): void {
    const perChannel = bias !== null && bias.size === s.shape.at(-1) && s.rank > 1 && s.shape[0] === this.batch;
    const sums = perChannel ? channelSums(s) : s;
    if (bias !== null) this.add(node, "absorbedByBias", tf.mul(sums, bias));
    if (typeof stabilizer === "number") {
      if (stabilizer !== 0) this.add(node, "absorbedByEmpty", sums, stabilizer);
    } else this.add(node, "absorbedByEmpty", tf.mul(stabilizer.rank === 0 ? sums : s, stabilizer));
  }

  #sumOf(x: Tensor): number {
    const known = this.#known.get(x.dataId);
    if (known !== undefined) return known;
    const index = this.#sums.push(tf.engine().keep(tf.clone(perSample(x, this.batch)))) - 1;
    this.#known.set(x.dataId, index);
    return index;
  }

  get notes(): Posted {
    return { postings: [...this.#postings], sizes: this.#sums.map(({ size }) => size) };
  }

  /** All sums, one after the other, `[Σ sizes]`. */
  sums(): Tensor {
    return tf.tidy(() => tf.concat(this.#sums.map((sum) => tf.reshape(sum, [-1]))));
  }

  dispose(): void {
    for (const sum of this.#sums) sum.dispose();
    this.#sums.length = 0;
    this.#postings.length = 0;
    this.#known.clear();
  }
}

/** By node and entry, one number per sample (or one for all). */
export function balancesOf({ postings, sizes }: Posted, sums: Float32Array): Map<number, Map<Entry, number[]>> {
  let end = 0;
  const numbers = sizes.map((size) => {
    end += size;
    return sums.subarray(end - size, end);
  });
  const result = new Map<number, Map<Entry, number[]>>();
  for (const { node, entry, sum, factor } of postings) {
    const part = Array.from(numbers[sum]!, (number) => number * factor);
    const balance = result.get(node) ?? new Map<Entry, number[]>();
    result.set(node, balance);
    const before = balance.get(entry);
    balance.set(entry, before === undefined ? part : addUp(before, part));
  }
  return result;
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
    masked: pick(node.get("masked") ?? []),
  });
  const apart = [...node.values()].every((numbers) => numbers.length === batch);
  return {
    all: of(total),
    samples: apart ? Array.from({ length: batch }, (_, sample) => of((numbers) => numbers[sample] ?? 0)) : [],
  };
}
