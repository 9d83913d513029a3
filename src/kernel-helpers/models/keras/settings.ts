import { serialization } from "@tensorflow/tfjs-core";
import { ModelFileError, withArticle } from "../errors.js";
import { interpolations } from "../layers/resampling/matrices.js";
import { REBUILD } from "./refused.js";
import type { LayerConfig, LayerNode } from "./tree.js";

/**
 * Settings that TensorFlow.js' layers ignore or read otherwise without a word, or refuse without saying where: a layer that has one
 * must have one of these values, on every axis.
 */
const SETTINGS: [layers: RegExp, setting: string, values: readonly unknown[]][] = [
  [/Conv/, "groups", [1]],
  [/Conv[123]DTranspose$/, "dilation_rate", [1]],
  [/Conv[123]DTranspose$/, "output_padding", []],
  [
    /^(Separable|Depthwise)Conv|^LocallyConnected|^(Keras)?Conv1D|^Keras(Conv|Global|UpSampling)|(Padding|Cropping|UpSampling|Pooling)[13]D$/,
    "data_format",
    ["channels_last"],
  ],
  [/^(Keras)?UpSampling2D$|^KerasResizing$/, "interpolation", interpolations],
  [/^(RNN|SimpleRNN|(Keras)?GRU|LSTM)/, "time_major", [false]],
  [/^(CategoryEncoding|Discretization|IntegerLookup)$/, "sparse", [false]],
  [/^LocallyConnected[12]D$/, "implementation", [1, 2]],
  [/^BatchNormalization$/, "renorm", [false]],
  [/^Adaptive(Max|Average)Pooling2D$/, "data_format", ["channels_last"]],
];

/** TensorFlow.js' layers that take activations; what other classes call so is their own affair. */
const ACTIVATED =
  /^(Activation|Dense|(Keras|Separable|Depthwise)?Conv\dD(Transpose)?|(SimpleRNN|(Keras)?GRU|LSTM|ConvLSTM2D)(Cell)?)$/;

/** Layers whose pixels TensorFlow.js takes from elsewhere than Keras: only models that it has written itself have them. */
const OTHERWISE = /^(Resizing|CenterCrop)$/;

/** What layers learn before training and files may leave out. */
const STATED: [layers: RegExp, setting: string][] = [
  [/^IntegerLookup$/, "vocabulary"],
  [/^Discretization$/, "bin_boundaries"],
];

/** Settings in which the two layers of a Bidirectional may differ: they change no number, or are turned around anyway. */
const OWN = /^(name|go_backwards|seed|trainable|dtype|batch_input_shape|.*_(initializer|regularizer|constraint))$/;

/** TensorFlow.js builds the layer that goes backwards from the one that goes forwards. */
function checkBothWays({ layer, backward_layer: backward }: LayerConfig, fail: (problem: string) => void): void {
  if (layer?.class_name === "RNN") fail("is a Bidirectional of an RNN (of cells)");
  const other = backward as LayerNode | null | undefined;
  if (!other?.config) return;
  const differs = (key: string) =>
    !OWN.test(key) && JSON.stringify(layer?.config?.[key] ?? null) !== JSON.stringify(other.config![key] ?? null);
  const found = other.class_name === layer?.class_name ? Object.keys(other.config).find(differs) : "class_name";
  if (found) fail(`is a Bidirectional whose backward_layer has another ${found}`);
}

/** @throws ModelFileError that names layer, setting and value, and says what to do. */
export function checkSettings(location: string, name: string, className: string, config: LayerConfig): void {
  const fail = (problem: string) => {
    throw new ModelFileError(`${location}: layer "${name}" ${problem}, which is not done here. ${REBUILD}`);
  };
  if (OTHERWISE.test(className)) fail(`is ${withArticle(className)} as Keras has it`);
  for (const [layers, setting, allowed] of SETTINGS) {
    if (!layers.test(className)) continue;
    if (setting === "groups" && /^KerasConv/.test(className)) continue;
    const values = [config[setting] ?? []].flat();
    if (values.every((value) => allowed.includes(value))) continue;
    fail(`is ${withArticle(className.replace(/^Keras/, ""))} with ${setting} = ${JSON.stringify(config[setting])}`);
  }
  if (className === "Bidirectional") checkBothWays(config, fail);
  if (className === "RNN" && config.cell?.class_name === "StackedRNNCells" && config["return_state"] === true) {
    fail("is an RNN of several cells with return_state = true");
  }
  if (className === "IntegerLookup" && Number(config["num_oov_indices"] ?? 1) > 1) {
    fail(`is an IntegerLookup with num_oov_indices = ${config["num_oov_indices"]} (it hashes what is unknown)`);
  }
  for (const [layers, setting] of STATED) {
    if (layers.test(className) && !Array.isArray(config[setting]))
      fail(`is ${withArticle(className)} whose ${setting} the file does not state`);
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
