import { UMAP } from "umap-js";
import { seededRandom } from "../../numerics/random.js";
import type { Embedding } from "./embedding.js";

/** How many epochs are asked for. */
export const EPOCHS = 400;

/** Maps in a plane, by UMAP (McInnes et al. 2018), epoch by epoch. */
export class Layout {
  readonly #umap: UMAP;
  /** How many epochs there are. */
  readonly epochs: number;
  #done = 0;

  constructor({ rows, neighbors: { count: all, indices, distances } }: Embedding, seed: number) {
    // The library wants at least one row that is nobody's neighbor.
    const count = Math.max(1, Math.min(all, rows.length - 2));
    this.#umap = new UMAP({
      nComponents: 2,
      nNeighbors: count + 1,
      nEpochs: EPOCHS,
      random: seededRandom(seed).uniform,
    });
    // The library counts a row among its own neighbors.
    const withItself = <T>(of: (at: number) => T, own: (row: number) => T) =>
      rows.map((_, row) => [own(row), ...Array.from({ length: count }, (_, k) => of(row * all + k))]);
    this.#umap.setPrecomputedKNN(
      withItself(
        (at) => indices[at]!,
        (row) => row,
      ),
      withItself(
        (at) => distances[at]!,
        () => 0,
      ),
    );
    this.epochs = this.#umap.initializeFit(rows);
  }

  /** Epochs that have been gone through. */
  get done(): number {
    return this.#done;
  }

  /** Goes through one more epoch; false where there is none left. */
  step(): boolean {
    if (this.#done >= this.epochs) return false;
    this.#umap.step();
    this.#done++;
    return true;
  }

  /** `[maps, 2]` */
  plane(): Float32Array {
    return Float32Array.from(this.#umap.getEmbedding().flat());
  }
}
