import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { ParameterError } from "../../../errors.js";
import type { Attribution, Explain } from "../../../explanation.js";
import { gradients, type Model } from "../../../network/index.js";
import { scoped } from "../../../network/tensors.js";
import { attributionOf, type Explained, explain, inputsOf } from "../engine/seeded.js";
import { chosenLayer, LayerError, nodesBetween, reachedFrom } from "../layers/layer-node.js";
import { guidedGradients, type RectifierOptions } from "../input/rectifiers.js";

export interface GradCamOptions {
  /** The layer whose map is weighted; by default the last one with a map of positions. */
  readonly layer?: string;
  /** Keeps only what speaks for the target; default true. */
  readonly relu?: boolean;
  /** How the map is brought to the input's size; `"none"` leaves it. Default `"bilinear"`. */
  readonly upsampling?: "bilinear" | "nearest" | "none";
}

/** A map over positions: `shape` is `[batch, height, width, 1]` (or `[batch, length, 1]`). */
export interface CamAttribution extends Attribution {
  /** The layer it was read from. */
  readonly layer: string;
}

/**
 * Grad-CAM: `ReLU(Σ_k α_k A_k)`, where `α_k` is the mean over positions of the gradient at channel k of a layer
 * (Selvaraju et al. 2017, eq. 1 and 2).
 *
 * @throws LayerError for a layer that is not there or has no map; TargetError
 * @example
 * const map = await gradCam(model)(photo, { target: 282 });
 * map.shape; // [1, 224, 224, 1]
 */
export function gradCam(model: Model, options: GradCamOptions = {}): Explain<CamAttribution> {
  return cam(model, "Grad-CAM", options, meanGradient);
}

/**
 * Grad-CAM++: as Grad-CAM, with `α_k = Σ w · ReLU(g)` and pixel weights `w = g² / (2g² + g³ Σ A)` (Chattopadhay et al. 2018,
 * eq. 19, for the exponential of the score, whose common positive factor is left out).
 */
export function gradCamPlusPlus(model: Model, options: GradCamOptions = {}): Explain<CamAttribution> {
  return cam(model, "Grad-CAM++", options, (gradient, activation, positions) => {
    const square = tf.square(gradient);
    const mass = tf.sum(activation, positions, true);
    const denominator = tf.add(tf.mul(square, 2), tf.mul(tf.mul(square, gradient), mass));
    const weights = tf.divNoNan(square, denominator);
    return tf.sum(tf.mul(weights, tf.relu(gradient)), positions, true);
  });
}

/**
 * Guided Grad-CAM: guided backpropagation × the upsampled Grad-CAM map (Selvaraju et al. 2017, section 3.2).
 *
 * @param options.rectifiers which activations are guided; by default those of `guidedBackprop`
 */
export function guidedGradCam(
  model: Model,
  {
    layer,
    upsampling = "bilinear",
    rectifiers,
  }: Pick<GradCamOptions, "layer"> & RectifierOptions & { upsampling?: "bilinear" | "nearest" } = {},
): Explain<CamAttribution> {
  checkUpsampling(upsampling, ["bilinear", "nearest"]);
  return (x, target = {}) =>
    explain(model, x, target, (explained) => {
      const guided = guidedGradients(explained.recording, new Map([[explained.node, explained.seed]]), rectifiers);
      try {
        return scoped(() => {
          const map = camOf(explained, { layer, upsampling }, meanGradient);
          const relevances = inputsOf(explained.recording, guided).map((gradient) => tf.mul(gradient, map.values));
          const attribution = attributionOf("guided Grad-CAM", { layer: map.layer, upsampling }, explained, relevances);
          return { ...attribution, layer: map.layer };
        });
      } finally {
        for (const tensor of guided.values()) tensor.dispose();
      }
    });
}

/** Gradient and activation `[batch, …positions, channel]` → a weight for every channel. */
type ChannelWeights = (gradient: Tensor, activation: Tensor, positions: number[]) => Tensor;

const meanGradient: ChannelWeights = (gradient, _activation, positions) => tf.mean(gradient, positions, true);

function cam(
  model: Model,
  method: string,
  options: GradCamOptions,
  channelWeights: ChannelWeights,
): Explain<CamAttribution> {
  const { relu = true, upsampling = "bilinear" } = options;
  checkUpsampling(upsampling, ["bilinear", "nearest", "none"]);
  return (x, target = {}) =>
    explain(
      model,
      x,
      target,
      (explained) =>
        scoped(() => {
          const { values, layer } = camOf(explained, options, channelWeights);
          return { ...attributionOf(method, { layer, relu, upsampling }, explained, [values]), layer };
        }),
      (graph) => nodesBetween(graph, chosenLayer(graph, options.layer).id, graph.outputs[target.output ?? 0]),
    );
}

function checkUpsampling(upsampling: string, known: readonly string[]): void {
  if (known.includes(upsampling)) return;
  throw new ParameterError("upsampling", upsampling, `one of ${known.map((name) => `"${name}"`).join(", ")}`);
}

/** To be called inside `tidy`. */
function camOf(
  { recording, node, seed }: Explained,
  { layer, relu = true, upsampling = "bilinear" }: GradCamOptions,
  channelWeights: ChannelWeights,
): { values: Tensor; layer: string } {
  const { id, name } = chosenLayer(recording.graph, layer);
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
function upsample(map: Tensor, input: Tensor, upsampling: "bilinear" | "nearest" | "none"): Tensor {
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
