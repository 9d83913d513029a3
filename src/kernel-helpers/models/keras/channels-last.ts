import type { LayerConfig, LayerNode } from "./tree.js";

/*
 * Models with channels first, turned into ones with channels last: layers with a `data_format` read and write the channels
 * as the last axis, what lies between them keeps that order where it can, and a Permute stands where it cannot. Inputs and
 * outputs of a model, and of the models nested in it, keep the order of the file.
 */

/** How a tensor lies beside what the file says: with its first axis behind the batch moved to the end, or as it is. */
interface Layout {
  moved: boolean;
  /** Number of axes with the batch's; known of all that are moved. */
  rank: number | undefined;
}

interface Place {
  /** What the layer's inputs must be. */
  inputs: Layout;
  output: Layout;
}

const plain = (rank?: number): Layout => ({ moved: false, rank });
const moved = (rank: number): Layout => ({ moved: true, rank });

const SPATIAL =
  /^((Depthwise|Separable)?Conv([123])D(Transpose)?|(Max|Average|GlobalMax|GlobalAverage)Pooling[123]D|Adaptive(Max|Average)Pooling[123]D|(UpSampling|ZeroPadding|Cropping)[123]D)$/;
const WITH_AXIS = /^(Batch|Group|Layer|RMS|Unit)Normalization$|^(Softmax|Concatenate)$/;
const MERGING = /^(Add|Subtract|Multiply|Average|Maximum|Minimum)$/;
/** Entry by entry, with no weights and no axis. */
const BY_ENTRY =
  /^(Activation|ReLU|LeakyReLU|ELU|ThresholdedReLU|Dropout|SpatialDropout[23]D|AlphaDropout|Gaussian(Noise|Dropout)|ActivityRegularization|Identity)$/;

/** Rewrites `root` in place. */
export function moveChannelsLast(root: LayerNode): void {
  const { config } = root;
  const layers = config?.layers ?? [];
  for (const layer of layers) moveChannelsLast(layer);
  if (!config || !layers.some(isMovable)) return;
  if (root.class_name === "Sequential") config.layers = chain(layers);
  else graph(config, layers);
}

const isMovable = (node: LayerNode): boolean =>
  SPATIAL.test(node.class_name ?? "") && node.config?.["data_format"] === "channels_first" && !isAlongLastAxis(node);

/** Activations over the last axis, which is another one once the channels have moved there. */
const isAlongLastAxis = ({ config }: LayerNode): boolean =>
  /softmax/.test(JSON.stringify(config?.["activation"] ?? ""));

/** Where `node` finds its inputs and leaves its output; writes its settings for that. `decided` is what it was at an earlier call. */
function place(node: LayerNode, inputs: Layout[], decided?: Layout): Place {
  const { class_name: className = "", config = {} } = node;
  if (isMovable(node) || (decided?.moved && SPATIAL.test(className))) {
    const rank = Number(/(\d)D/.exec(className)![1]) + 2;
    config["data_format"] = "channels_last";
    const isGone = className.startsWith("Global") && !config["keepdims"];
    return { inputs: moved(rank), output: isGone ? plain(2) : moved(rank) };
  }
  const layout = decided ?? common(inputs);
  if (!layout.moved) return { inputs: layout, output: plain(rankBehind(node, layout)) };
  const rank = layout.rank!;
  const stay = { inputs: layout, output: layout };
  if (className === "Flatten" && (decided || config["data_format"] === "channels_first")) {
    // Keras flattens these with the channels last too.
    config["data_format"] = "channels_last";
    return { inputs: layout, output: plain(2) };
  }
  if (MERGING.test(className) || (BY_ENTRY.test(className) && !isAlongLastAxis(node))) return stay;
  if (WITH_AXIS.test(className)) {
    const axes = [(config["axis"] as number | number[] | undefined) ?? -1].flat();
    const isWeighted = /^(Layer|RMS)/.test(className);
    if (axes.length === 1 || !isWeighted) {
      const there = axes.map((axis) => movedAxis(axis, rank));
      if (!decided) config["axis"] = Array.isArray(config["axis"]) ? there : there[0];
      return stay;
    }
  }
  return { inputs: plain(), output: plain(rankBehind(node, layout)) };
}

/** The layout that all inputs can have: moved where one is, unless another cannot follow. */
function common(inputs: Layout[]): Layout {
  const first = inputs.find((input) => input.moved);
  if (!first) return plain(inputs[0]?.rank);
  return inputs.every(({ rank }) => rank === first.rank) ? first : plain();
}

function movedAxis(axis: number, rank: number): number {
  const fromFront = axis < 0 ? axis + rank : axis;
  if (fromFront === 0) return 0;
  return fromFront === 1 ? rank - 1 : fromFront - 1;
}

