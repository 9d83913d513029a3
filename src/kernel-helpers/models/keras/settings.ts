import { serialization } from "@tensorflow/tfjs-core";
import { ModelFileError } from "../errors.js";
import type { LayerConfig } from "./tree.js";

/**
 * Settings that TensorFlow.js' layers ignore or read otherwise without a word, or refuse without saying where: a layer that has one
 * must have one of these values, on every axis.
 */
const SETTINGS: [layers: RegExp, setting: string, values: unknown[]][] = [
  [/Conv/, "groups", [1]],
  [/Conv[123]DTranspose$|^Conv3D$/, "dilation_rate", [1]],
  [/Conv[123]DTranspose$/, "output_padding", []],
  [
    /^(Separable|Depthwise)Conv|^(Keras)?Conv1D|^Keras(?!GRU)|(Padding|Cropping|UpSampling|Pooling)[13]D$/,
    "data_format",
    ["channels_last"],
  ],
  [/^UpSampling2D$/, "interpolation", ["nearest", "bilinear"]],
  [/^(RNN|SimpleRNN|(Keras)?GRU|LSTM)/, "time_major", [false]],
];

/** TensorFlow.js' layers that take activations; what other classes call so is their own affair. */
const ACTIVATED =
  /^(Activation|Dense|(Keras|Separable|Depthwise)?Conv\dD(Transpose)?|(SimpleRNN|(Keras)?GRU|LSTM|ConvLSTM2D)(Cell)?)$/;

/** Layers whose pixels TensorFlow.js takes from elsewhere than Keras, or which it varies at random outside training too. */
const OTHERWISE = /^(Resizing|CenterCrop|RandomWidth|RandomHeight)$/;

/** @throws ModelFileError that names layer, setting and value, and says what to do. */
export function checkSettings(location: string, name: string, className: string, config: LayerConfig): void {
  const fail = (problem: string) => {
    throw new ModelFileError(
      `${location}: layer "${name}" ${problem}, which TensorFlow.js does not do. ` +
        `Build the model without it, give it the old weights (set_weights) and save it again.`,
    );
  };
  if (OTHERWISE.test(className)) fail(`is a ${className} as Keras has it`);
  for (const [layers, setting, allowed] of SETTINGS) {
    if (!layers.test(className)) continue;
    if (setting === "groups" && /^KerasConv/.test(className)) continue;
    const values = [config[setting] ?? []].flat();
    if (values.every((value) => allowed.includes(value))) continue;
    fail(`is a ${className.replace(/^Keras/, "")} with ${setting} = ${JSON.stringify(config[setting])}`);
  }
  if (!ACTIVATED.test(className)) return;
  const known = serialization.SerializationMap.getMap().classNameMap;
  for (const [setting, value] of Object.entries(config)) {
    if (!setting.endsWith("activation") || value === null || value === undefined) continue;
    const called = typeof value === "string" ? value : (value as { class_name?: unknown }).class_name;
    // A layer as an activation would be built without these checks.
    const isFunction = typeof called === "string" && camelCase(called) in known && /^[a-z]/.test(called);
    if (!isFunction) fail(`has ${setting} = ${JSON.stringify(value)}`);
  }
}

/** `log_softmax` → `logSoftmax`, as TensorFlow.js does it. */
function camelCase(name: string): string {
  return name.replace(/_+(\w|$)/g, (_, letter: string) => letter.toUpperCase());
}
