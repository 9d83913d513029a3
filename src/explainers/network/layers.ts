import { LimpidError } from "../errors.js";
import type { Graph, Node } from "./graph.js";

/** A layer's name is not in the model, or its own output is not in the graph. */
export class LayerError extends LimpidError {
  constructor(
    readonly layer: string,
    message: string,
  ) {
    super(message);
  }
}

/**
 * The node that holds the output of a layer.
 *
 * @throws LayerError where there is none: the names there are, or the layer that it was merged with
 */
function layerNode(graph: Graph, layer: string): Node {
  // A layer of several operations (a convolution with its ReLU) ends with the last of them.
  const own = graph.nodes.filter((node) => lastName(node) === layer);
  // A reshape that took over one before it carries that one's name, too: what the layer itself computes comes first.
  const found = own.findLast(({ name }) => name === layer) ?? own.at(-1);
  if (found !== undefined) return found;
  const merged = graph.nodes.find((node) => node.name === layer || node.folded.includes(layer));
  if (merged !== undefined) {
    throw new LayerError(
      layer,
      `The output of layer "${layer}" is not computed by itself: it was merged with "${lastName(merged)}". Name that one.`,
    );
  }
  const names = [...new Set(graph.nodes.map(lastName))];
  throw new LayerError(layer, `The model has no layer "${layer}". Its layers are: ${names.join(", ")}.`);
}

/** The node of a layer, or of the last map where no layer is named, and what to call it. */
export function chosenLayer(graph: Graph, layer: string | undefined): { id: number; name: string } {
  const node = layer === undefined ? lastMap(graph) : layerNode(graph, layer);
  return { id: node.id, name: lastName(node) };
}

/** A node and all that is computed from it. */
export function reachedFrom(graph: Graph, from: number): ReadonlySet<number> {
  const reached = new Set([from]);
  for (const { id, inputs } of graph.nodes) if (inputs.some((input) => reached.has(input))) reached.add(id);
  return reached;
}

/** What gradients at the node `from` need of an output: both, the nodes on the ways between them, and those nodes' inputs. */
export function nodesBetween(graph: Graph, from: number, to: number | undefined): ReadonlySet<number> {
  const reached = reachedFrom(graph, from);
  const needed = new Set([from]);
  const pending = to === undefined ? [] : [to];
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    if (needed.has(id)) continue;
    needed.add(id);
    if (reached.has(id)) pending.push(...graph.nodes[id]!.inputs);
  }
  return needed;
}

const lastName = (node: Node): string => node.folded.at(-1) ?? node.name;

/** Names of the layers whose values lie on a map, `[batch, height, width, channel]` or `[batch, length, channel]`, in order. */
export function mapLayers(graph: Graph): string[] {
  const names = maps(graph).map(lastName);
  return [...new Set(names)].filter((name) => name !== "");
}

function lastMap(graph: Graph): Node {
  const last = maps(graph).at(-1);
  if (last === undefined) throw new LayerError("", "The model has no layer with a map of positions: name a layer.");
  return last;
}

const maps = (graph: Graph): Node[] =>
  graph.nodes.filter(
    ({ operation, shape }) =>
      (shape.length === 4 || shape.length === 3) &&
      shape.slice(1, -1).some((size) => size > 1) &&
      operation.kind !== "input" &&
      operation.kind !== "rearrange",
  );
