import type { RelevanceStore, StoredExplanation } from "./relevance-store.js";

/** Samples whose rows are read at once. */
const TOGETHER = 2048;

/** What sample `index` is, without its relevance. */
export type SampleRow = Omit<StoredExplanation, "relevance">;

/**
 * What a store says of its samples, without their relevance, in columns: some twenty bytes a sample and its name. It is read as far as the
 * store is there, and on from there when more has come.
 */
export class SampleTable {
  readonly output: Float32Array;
  readonly total: Float32Array;
  readonly target: Int32Array;
  readonly label: Int32Array;
  /** The class with the largest output; −1 where that is not known. */
  readonly predicted: Int32Array;
  readonly ids: string[] = [];
  readonly errors = new Map<number, string>();
  readonly #there: Uint8Array;
  readonly #shards = new Set<number>();
  /** Samples that are there. */
  count = 0;
  hasLabels = false;

  constructor(readonly store: RelevanceStore) {
    const { count } = store;
    this.output = new Float32Array(count).fill(Number.NaN);
    this.total = new Float32Array(count).fill(Number.NaN);
    this.target = new Int32Array(count).fill(-1);
    this.label = new Int32Array(count).fill(-1);
    this.predicted = new Int32Array(count).fill(-1);
    this.#there = new Uint8Array(count);
  }

  get complete(): boolean {
    return this.count === this.store.count;
  }

  has(index: number): boolean {
    return this.#there[index] === 1;
  }

  row(index: number): SampleRow {
    const target = this.target[index]!;
    return {
      index,
      id: this.ids[index] ?? String(index),
      output: this.output[index]!,
      total: this.total[index]!,
      target,
      targetName: target >= 0 ? this.store.classNames[target] : undefined,
      label: this.label[index]!,
      error: this.errors.get(index) ?? "",
    };
  }

  /**
   * Reads the shards that have come, and again those with samples that had failed, a few thousand samples at a time.
   *
   * @param onPart called after each, with the share of what there was to read
   * @returns how many samples were read
   */
  async grow(isStopped: () => boolean, onPart: (share: number) => void = () => undefined): Promise<number> {
    const { store } = this;
    const size = store.run.shard;
    const failed = new Set([...this.errors.keys()].map((index) => Math.floor(index / size)));
    const wanted = (await store.shards()).filter((shard) => !this.#shards.has(shard) || failed.has(shard));
    const together = Math.max(1, Math.floor(TOGETHER / size));
    let read = 0;
    for (let at = 0; at < wanted.length && !isStopped(); ) {
      const first = at++;
      while (at < wanted.length && at - first < together && wanted[at] === wanted[at - 1]! + 1) at++;
      const [start, end] = [wanted[first]! * size, Math.min(store.count, (wanted[at - 1]! + 1) * size)];
      const [rows, predicted] = await Promise.all([store.table(start, end), this.#predicted(start, end)]);
      for (const row of rows) this.#take(row, predicted?.[row.index - start]);
      for (const shard of wanted.slice(first, at)) if (this.has(shard * size)) this.#shards.add(shard);
      read += rows.length;
      onPart(at / wanted.length);
    }
    return read;
  }

  #take({ index, id, output, total, target, label, error }: SampleRow, predicted: number | undefined): void {
    // On the web nothing says which shards are there: what is not reads as empty.
    if (id === "") return;
    if (!this.has(index)) this.count++;
    this.#there[index] = 1;
    this.ids[index] = id;
    this.output[index] = output;
    this.total[index] = total;
    this.target[index] = target;
    this.label[index] = label;
    this.predicted[index] = predicted ?? (this.store.run.target === "top1" ? target : -1);
    if (label >= 0) this.hasLabels = true;
    if (error === "") this.errors.delete(index);
    else this.errors.set(index, error);
  }

  /** Where the explained class is not the predicted one, that is read off all outputs. */
  async #predicted(start: number, end: number): Promise<Int32Array | undefined> {
    const classes = this.store.classNames.length;
    if (this.store.run.target === "top1" || classes < 2) return undefined;
    const outputs = await this.store.outputs(start, end);
    return Int32Array.from({ length: end - start }, (_, row) => {
      let best = -1;
      for (let at = 0; at < classes; at++) {
        const value = outputs[row * classes + at]!;
        if (value > (best < 0 ? Number.NEGATIVE_INFINITY : outputs[row * classes + best]!)) best = at;
      }
      return best;
    });
  }
}
