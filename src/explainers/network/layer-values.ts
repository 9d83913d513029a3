import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { consumersOf, type Graph, type Node } from "./graph.js";
import { asMap, layerMap } from "./layer-map.js";
import { LayerError } from "./layers.js";
import type { Recording } from "./recording/recording.js";

/** What a layer computed for one input. */
export interface LayerValues {
  readonly layer: string;
  /** Shape of the layer's output, without the batch. */
  readonly shape: readonly number[];
  /** Sizes of the map that the values lie on, in the order of the input's axes; empty where they lie on no positions. */
  readonly positions: readonly number[];
  /** `[…positions, channel]`; the caller disposes of it. */
  readonly values: Tensor;
}

/** Whether a node of this kind only moves or bends what it gets. */
export const isPassing = (kind: string): boolean => ["activation", "rearrange", "scale", "softmax"].includes(kind);

/** Names of the layers that compute something new, from the input to the output. */
export function computingLayers({ nodes }: Graph): string[] {
  const names = nodes.filter(({ operation: { kind } }) => kind !== "input" && !isPassing(kind)).map(({ name }) => name);
  return [...new Set(names)].filter((name) => name !== "");
}

/**
 * The same by the names under which their values are found: of what was merged the last one's, and where nothing but an activation reads
 * a value, that one's.
 */
export function valueLayers({ nodes }: Graph): string[] {
  const readers = consumersOf(nodes);
  const names = nodes
    .filter(({ operation: { kind } }) => kind !== "input" && !isPassing(kind))
    .map((node) => {
      const [reader, ...others] = readers[node.id]!.map((id) => nodes[id]!);
      const shown = reader?.operation.kind === "activation" && others.length === 0 ? reader : node;
      return shown.folded.at(-1) ?? shown.name;
    });
  return [...new Set(names)].filter((name) => name !== "");
}

/**
 * The values of a layer of that name for one sample of a recording; of a layer with an activation of its own, behind it.
 *
 * @throws LayerError where there is no such layer; DisposedError
 */
export function layerValues(recording: Recording, layer: string, sample = 0): LayerValues {
  const { graph } = recording;
  const node = graph.nodes.findLast(({ name, folded }) => name === layer || folded.includes(layer));
  if (node === undefined) throw LayerError.unknown(layer, computingLayers(graph));
  const value = recording.value(node.id);
  return { layer, shape: value.shape.slice(1), ...onPositions(graph, node, value, recording.batch, sample) };
}

function onPositions(graph: Graph, node: Node, value: Tensor, batch: number, sample: number) {
  const map = layerMap(graph, node);
  return tf.tidy(() => {
    const whole = typeof map === "string" ? tf.reshape(value, [batch, -1]) : asMap(map, value, batch);
    const shape = whole.shape.slice(1);
    const values = tf.reshape(tf.slice(whole, sample, 1), shape);
    return { positions: shape.slice(0, -1), values };
  });
}
