import type { Tensor } from "@tensorflow/tfjs-core";
import { tensor, tidy } from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { release } from "../../explainers/network/index.js";
import { seededRandom } from "../../explainers/numerics/random.js";
import { didYouMean, nearest } from "../../explainers/suggestions.js";
import { type Reconstruction, reconstruct, representationOf } from "../../explainers/synthesis/index.js";
import { packageFile } from "../platform/files.js";
import { ModelNotFoundError } from "./errors.js";
import type { LoadedModel } from "./load-model.js";
import { openSource } from "./source.js";
import { loadTfjs } from "./tfjs.js";

/** The layers of built-in models for which there are trained inverters, from the input to the output. */
export const builtInInverters: Readonly<Record<string, readonly string[]>> = {
  "mnist-cnn": ["conv1", "pool1", "conv2", "pool2", "dense", "logits"],
  "efficientnet-lite0": ["b2_add", "b4_add", "b10_add", "b15_project_bn", "gap"],
};

/** A network that draws what a layer's values were made of. */
export interface Inverter {
  /** The model and its layer that it inverts. */
  readonly model: string;
  readonly layer: string;
  /** From the layer's values `[batch, …]` to inputs. */
  readonly net: LayersModel;
  /** What it learned from, in words. */
  readonly learnedFrom: string;
  /**
   * Inputs `[batch, …]` as the layer's values tell them, with the errors in representation and pixels.
   *
   * @throws InputShapeError
   */
  invert(x: Tensor): Reconstruction;
  dispose(): void;
}

/** What an inverter's file says of itself. */
interface Stated {
  readonly inverts: { readonly probe: readonly number[] };
  readonly training: { readonly inputs: string };
}

/** Values of a layer that tell one model from another. */
const PROBES = 16;
/** Backends differ by less, relative to the largest value. */
const TOLERANCE = 1e-3;

/**
 * Loads the trained inverter of a layer of a built-in model (`builtInInverters`).
 *
 * @param model the built-in model itself: another one of its name is refused
 * @param layer its name
 * @throws ModelNotFoundError where there is no inverter, saying for which layers there are
 * @see Dosovitskiy & Brox 2016, “Inverting Visual Representations with Convolutional Networks”
 * @example
 * const inverter = await loadInverter(model, "conv2");
 * const { picture, pixelError } = inverter.invert(digits);
 */
export async function loadInverter(model: LoadedModel, layer: string): Promise<Inverter> {
  const layers = builtInInverters[model.name];
  if (layers === undefined) {
    throw new ModelNotFoundError(
      `There are no trained inverters for "${model.name}", only for ${Object.keys(builtInInverters).join(" and ")}. ` +
        "invert(model, { layer, input }) inverts any layer, by optimization.",
    );
  }
  if (!layers.includes(layer)) {
    const candidates = nearest(layer, layers);
    throw new ModelNotFoundError(
      `There is no trained inverter for layer "${layer}" of ${model.name}; there are for ${layers.join(", ")}.${didYouMean(candidates)} ` +
        "invert(model, { layer, input }) inverts any layer, by optimization.",
      candidates,
    );
  }
  const source = await openSource(packageFile("models", "inverters", model.name, layer));
  const { net, metadata } = await loadTfjs(source);
  const { inverts, training } = metadata["limpid"] as Stated;
  const found = inverterProbe(model, layer);
  const largest = Math.max(...inverts.probe.map(Math.abs));
  if (inverts.probe.some((value, at) => Math.abs(value - found[at]!) > TOLERANCE * largest)) {
    net.dispose();
    throw new ModelNotFoundError(
      `The inverter of "${layer}" was trained for the ${model.name} that comes with Limpid; this model of the same name computes other values there.`,
    );
  }
  return {
    ...{ model: model.name, layer, net: net as LayersModel, learnedFrom: training.inputs },
    invert: (x) => reconstruct(model, { layer, net }, x),
    dispose() {
      release(net);
      net.dispose();
    },
  };
}

/** Some of a layer's values for a fixed random input, spread over the layer: another model has others. */
export function inverterProbe(model: LoadedModel, layer: string): Float32Array {
  return tidy(() => {
    const shape = model.input.shape.map((size) => size ?? 1);
    const size = shape.reduce((product, extent) => product * extent, 1);
    const values = representationOf(model, layer, tensor(seededRandom(1).uniforms(size), [1, ...shape]));
    const all = values.dataSync<"float32">();
    values.dispose();
    return Float32Array.from({ length: PROBES }, (_, at) => all[Math.floor(((at + 0.5) * all.length) / PROBES)]!);
  });
}
