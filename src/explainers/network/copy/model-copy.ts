import { describe, ModelError } from "../../errors.js";
import { isGraphModel, isLayersModel, type Model } from "../capture/model.js";
import type { ModelCopy } from "./copied.js";
import { copyGraphModel } from "./graph-copy.js";
import { copyLayersModel } from "./layers-copy.js";

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
