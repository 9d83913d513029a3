import { ModelFileError, UnknownLayerError } from "../errors.js";
import { callSetting, type Place } from "../layers/call-arguments.js";
import { storedFunction, storedOperation } from "../layers/operations/stored.js";
import { type Call, type Reference, readCall } from "./calls.js";
import { REBUILD } from "./refused.js";

/** A layer or model in a Keras configuration, of any version. */
export interface KerasNode {
  class_name: string;
  config: KerasLayerConfig;
  name?: string;
  module?: string | null;
  inbound_nodes?: unknown[];
  build_config?: { input_shape?: unknown };
}

interface KerasLayerConfig {
  [key: string]: unknown;
  name?: string;
  layers?: KerasNode[];
  layer?: KerasNode;
}

/**
 * Turns a Keras configuration (1, 2 or 3) into one that TensorFlow.js reads, for inference: initializers become zeros, because the
 * weights follow; regularizers and constraints, which only training needs, go.
 *
 * @param version Keras' version.
 * @throws UnknownLayerError, ModelFileError for something that TensorFlow.js does not have, naming layer and value.
 */
export function convertConfig(location: string, root: KerasNode, version: string): KerasNode {
  const fail = (layer: string, problem: string) => {
    throw new ModelFileError(`${location}: layer "${layer}" ${problem}, which is not done here. ${REBUILD}`);
  };

  /** `nested` names the layers beside this one that are models themselves, `masks` the operations that compute masks. */
  const convertLayer = (given: KerasNode, nested: Set<string>, masks: ReadonlySet<string> = new Set()): KerasNode => {
    const node = unwrapped(given);
    const name = nameOf(given);
    const calls = node.inbound_nodes?.map(readCall);
    if (isOperation(node)) return convertOperation(node, name, calls ?? [], nested);
    const className = classNameOf(node);
    const settings = Array.isArray(node.config) ? { layers: layersOf(node) } : node.config;
    const config: KerasLayerConfig = {};
    for (const [key, value] of Object.entries(settings)) {
      if (key.endsWith("_initializer")) config[key] = { class_name: "Zeros", config: {} };
      else if (key.endsWith("_regularizer") || key.endsWith("_constraint")) config[key] = null;
      else if (key.endsWith("activation")) config[key] = activation(value);
      // Any number of samples is explained, whatever number a file was made for; nothing here is stateful.
      else if (/^batch(_input)?_shape$/.test(key))
        config["batch_input_shape"] = (value as unknown[] | null)?.with(0, null);
      else if (key === "dtype") config[key] = dtypeName(value);
      else config[key] = value;
    }
    config.name = name;
    if (className === "BatchNormalization" && Array.isArray(config["axis"])) [config["axis"]] = config["axis"];
    // The weights follow; building this bias would leave tensors behind.
    if (/^LSTM(Cell)?$/.test(className)) config["unit_forget_bias"] = false;
    for (const inner of ["layer", "backward_layer", "cell"] as const) {
      const wrapped = config[inner] as KerasNode | undefined;
      if (wrapped?.class_name) config[inner] = convertLayer(wrapped, new Set());
    }
    if (Array.isArray(config["cells"])) {
      config["cells"] = (config["cells"] as KerasNode[]).map((cell) => convertLayer(cell, new Set()));
    }
    if (config.layers) Object.assign(config, convertContainer(className, config, node));
    const converted: KerasNode = { class_name: className, config, name };
    if (!calls) return converted;
    if (!TAKES_CALL.test(className)) {
      converted.inbound_nodes = calls.map((call) => references(tensorsOf(name, className, call, masks), nested));
      return converted;
    }
    if (version.startsWith("3")) config["zeroes_masked"] = true;
    setCall(config, name, calls);
    converted.inbound_nodes = calls.map(({ tensors }) => references(tensors, nested));
    return converted;
  };

  /** What a layer is called with beside its inputs stands in its settings. */
  const setCall = (config: KerasLayerConfig, name: string, calls: Call[]): void => {
    const [call, ...others] = calls.map(({ positional, named }) => callSetting({ positional, named }));
    if (others.some((other) => other !== call)) fail(name, "is called in several ways");
    if (call !== undefined) config["call"] = call;
  };

  const references = (tensors: Reference[], nested: Set<string>): unknown[] =>
    tensors.map((tensor) => [...(version.startsWith("3") ? shifted(tensor, nested) : tensor), {}]);

  /** An operation between layers: `keras.ops.…`, or a function of TensorFlow. */
  const convertOperation = (node: KerasNode, name: string, calls: Call[], nested: Set<string>): KerasNode => {
    const function_ = node.config["function"] as string | undefined;
    const [call] = calls;
    if (!call || call.tensors.length === 0) fail(name, "is an operation on no tensor (Keras does not store them all)");
    if (calls.length > 1) fail(name, "is called in several ways");
    const { name: _, ...config } = node.config;
    const stored = function_ ? storedFunction(function_, call!) : storedOperation(node.class_name, config, call!);
    if (!stored)
      throw new UnknownLayerError(function_ ? `tf.${function_}` : `keras.ops.${node.class_name}`, name, location);
    return {
      class_name: "KerasOperation",
      name,
      config: { name, ...stored },
      inbound_nodes: [references(call!.tensors, nested)],
    };
  };

  const convertContainer = (
    className: string,
    config: KerasLayerConfig,
    node: KerasNode,
  ): Partial<KerasLayerConfig> => {
    const inner = new Set(config.layers!.filter((layer) => layersOf(layer).length > 0).map(nameOf));
    const chains = new Set(config.layers!.filter((layer) => layer.class_name === "Sequential").map(nameOf));
    const masks = maskOperations(config.layers!);
    const layers = separateRepeats(
      config.layers!.filter((layer) => !masks.has(nameOf(layer))).map((layer) => convertLayer(layer, inner, masks)),
    );
    if (className === "Sequential") {
      const [first] = layers;
      const shape = config["build_input_shape"] ?? node.build_config?.input_shape;
      if (first && first.class_name !== "InputLayer" && shape) first.config["batch_input_shape"] ??= shape;
      return { layers };
    }
    return {
      layers,
      input_layers: endpoints(config["input_layers"]),
      // Among outputs Keras 3 counts the calls of a functional model from 1, those of a Sequential one from 0.
      output_layers: endpoints(config["output_layers"]).map((end) =>
        version.startsWith("3") ? shifted(end, chains) : end,
      ),
    };
  };

  /** A registered class is stored as "package>Class"; TensorFlow 1.13 wrote the class behind its alias. */
  const classNameOf = (node: KerasNode): string =>
    node.class_name
      .split(">")
      .at(-1)!
      .replace(/^(BatchNormalization)V[12]$/, "$1");

  const activation = (value: unknown): unknown => {
    const activationName = typeof value === "string" ? value : (value as { config?: unknown } | null)?.config;
    return typeof activationName === "string" ? activationName : (value ?? "linear");
  };

  /** The inputs of a layer that is called with nothing else that matters. */
  const tensorsOf = (name: string, className: string, call: Call, masks: ReadonlySet<string>): Reference[] => {
    const inputs = call.positional.slice(0, 1).flat();
    // Keras 3 itself overrides what is stored of `training`.
    const { inputs: first, sequence, initial_state: state, mask, training, ...others } = call.named;
    const places = [...inputs, first, sequence, state, ...call.positional.slice(1)].flat();
    const isRecurrent = /^(RNN|SimpleRNN|GRU|LSTM|Bidirectional)$/.test(className);
    for (const place of places) {
      if (place !== null && place !== undefined && !isPlace(place)) {
        fail(name, `is called with ${JSON.stringify(place)} beside its tensors`);
      }
    }
    if (!isRecurrent && (state || call.positional.length > 1)) fail(name, "is given several arguments");
    if (mask && !isKnownMask(mask, call.tensors, masks)) fail(name, 'is given a tensor as "mask"');
    if (training === true && !version.startsWith("3"))
      fail(name, "is called with training=True, so that it is never as it is at inference");
    for (const [key, value] of Object.entries(others)) {
      if (value !== null && value !== false) fail(name, `is called with ${key} = ${asWords(value)}`);
    }
    return places.filter(isPlace).map(({ tensor }) => call.tensors[tensor]!);
  };

  return convertLayer(root, new Set());
}

