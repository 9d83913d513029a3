import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Explain } from "../../../explanation.js";
import type { Findings } from "../../../method.js";
import { gradients, type Model } from "../../../network/index.js";
import { asMap, toInput } from "../../../network/layer-map.js";
import { chosenLayer, chosenMap, LayerError, nodesBetween, reachedFrom } from "../../../network/layers.js";
import { handOver, scoped } from "../../../network/tensors.js";
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

/**
 * A class activation map `ReLU(Σ_k α_k A_k)` at the positions of the input that the layer's axes lie along: `shape` is
 * `[batch, height, width, 1]`, of words `[batch, length, 1]`, of frames `[batch, frame, height, width, 1]`. Means over
 * positions are over all of them, frames included.
 */
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
          return { ...findingsOf(seeded, [map.bare]), parameters: { layer: map.layer }, layer: map.layer };
        }),
      (graph) => nodesBetween(graph, chosenLayer(graph, values.layer, run.output).id, graph.outputs[run.output ?? 0]),
    );
}

interface Cam {
  /** `[batch, …positions, 1]` */
  readonly bare: Tensor;
  /** In the rank of the input that it lies on. */
  readonly broadcast: Tensor;
  /** Which of the model's inputs that is. */
  readonly input: number;
  readonly layer: string;
}

/** To be called inside `tidy`. */
export function camOf(
  { original: recording, node, output, seed }: SeededRecording,
  { layer: wanted, relu, upsampling }: CamValues,
  channelWeights: ChannelWeights,
): Cam {
  const { graph, batch } = recording;
  const chosen = chosenLayer(graph, wanted, output);
  const { id, name } = chosen;
  const place = chosenMap(graph, chosen);
  // What the layer does not reach has no part in its gradient.
  const reached = reachedFrom(graph, id);
  if (!reached.has(node)) throw new LayerError(name, `Layer "${name}" has no part in the explained output.`);
  const aside = graph.nodes.map((other) => other.id).filter((other) => !reached.has(other));
  const arrived = handOver(gradients(recording, new Map([[node, seed]]), { stop: new Set([id, ...aside]) }), id);
  const activation = asMap(place, recording.value(id), batch);
  const gradient = arrived === undefined ? tf.zerosLike(activation) : asMap(place, arrived, batch);
  const positions = activation.shape.slice(1, -1).map((_, axis) => axis + 1);
  const sum = tf.sum(tf.mul(channelWeights(gradient, activation, positions), activation), -1, true);
  const map = relu ? tf.relu(sum) : sum;
  const { input } = place;
  if (upsampling === "none") return { bare: map, broadcast: map, input, layer: name };
  return { ...toInput(map, place, recording.inputs[input]!.shape.slice(1), upsampling), input, layer: name };
}
