import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Explain } from "../../../explanation.js";
import type { Findings } from "../../../method.js";
import { gradients, type Model } from "../../../network/index.js";
import { chosenLayer, LayerError, nodesBetween, reachedFrom } from "../../../network/layers.js";
import { scoped } from "../../../network/tensors.js";
import { choice, type InputKind, toggle, type ValuesOf } from "../../../parameters.js";
import { findingsOf, onRecording, type SeededRecording } from "../engine/seeded.js";
import { type LayerAttribution, layer } from "../layers/at-layer.js";

/** The inputs whose layers have maps of positions. */
export const mapKinds: readonly InputKind[] = ["image", "sequence"];

/** The parameters of class activation maps. */
export const camParameters = {
  layer,
  relu: toggle(true, "Keeps only what speaks for the target", { label: "ReLU" }),
  upsampling: choice(["bilinear", "nearest", "none"], "bilinear", "How the map is brought to the input's size", {
    minor: true,
  }),
};

type CamValues = ValuesOf<typeof camParameters>;

/** Gradient and activation `[batch, …positions, channel]` → a weight for every channel (or for every unit). */
export type ChannelWeights = (gradient: Tensor, activation: Tensor, positions: number[]) => Tensor;

/** `α_k`, the mean over positions of the gradient at channel k */
export const meanGradient: ChannelWeights = (gradient, _activation, positions) => tf.mean(gradient, positions, true);

/** A class activation map `ReLU(Σ_k α_k A_k)`: `shape` is `[batch, height, width, 1]` (or `[batch, length, 1]`). */
export function cam(
  model: Model,
  values: CamValues,
  channelWeights: ChannelWeights,
): Explain<Findings<LayerAttribution>> {
  return (x, run = {}) =>
    onRecording(
      model,
      x,
      run,
      (seeded) =>
        scoped(() => {
          const map = camOf(seeded, values, channelWeights);
          return { ...findingsOf(seeded, [map.values]), parameters: { layer: map.layer }, layer: map.layer };
        }),
      (graph) => nodesBetween(graph, chosenLayer(graph, values.layer).id, graph.outputs[run.output ?? 0]),
    );
}

/** To be called inside `tidy`. */
export function camOf(
  { recording, node, seed }: SeededRecording,
  { layer: wanted, relu, upsampling }: CamValues,
  channelWeights: ChannelWeights,
): { values: Tensor; layer: string } {
  const { id, name } = chosenLayer(recording.graph, wanted);
  const activation = recording.value(id);
  if (activation.rank !== 4 && activation.rank !== 3) {
    throw new LayerError(
      name,
      `Layer "${name}" has the shape [${activation.shape.join(", ")}]: it has no map of positions.`,
    );
  }
  // What the layer does not reach has no part in its gradient.
  const reached = reachedFrom(recording.graph, id);
  const aside = recording.graph.nodes.map((other) => other.id).filter((other) => !reached.has(other));
  const results = gradients(recording, new Map([[node, seed]]), { stop: new Set([id, ...aside]) });
  const gradient = results.get(id);
  for (const [end, tensor] of results) if (end !== id) tensor.dispose();
  const positions = activation.shape.slice(1, -1).map((_, axis) => axis + 1);
  const weights = gradient === undefined ? tf.zerosLike(activation) : channelWeights(gradient, activation, positions);
  gradient?.dispose();
  const sum = tf.sum(tf.mul(weights, activation), -1, true);
  const map = relu ? tf.relu(sum) : sum;
  return { values: upsample(map, recording.inputs[0]!, upsampling), layer: name };
}

/** Pixel centers of map and input coincide at the borders' middle ("half-pixel centers"), as in the authors' code. */
function upsample(map: Tensor, input: Tensor, upsampling: CamValues["upsampling"]): Tensor {
  if (upsampling === "none") return map;
  const flat = input.rank === 3;
  // Inside 1-d layers a sequence is a picture of one row.
  const picture = (map.rank === 3 ? tf.expandDims(map, 1) : map) as Tensor4D;
  const size: [number, number] = flat ? [1, input.shape[1]!] : [input.shape[1]!, input.shape[2]!];
  const large =
    upsampling === "bilinear"
      ? tf.image.resizeBilinear(picture, size, false, true)
      : tf.image.resizeNearestNeighbor(picture, size);
  return flat ? tf.squeeze(large, [1]) : large;
}
