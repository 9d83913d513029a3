import type { Floats } from "../../../comms/states/array.js";

/** Points that a curve has at most; more cannot be told apart at its width. */
const MOST = 400;

/** Step, activation and cost of a run, thinned out evenly as it grows. */
export class Curves {
  #points: number[] = [];
  #stride = 1;

  add(step: number, activation: number, cost: number): void {
    if (step % this.#stride !== 0) return;
    this.#points.push(step, activation, cost);
    if (this.#points.length <= 3 * MOST) return;
    this.#stride *= 2;
    this.#points = this.#points.filter((_, place) => this.#points[place - (place % 3)]! % this.#stride === 0);
  }

  clear(): void {
    this.#points = [];
    this.#stride = 1;
  }

  /** `[points, 3]`. */
  wire(): Floats {
    return { shape: [this.#points.length / 3, 3], dtype: "float32", data: Float32Array.from(this.#points) };
  }
}
