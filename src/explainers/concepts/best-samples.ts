/** One sample, and what it is ranked by. */
export interface Ranked {
  readonly sample: number;
  readonly value: number;
}

/** The samples with the largest values, in falling order; of equal ones those that came first. */
export class BestSamples<T extends Ranked = Ranked> {
  readonly #best: T[] = [];

  /** @param count how many are kept */
  constructor(readonly count: number) {}

  add(candidate: T): void {
    const { value } = candidate;
    if (this.#best.length === this.count && value <= this.#best.at(-1)!.value) return;
    const place = this.#best.findIndex((other) => other.value < value);
    this.#best.splice(place < 0 ? this.#best.length : place, 0, candidate);
    if (this.#best.length > this.count) this.#best.pop();
  }

  get all(): readonly T[] {
    return this.#best;
  }
}