function rankBehind({ class_name: className = "", config }: LayerNode, { rank }: Layout): number | undefined {
  if (className === "Reshape") return (config!["target_shape"] as unknown[]).length + 1;
  return BY_ENTRY.test(className) || WITH_AXIS.test(className) || MERGING.test(className) ? rank : undefined;
}

/** A Permute that moves the channels of a tensor of this rank to the end, or back behind the batch. */
function permute(name: string, rank: number, toLast: boolean): LayerNode {
  const axes = Array.from({ length: rank - 1 }, (_, axis) => axis + 1);
  const dims = toLast ? [...axes.slice(1), 1] : [rank - 1, ...axes.slice(0, -1)];
  return { class_name: "Permute", name, config: { name, dims } };
}

function chain(layers: LayerNode[]): LayerNode[] {
  const result: LayerNode[] = [];
  let now = plain(rankOf(layers[0]?.config));
  const change = (to: Layout, name: string): LayerNode | undefined => {
    if (now.moved === to.moved) return undefined;
    const node = permute(
      `${name}_${to.moved ? "channels_last" : "channels_first"}`,
      (to.moved ? to : now).rank!,
      to.moved,
    );
    result.push(node);
    return node;
  };
  for (const layer of layers) {
    const { inputs, output } = place(layer, [now]);
    const added = change(inputs, layer.name ?? layer.config?.name ?? "layer");
    const config = layer.config!;
    if (added && result.length === 1 && config["batch_input_shape"]) {
      added.config!["batch_input_shape"] = config["batch_input_shape"];
      delete config["batch_input_shape"];
    }
    result.push(layer);
    now = output;
  }
  change(plain(), "output");
  return result;
}

type Reference = [layer: string, call: number, tensor: number, ...rest: unknown[]];

function graph(config: LayerConfig, layers: LayerNode[]): void {
  const layouts = new Map<string, Layout>();
  const decisions = new Map<LayerNode, Layout>();
  const permutes = new Map<string, LayerNode>();
  const models = new Set(layers.filter((layer) => layer.config?.layers).map(nameOf));
  const key = ([layer, call, tensor]: Reference) => `${layer}/${call}/${tensor}`;
  const layoutOf = (reference: Reference): Layout | undefined =>
    layouts.get(key(reference)) ?? (models.has(reference[0]) ? plain() : undefined);

  const as = (reference: Reference, to: Layout): Reference => {
    const from = layoutOf(reference)!;
    if (from.moved === to.moved) return reference;
    const [layer, call, tensor, ...rest] = reference;
    const order = to.moved ? "channels_last" : "channels_first";
    const name = [layer, ...(call || tensor ? [call, tensor] : []), order].join("_");
    if (!permutes.has(name)) {
      const node = permute(name, (to.moved ? to : from).rank!, to.moved);
      permutes.set(name, Object.assign(node, { inbound_nodes: [[[layer, call, tensor, {}]]] }));
    }
    return [name, 0, 0, ...rest];
  };

  let pending = layers.flatMap((layer) => {
    const calls = (layer.inbound_nodes ?? []) as Reference[][];
    if (calls.length === 0) {
      layouts.set(key([nameOf(layer), 0, 0]), plain(rankOf(layer.config)));
    }
    return calls.map((references, call) => ({ layer, references, call }));
  });
  while (pending.length > 0) {
    const waiting = pending.filter(({ layer, references, call }) => {
      const given = references.map(layoutOf);
      if (given.includes(undefined)) return true;
      const { inputs, output } = place(layer, given as Layout[], decisions.get(layer));
      decisions.set(layer, inputs);
      references.forEach((reference, index) => {
        references[index] = as(reference, inputs);
      });
      if (!models.has(nameOf(layer))) {
        // Of several outputs all are as the file says.
        for (let tensor = 0; tensor < 8; tensor++) layouts.set(key([nameOf(layer), call, tensor]), output);
      }
      return false;
    });
    // A graph that does not close is for TensorFlow.js to refuse.
    if (waiting.length === pending.length) break;
    pending = waiting;
  }
  const outputs = (config["output_layers"] as Reference[] | undefined) ?? [];
  config["output_layers"] = outputs.map((reference) => (layoutOf(reference) ? as(reference, plain()) : reference));
  config.layers = [...layers, ...permutes.values()];
}

/** The rank that a first layer states. */
const rankOf = (config: LayerConfig | undefined): number | undefined =>
  (config?.["batch_input_shape"] as unknown[] | undefined)?.length;

const nameOf = ({ name, config }: LayerNode): string => name ?? config?.name ?? "";
