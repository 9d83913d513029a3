import { serialization } from "@tensorflow/tfjs-core";
import type { layers } from "@tensorflow/tfjs-layers";

export type Layer = layers.Layer;
export type LayerClass<Args, L extends Layer = Layer> = new (args: Args) => L;

/** The class of layers that TensorFlow.js builds when a file names `name`; its own are not exported. */
export function layerClass<Args, L extends Layer = Layer>(name: string): LayerClass<Args, L> {
  return serialization.SerializationMap.getMap().classNameMap[name]![0] as unknown as LayerClass<Args, L>;
}

/** The class that all layers of TensorFlow.js extend, which must have been loaded. */
export function baseLayer<Args>(): LayerClass<Args> {
  return Object.getPrototypeOf(layerClass("Dense")) as LayerClass<Args>;
}
