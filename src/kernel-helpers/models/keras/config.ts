import { ModelFileError, UnknownLayerError } from "../errors.js";

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
    throw new ModelFileError(`${location}: layer "${layer}" ${problem}, which TensorFlow.js does not do`);
  };

  /** `nested` names the layers beside this one that are models themselves, `masks` the operations that compute masks. */
  const convertLayer = (node: KerasNode, nested: Set<string>, masks: ReadonlySet<string> = new Set()): KerasNode => {
    const name = nameOf(node);
    const className = classNameOf(node, name);
    const given = Array.isArray(node.config) ? { layers: layersOf(node) } : node.config;
    const config: KerasLayerConfig = {};
    for (const [key, value] of Object.entries(given)) {
      if (key.endsWith("_initializer")) config[key] = { class_name: "Zeros", config: {} };
      else if (key.endsWith("_regularizer") || key.endsWith("_constraint")) config[key] = null;
      else if (key.endsWith("activation")) config[key] = activation(value);
      else if (key === "batch_shape") config["batch_input_shape"] = value;
      else if (key === "dtype") config[key] = dtypeName(value);
      else config[key] = value;
    }
    if (className === "BatchNormalization" && Array.isArray(config["axis"])) [config["axis"]] = config["axis"];
    // The weights follow; building this bias would leave tensors behind.
    if (className === "LSTM") config["unit_forget_bias"] = false;
    if (config.layer) config.layer = convertLayer(config.layer, new Set());
    if (config.layers) Object.assign(config, convertContainer(className, config, node));
    const converted: KerasNode = { class_name: className, config, name };
    if (node.inbound_nodes)
      converted.inbound_nodes = node.inbound_nodes.map((call) => inbound(name, call, nested, masks));
    return converted;
  };

  const convertContainer = (
    className: string,
    config: KerasLayerConfig,
    node: KerasNode,
  ): Partial<KerasLayerConfig> => {
    const inner = new Set(config.layers!.filter((layer) => layersOf(layer).length > 0).map(nameOf));
    const chains = new Set(config.layers!.filter((layer) => layer.class_name === "Sequential").map(nameOf));
    const masks = maskOperations(config.layers!);
    const layers = config
      .layers!.filter((layer) => !masks.has(nameOf(layer)))
      .map((layer) => convertLayer(layer, inner, masks));
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

  /** Sums and products written with an operator are stored as operations; between tensors they are the layers of that name. */
  const classNameOf = (node: KerasNode, name: string): string => {
    const isOperation = /^keras(\.src)?\.ops\b/.test(node.module ?? "");
    if (isOperation && !/^(Add|Multiply|Maximum|Minimum)$/.test(node.class_name)) {
      throw new UnknownLayerError(`keras.ops.${node.class_name}`, name, location);
    }
    // A registered class is stored as "package>Class"; TensorFlow 1.13 wrote the class behind its alias.
    return node.class_name
      .split(">")
      .at(-1)!
      .replace(/^(BatchNormalization)V[12]$/, "$1");
  };

  const activation = (value: unknown): unknown => {
    const activationName = typeof value === "string" ? value : (value as { config?: unknown } | null)?.config;
    return typeof activationName === "string" ? activationName : (value ?? "linear");
  };

  /** One call of a layer, as `[[layer, node, tensor, {}], …]`. */
  const inbound = (layer: string, call: unknown, nested: Set<string>, masks: ReadonlySet<string>): unknown => {
    if (Array.isArray(call)) return call;
    const { args, kwargs } = call as { args: unknown[]; kwargs: { [name: string]: unknown } };
    const strange = Object.entries(kwargs ?? {}).find(
      ([name, value]) => value && typeof value === "object" && !(name === "mask" && isKnownMask(value, masks)),
    );
    if (strange) fail(layer, `is given a tensor as "${strange[0]}"`);
    return args.flat().map((argument) => {
      const history = (argument as { config?: { keras_history?: unknown[] } } | null)?.config?.keras_history;
      if (!history) fail(layer, `is called with ${JSON.stringify(argument)} beside its tensors`);
      return [...shifted(history!, nested), {}];
    });
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

/** The layer that a tensor comes from, as Keras 3 writes it. */
const sourceOf = (tensor: unknown): string | undefined =>
  (tensor as { config?: { keras_history?: [string] } } | null)?.config?.keras_history?.[0];

/**
 * Operations of a Keras 3 graph that compute the masks of its Embedding (`mask_zero`) and Masking layers from what those are given:
 * `tokens ≠ 0`, and any(steps ≠ value). TensorFlow.js' layers hand these masks on by themselves.
 */
function maskOperations(layers: readonly KerasNode[]): Set<string> {
  const argumentsOf = (node: KerasNode): unknown[] =>
    ((node.inbound_nodes?.[0] as { args?: unknown[] } | undefined)?.args ?? []) as unknown[];
  const masked = layers.filter(
    ({ class_name: name, config }) => (name === "Embedding" && config["mask_zero"] === true) || name === "Masking",
  );
  const isOperation = ({ module, class_name }: KerasNode, name: string) =>
    class_name === name && /^keras(\.src)?\.ops\b/.test(module ?? "");
  const found = new Set<string>();
  for (const node of layers) {
    const [tensor, value] = argumentsOf(node);
    const source = sourceOf(tensor);
    if (isOperation(node, "Any") && source !== undefined && found.has(source)) found.add(nameOf(node));
    if (!isOperation(node, "NotEqual") || source === undefined) continue;
    const isMask = masked.some(
      (layer) => sourceOf(argumentsOf(layer)[0]) === source && value === (layer.config["mask_value"] ?? 0),
    );
    if (isMask) found.add(nameOf(node));
  }
  return found;
}

/** Whether a `mask` that a layer is called with is one that it gets anyway; several inputs have a list. */
const isKnownMask = (mask: unknown, masks: ReadonlySet<string>): boolean =>
  [mask].flat().every((tensor) => tensor === null || masks.has(sourceOf(tensor) ?? ""));

/** Keras 3 counts the calls of a nested model from 0; in Keras 2 and TensorFlow.js call 0 is the model's own definition. */
function shifted([layer, call, ...rest]: unknown[], nested: Set<string>): unknown[] {
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
