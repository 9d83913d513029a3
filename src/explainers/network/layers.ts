import { LimpidError } from "../errors.js";
import { didYouMean, nearest } from "../suggestions.js";
import { type Graph, isAffineNode, type Node } from "./graph.js";
import { type LayerMap, layerMap } from "./layer-map.js";
import { factsOf } from "./operations/index.js";

/** A layer's name is not in the model, or its own output is not in the graph. */
export class LayerError extends LimpidError {
  constructor(
    readonly layer: string,
    message: string,
    /** Names of layers that may have been meant. */
    readonly candidates: readonly string[] = [],
  ) {
    super(message);
  }

  /** The model has layers of these names, but none of this one. */
  static unknown(layer: string, names: readonly string[]): LayerError {
    const candidates = nearest(layer, names);
    const hint = didYouMean(candidates) || ` Its layers are: ${names.join(", ")}.`;
    return new LayerError(layer, `The model has no layer "${layer}".${hint}`, candidates);
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
  throw LayerError.unknown(layer, names);
}

/**
 * The node of a layer, or of the last map on the way to an output where no layer is named, and what to call it.
 *
 * @throws LayerError
 */
export function chosenLayer(graph: Graph, layer: string | undefined, output = 0): { id: number; name: string } {
  const node = layer === undefined ? lastMap(graph, graph.outputs[output]) : layerNode(graph, layer);
  return { id: node.id, name: lastName(node) };
}

/**
 * The map that the values of a layer lie on.
 *
 * @throws LayerError where its axes do not lie along the input's
 */
export function chosenMap(graph: Graph, { id, name }: { id: number; name: string }): LayerMap {
  const map = layerMap(graph, graph.nodes[id]!);
  if (typeof map !== "string") return map;
  const names = mapLayers(graph);
  const hint = names.length === 0 ? "No layer of this model has one." : `Layers with one are: ${names.join(", ")}.`;
  throw new LayerError(name, `Layer "${name}" cannot be shown on the input: ${map}. ${hint}`);
}

/** Nodes and all that they are computed from. */
export function nodesBefore(graph: Graph, nodes: Iterable<number>): ReadonlySet<number> {
  const before = new Set(nodes);
  for (const { id, inputs } of graph.nodes.toReversed())
    if (before.has(id)) for (const input of inputs) before.add(input);
  return before;
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

/** The nodes at which a way back to these layers ends: the layers themselves, and what is computed from none of them. */
export function endsAt(graph: Graph, layers: readonly string[]): ReadonlySet<number> {
  const ids = layers.map((layer) => chosenLayer(graph, layer).id);
  const above = ids.map((id) => reachedFrom(graph, id));
  const aside = graph.nodes.filter(({ id }) => !above.some((nodes) => nodes.has(id)));
  return new Set([...ids, ...aside.map(({ id }) => id)]);
}

/** Of some layers those that are computed from none of the others. */
export function lowestLayers(graph: Graph, layers: readonly string[]): string[] {
  const ids = layers.map((layer) => chosenLayer(graph, layer).id);
  const above = ids.map((id) => reachedFrom(graph, id));
  return layers.filter((_, at) => !ids.some((id, other) => id !== ids[at] && above[other]!.has(ids[at]!)));
}

/** For each of some layers those of the others from which it is computed without any other of them between, by name. */
export function layersBelow(graph: Graph, layers: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const nameOf = new Map(layers.map((layer) => [chosenLayer(graph, layer).id, layer]));
  return new Map(
    [...nameOf].map(([id, layer]) => {
      const found = new Set<number>();
      const seen = new Set<number>();
      const pending = [...graph.nodes[id]!.inputs];
      for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
        if (seen.has(next)) continue;
        seen.add(next);
        if (nameOf.has(next)) found.add(next);
        else pending.push(...graph.nodes[next]!.inputs);
      }
      return [layer, [...found].toSorted((a, b) => b - a).map((node) => nameOf.get(node)!)];
    }),
  );
}

const lastName = (node: Node): string => node.folded.at(-1) ?? node.name;

/** Names of the layers whose values lie on positions of the input, in order. */
export function mapLayers(graph: Graph): string[] {
  const names = maps(graph).map(lastName);
  return [...new Set(names)].filter((name) => name !== "");
}

function lastMap(graph: Graph, output: number | undefined): Node {
  const above = nodesBefore(graph, output === undefined ? [] : [output]);
  const last = maps(graph).findLast(({ id }) => above.has(id));
  if (last !== undefined) return last;
  throw new LayerError("", "The model has no layer whose values lie on positions of its input: name a layer.");
}

/** What layers with weights, and those after them, computed at more than one place. */
function maps(graph: Graph): Node[] {
  const learned = new Set<number>();
  return graph.nodes.filter((node) => {
    const { id, operation, inputs } = node;
    if (isAffineNode(node) || operation.kind === "lookup" || inputs.some((input) => learned.has(input)))
      learned.add(id);
    if (!learned.has(id) || operation.kind === "rearrange" || factsOf(operation).gates === "always") return false;
    const map = layerMap(graph, node);
    return typeof map !== "string" && map.positions.some(({ size }) => size > 1);
  });
}
