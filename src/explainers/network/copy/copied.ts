import type { Tensor } from "@tensorflow/tfjs-core";
import type { Model } from "../capture/model.js";

/** A weight of a copied model. */
export interface CopiedWeight {
  /** What it is: `kernel`, `bias`, `gamma`, … */
  readonly name: string;
  readonly shape: readonly number[];
  /** What the layer drew it from before training, where that is known. */
  readonly initializer: object | undefined;
  /** What the original holds; the original's own tensor. */
  readonly original: () => Tensor;
  /** From now on the copy holds `value`, which stays the caller's. */
  readonly write: (value: Tensor) => void;
}

/** A layer of a copied model that has weights. */
export interface CopiedLayer {
  /** Of layers inside of layers with the outer names before: `encoder/conv1`. */
  readonly name: string;
  readonly weights: readonly CopiedWeight[];
}

/** A model that computes the same as another one, and whose weights can be changed without touching that one. */
export interface ModelCopy {
  readonly model: Model;
  /** Layers that have weights, from the input to the output. */
  readonly layers: readonly CopiedLayer[];
  /** Frees what the copy holds of its own. */
  readonly dispose: () => void;
}
