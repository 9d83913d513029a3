import { serialization } from "@tensorflow/tfjs-core";
import { UnknownLayerError } from "../errors.js";
import { registerLayers } from "../layers/register.js";
import { activationOf } from "./activations.js";
import { numberCalls } from "./call-numbers.js";
import { moveChannelsLast } from "./channels-last.js";
import { checkClass } from "./refused.js";
import { checkSettings } from "./settings.js";
import { eachLayer, type LayerConfig, type LayerNode } from "./tree.js";

/**
 * Looks through a configuration, before anything is built, for what TensorFlow.js has not or does otherwise, and writes what it only
 * calls otherwise, or what a layer of our own does, as it reads it. TensorFlow.js must have been loaded.
 *
 * @param version What wrote the file: Keras' version, or "tfjs-layers" and its version.
 * @throws UnknownLayerError for a class, ModelFileError for a setting; both name the first such layer.
 */
export function prepareLayers(location: string, topology: unknown, version: string): void {
  registerLayers();
  const known = serialization.SerializationMap.getMap().classNameMap;
  moveChannelsLast(topology as LayerNode);
  numberCalls(topology as LayerNode);
  eachLayer(topology as LayerNode, (node, name) => {
    const { class_name: className, config } = node;
    if (className === undefined) return;
    checkClass(location, name, className);
    if (config) rename(node, config, version);
    if (!(node.class_name! in known)) throw new UnknownLayerError(className, name, location);
    if (config) checkSettings(location, name, node.class_name!, config);
  });
}

function rename(node: LayerNode, config: LayerConfig, version: string): void {
  for (const key of Object.keys(config)) {
    if (key.endsWith("activation")) config[key] = activationOf(config[key], version);
  }
  const { class_name: className = "" } = node;
  if (className === "LeakyReLU") config["alpha"] ??= config["negative_slope"];
  if (className.startsWith("Separable")) {
    // Keras writes what its base class has; TensorFlow.js refuses it.
    for (const key of ["kernel_initializer", "kernel_regularizer", "kernel_constraint"]) delete config[key];
  }
  if (/^(SimpleRNN|GRU|LSTM|ConvLSTM2D|RNN)(Cell)?$/.test(className)) {
    // Every explanation and prediction starts from a state of zeros, and drops nothing.
    for (const key of ["dropout", "recurrent_dropout"]) if (key in config) config[key] = 0;
    if ("stateful" in config) config["stateful"] = false;
    // Steps are computed one by one anyway.
    if ("unroll" in config) config["unroll"] = false;
  }
  const isResetAfter = /^GRU(Cell)?$/.test(className) && config["reset_after"] === true;
  const isKeras = !version.startsWith("tfjs");
  const isBlending = className === "UpSampling2D" && (config["interpolation"] ?? "nearest") !== "nearest";
  const isGrouped = /^Conv[123]D$/.test(className) && Number(config["groups"] ?? 1) > 1;
  const isSpread = className === "Conv3D" && [config["dilation_rate"] ?? 1].flat().some((rate) => Number(rate) > 1);
  const isCausal = className === "Conv1D" && config["padding"] === "causal";
  const keepsAxes = /^Global(Max|Average)Pooling[12]D$/.test(className) && config["keepdims"];
  const isPicture = /^(Resizing|CenterCrop|RandomCrop)$/.test(className);
  const isAverage = className === "GlobalAveragePooling1D";
  const isConvLstm = /^ConvLSTM[123]D$/.test(className);
  const asKeras = isBlending || isPicture || isAverage || isConvLstm;
  if ((isKeras && asKeras) || isGrouped || isSpread || isCausal || keepsAxes || isResetAfter)
    node.class_name = `Keras${className}`;
}
