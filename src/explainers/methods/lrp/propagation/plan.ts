import type { Graph, Node } from "../../../network/index.js";
import type { Cast } from "../../../network/operations/cast.js";
import { type Composite, isLayer, type Place } from "../composite.js";
import { usualRule } from "../defaults.js";
import { gatedNodes, nonNegativeNodes } from "../facts.js";
import type { Facts } from "../layer.js";
import type { Bias, Rule } from "../rule.js";

/** What a composite does at a node. */
export interface Choice {
  readonly rule: Rule;
  readonly bias: Bias;
  readonly facts: Facts;
}

export interface PlanOptions {
  readonly composite: Composite;
  readonly bias: Bias;
  readonly fallback: "gradient" | undefined;
  /** Where relevance starts. */
  readonly start: number;
  /** Whether a unit whose value is 0 has no relevance at the start. */
  readonly startsProportional: boolean;
  /** Whether relevance may arise on its way, so that nothing is known about where it is 0. */
  readonly isOpen: boolean;
}

/** The rule, the use of the bias and what is known about the values, for every node of a graph that passes relevance on. */
export function plan(graph: Graph, options: PlanOptions): Map<number, Choice> {
  const { composite, bias, fallback } = options;
  const places = placesOf(graph);
  const chosen = new Map<number, { rule: Rule; bias: Bias }>();
  for (const node of graph.nodes) {
    if (node.operation.kind === "input") continue;
    const usual = usualRule(graph, node, fallback);
    const rule = composite.rule(node, { ...places[node.id]!, usual }) ?? usual;
    chosen.set(node.id, { rule, bias: rule.bias ?? bias });
  }
  const nonNegative = nonNegativeNodes(graph);
  const gated = gatedNodes(graph, chosen, options);
  return new Map(
    [...chosen].map(([id, choice]) => {
      const facts = { nonNegative: nonNegative[graph.nodes[id]!.inputs[0]!]!, gated: gated[id]! };
      return [id, { ...choice, facts }];
    }),
  );
}

/** By node. */
function placesOf(graph: Graph): Omit<Place, "usual">[] {
  const { nodes } = graph;
  const isFollowed: boolean[] = nodes.map(() => false);
  for (const node of nodes.toReversed()) {
    const follows = isFollowed[node.id]! || isLayer(node);
    if (follows) for (const id of node.inputs) isFollowed[id] = true;
  }
  const readsInput: boolean[] = [];
  let index = 0;
  const count = nodes.filter(isLayer).length;
  return nodes.map((node) => {
    const source = nodes[node.inputs[0] ?? node.id]!;
    const first = source.operation.kind === "input" || (isSameNumbers(source) && readsInput[source.id]!);
    readsInput[node.id] = first;
    const place = { first, last: !isFollowed[node.id]!, index, count };
    if (isLayer(node)) index++;
    return place;
  });
}

/** Whether a node gives the numbers that it gets: in another shape, or integers as floats. */
const isSameNumbers = ({ operation }: Node): boolean =>
  operation.kind === "rearrange" || (operation.kind === "cast" && (operation as Cast).dtype === "float32");
