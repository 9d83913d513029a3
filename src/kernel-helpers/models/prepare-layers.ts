import { serialization } from "@tensorflow/tfjs-core";
import { UnknownLayerError } from "./errors.js";
import { checkSettings } from "./layer-settings.js";
import { eachLayer, type LayerConfig, type LayerNode } from "./layer-tree.js";
import { registerLayers } from "./layers/register.js";

/**
 * Looks through a configuration, before anything is built, for what TensorFlow.js has not or does otherwise, and writes what it only
 * calls otherwise as it reads it. TensorFlow.js must have been loaded.
 *
 * @param version What wrote the file: Keras' version, or "tfjs-layers" and its version.
 * @throws UnknownLayerError for a class, ModelFileError for a setting; both name the first such layer.
 */
export function prepareLayers(location: string, topology: unknown, version: string): void {
  registerLayers();
  const known = serialization.SerializationMap.getMap().classNameMap;
  eachLayer(topology as LayerNode, (node, name) => {
    const { class_name: className, config } = node;
    if (className === undefined) return;
    if (!(className in known)) throw new UnknownLayerError(className, name, location);
    if (!config) return;
    rename(node, config, version);
    checkSettings(location, name, className, config, version);
  });
}

function rename(node: LayerNode, config: LayerConfig, version: string): void {
  for (const key of Object.keys(config)) if (/activation$/.test(key) && config[key] === "silu") config[key] = "swish";
  const { class_name: className } = node;
  if (className === "LeakyReLU") config["alpha"] ??= config["negative_slope"];
  if (className?.startsWith("Separable")) {
    // Keras writes what its base class has; TensorFlow.js refuses it.
    for (const key of ["kernel_initializer", "kernel_regularizer", "kernel_constraint"]) delete config[key];
  }
  const isBilinear = className === "UpSampling2D" && config["interpolation"] === "bilinear";
  if (isBilinear && !version.startsWith("tfjs")) node.class_name = "KerasUpSampling2D";
}