export function nameOf(node: KerasNode): string {
  return node.name ?? node.config.name ?? "";
}

/** A model's layers; Sequential models of Keras up to 2.2.2 have nothing else as their configuration. */
export function layersOf({ config }: KerasNode): KerasNode[] {
  return Array.isArray(config) ? config : (config.layers ?? []);
}

/** Layers that read what they are called with from their settings; others are called with their inputs alone. */
const TAKES_CALL =
  /^(MultiHeadAttention|Group(ed)?QueryAttention|Attention|AdditiveAttention|Softmax|CategoryEncoding|ReversibleEmbedding)$/;

/** Keras 3 leaves the module out in HDF5; but all its layers say whether they are trainable, or their dtype. */
const isOperation = ({ module, class_name: name, config, inbound_nodes: calls = [] }: KerasNode): boolean =>
  /^keras(\.src)?\.ops\b/.test(module ?? "") ||
  name === "TFOpLambda" ||
  name === "SlicingOpLambda" ||
  (!module &&
    calls.length > 0 &&
    !Array.isArray(calls[0]) &&
    !["trainable", "dtype", "layers"].some((key) => key in config));

const isPlace = (value: unknown): value is Place => typeof value === "object" && value !== null && "tensor" in value;

const asWords = (value: unknown): string => (isPlace(value) ? "a tensor" : JSON.stringify(value));

