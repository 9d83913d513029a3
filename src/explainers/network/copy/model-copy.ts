import type { Tensor } from "@tensorflow/tfjs-core";
import { describe, ModelError } from "../../errors.js";
import { isGraphModel, isLayersModel, type Model } from "../capture/model.js";
import { copyGraphModel } from "./graph-copy.js";
import { copyLayersModel } from "./layers-copy.js";

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

/**
 * Copies a layers or graph model; weights are shared until they are written. What a loaded model knows beyond its network stays known.
 *
 * @throws ModelError for a function, whose weights nobody knows, and for a model with a layer that cannot be made again
 */
export function copyModel(model: Model): ModelCopy {
  if (typeof model === "object" && model !== null) {
    if (isLayersModel(model)) return copyLayersModel(model);
    if (isGraphModel(model)) return copyGraphModel(model);
    if ("net" in model && model.net !== null && (typeof model.net === "object" || typeof model.net === "function")) {
      const { model: net, ...copy } = copyModel(model.net);
      return { ...copy, model: Object.create(model, { net: { value: net, enumerable: true } }) as Model };
    }
  }
  throw new ModelError(
    `The weights of ${describe(model)} are not known, so that they cannot be changed: give a tf.LayersModel or a tf.GraphModel.`,
  );
}
