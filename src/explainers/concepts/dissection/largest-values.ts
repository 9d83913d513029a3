/**
 * The largest values of each of many streams, exactly, in memory of twice their number: values below the least that could still count
 * are passed over, and where a stream's buffer is full its smaller half is let go.
 */
export class LargestValues {
  readonly #buffers: Float32Array[];
  readonly #filled: Int32Array;
  /** Below it nothing counts any more. */
  readonly #floors: Float32Array;

  /** @param count how many of each stream are kept, at least 1 */
  constructor(
    readonly streams: number,
    readonly count: number,
  ) {
    this.#buffers = Array.from({ length: streams }, () => new Float32Array(2 * count));
    this.#filled = new Int32Array(streams);
    this.#floors = new Float32Array(streams).fill(Number.NEGATIVE_INFINITY);
  }

  /** @param values `[rows, streams]`, row by row, of which each `every`-th row from `first` on is taken */
  add(values: Float32Array, first = 0, every = 1): void {
    const { streams } = this;
    const floors = this.#floors;
    for (let at = first * streams; at < values.length; at += every * streams) {
      for (let stream = 0; stream < streams; stream++) {
        const value = values[at + stream]!;
        if (value > floors[stream]!) this.#put(stream, value);
      }
    }
  }

  #put(stream: number, value: number): void {
    const buffer = this.#buffers[stream]!;
    buffer[this.#filled[stream]!++] = value;
    if (this.#filled[stream] === buffer.length) this.#halve(stream);
  }

  #halve(stream: number): void {
    const buffer = this.#buffers[stream]!;
    buffer.subarray(0, this.#filled[stream]).sort();
    buffer.copyWithin(0, this.#filled[stream]! - this.count, this.#filled[stream]);
    this.#filled[stream] = this.count;
    // What only equals the least that is kept changes nothing.
    this.#floors[stream] = buffer[0]!;
  }

  /** What is kept, `[rows, streams]`, from the largest on; −∞ where there is no more. `add` takes it up again. */
  get rows(): Float32Array {
    const { streams } = this;
    const rows = Math.min(this.count, Math.max(0, ...this.#filled));
    const found = new Float32Array(rows * streams).fill(Number.NEGATIVE_INFINITY);
    for (let stream = 0; stream < streams; stream++) {
      const filled = this.#filled[stream]!;
      const sorted = this.#buffers[stream]!.subarray(0, filled).sort();
      for (let row = 0; row < Math.min(rows, filled); row++) found[row * streams + stream] = sorted[filled - 1 - row]!;
    }
    return found;
  }

  /**
   * The value of a stream that a share of all `total` values lies above, between two of them in proportion: as many of the largest are
   * kept as that takes.
   */
  quantile(stream: number, share: number, total: number): number {
    const filled = this.#filled[stream]!;
    const kept = this.#buffers[stream]!.subarray(0, filled).sort();
    const place = share * (total - 1);
    const above = Math.floor(place);
    const upper = kept[filled - 1 - above]!;
    const lower = kept[Math.max(0, filled - 2 - above)]!;
    return upper + (lower - upper) * (place - above);
  }
}

/** How many of the largest of `total` values the quantile of this share needs. */
export const neededFor = (share: number, total: number): number => Math.min(total, Math.floor(share * (total - 1)) + 2);
