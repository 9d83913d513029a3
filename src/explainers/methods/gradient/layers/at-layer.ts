import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Attribution, Explain } from "../../../explanation.js";
import type { Findings } from "../../../method.js";
import { gradients, type Model } from "../../../network/index.js";
import { chosenLayer } from "../../../network/layers.js";
import { handOver, scoped } from "../../../network/tensors.js";
import { layerName } from "../../../parameters.js";
import { findingsOf, onRecording } from "../engine/seeded.js";

/** What is said of a layer of the model. */
export interface LayerAttribution extends Attribution {
  /** The layer it was read from. */
  readonly layer: string;
}

export const layer = layerName("The layer's name; by default the last one with a map of positions");

/** Combines activation and gradient of every unit of a layer: the result's `shape` is the layer's, batch first. */
export function atLayer(
  model: Model,
  wanted: string | undefined,
  combine: (activation: Tensor, gradient: () => Tensor) => Tensor,
): Explain<Findings<LayerAttribution>> {
  return (x, run = {}) =>
    onRecording(model, x, run, (seeded) =>
      scoped(() => {
        const { recording, node, seed } = seeded;
        const { id, name } = chosenLayer(seeded.original.graph, wanted, seeded.output);
        const gradient = () => {
          const results = gradients(recording, new Map([[node, seed]]), { stop: new Set([id]) });
          return handOver(results, id) ?? tf.zerosLike(recording.value(id));
        };
        const relevance = combine(recording.value(id), gradient);
        return { ...findingsOf(seeded, [relevance]), parameters: { layer: name }, layer: name };
      }),
    );
}