/** What normalizes its kernel in training alone is, at inference, the layer inside it, under the outer one's name. */
function unwrapped(node: KerasNode): KerasNode {
  if (node.class_name.split(">").at(-1) !== "SpectralNormalization" || !node.config.layer) return node;
  const { name: _, inbound_nodes: __, ...inner } = node.config.layer;
  const name = nameOf(node);
  return {
    ...inner,
    name,
    config: { ...inner.config, name },
    ...(node.inbound_nodes && { inbound_nodes: node.inbound_nodes }),
  };
}

/**
 * Operations of a Keras 3 graph that compute the masks of its Embedding (`mask_zero`) and Masking layers from what those are given:
 * `tokens ≠ 0`, and any(steps ≠ value). TensorFlow.js' layers hand these masks on by themselves.
 */
function maskOperations(layers: readonly KerasNode[]): Set<string> {
  const firstCall = (node: KerasNode): Call | undefined =>
    node.inbound_nodes?.[0] === undefined ? undefined : readCall(node.inbound_nodes[0]);
  const sourceOf = (node: KerasNode): string | undefined => firstCall(node)?.tensors[0]?.[0];
  const masked = layers.filter(
    ({ class_name: name, config }) => (name === "Embedding" && config["mask_zero"] === true) || name === "Masking",
  );
  const found = new Set<string>();
  for (const node of layers.filter(isOperation)) {
    const source = sourceOf(node);
    if (source === undefined) continue;
    const { tensors } = firstCall(node)!;
    // A merging layer's mask is its inputs' masks together: here, one and the same.
    const isSame = /^(Any|LogicalOr|LogicalAnd)$/.test(node.class_name) && tensors.length === 1;
    if (isSame && found.has(source)) found.add(nameOf(node));
    if (node.class_name !== "NotEqual") continue;
    const value = firstCall(node)!.positional[1];
    const isMask = masked.some((layer) => sourceOf(layer) === source && value === (layer.config["mask_value"] ?? 0));
    if (isMask) found.add(nameOf(node));
  }
  // Masks that a layer takes as a tensor stay.
  for (const node of layers) {
    if (!TAKES_CALL.test(node.class_name) && !isOperation(node)) continue;
    if (isOperation(node) && found.has(nameOf(node))) continue;
    for (const call of node.inbound_nodes ?? []) for (const [source] of readCall(call).tensors) found.delete(source);
  }
  return found;
}

/** Whether a `mask` that a layer is called with is one that it gets anyway; several inputs have a list. */
const isKnownMask = (mask: unknown, tensors: Reference[], masks: ReadonlySet<string>): boolean =>
  [mask].flat().every((one) => one === null || (isPlace(one) && masks.has(tensors[one.tensor]![0])));

/**
 * Gives a layer that takes one tensor several times copies of it: TensorFlow.js disposes a tensor once it has been read as often as it
 * has readers, and counts that layer as one.
 */
function separateRepeats(layers: KerasNode[]): KerasNode[] {
  const copies: KerasNode[] = [];
  for (const layer of layers) {
    for (const call of (layer.inbound_nodes ?? []) as unknown[][][]) {
      const seen = new Set<string>();
      call.forEach((reference, index) => {
        const key = JSON.stringify(reference.slice(0, 3));
        if (!seen.has(key)) {
          seen.add(key);
          return;
        }
        const name = `${nameOf(layer)}_copy_${copies.length}`;
        copies.push({ class_name: "Identity", name, config: { name }, inbound_nodes: [[reference]] });
        call[index] = [name, 0, 0, {}];
      });
    }
  }
  return [...layers, ...copies];
}

/** Keras 3 counts the calls of a nested model from 0; in Keras 2 and TensorFlow.js call 0 is the model's own definition. */
function shifted([layer, call, ...rest]: readonly unknown[], nested: Set<string>): unknown[] {
  return [layer, nested.has(layer as string) ? (call as number) + 1 : call, ...rest];
}

/** `["x", 0, 0]` alone, a list of such, or a record of such, as a list. */
function endpoints(value: unknown): unknown[][] {
  if (Array.isArray(value)) return typeof value[0] === "string" ? [value] : value;
  return Object.values(value as { [name: string]: unknown[] });
}

/** Keras 3 stores a policy where Keras 2 stored a name; everything but whole numbers is computed in float32. */
function dtypeName(value: unknown): string {
  const name = typeof value === "string" ? value : String((value as { config?: { name?: string } })?.config?.name);
  return /^u?int|^bool/.test(name) ? "int32" : "float32";
}
