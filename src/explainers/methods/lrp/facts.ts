import { consumersOf, factsOf, type Graph, type Node, relevanceOf } from "../../network/index.js";
import type { Bias, Rule } from "./rule.js";

/** Which nodes are known to have no negative value. */
export function nonNegativeNodes(graph: Graph): boolean[] {
  const known: boolean[] = [];
  for (const { id, operation, inputs } of graph.nodes) {
    const { nonNegative } = factsOf(operation);
    const kept = inputs.length > 0 && inputs.every((input) => known[input]);
    known[id] = nonNegative === "always" || (nonNegative === "kept" && kept);
  }
  return known;
}

/** Whether an input of 0 that goes unchanged, or wins, makes an output of 0. */
function keepsZero({ operation }: Node): boolean {
  switch (relevanceOf(operation)) {
    case "winner":
    case "move":
      return true;
    default:
      return factsOf(operation).zeroToZero === true;
  }
}

/**
 * Which nodes get no relevance where their value is at most 0: a ReLU follows, and what is behind it gives nothing to
 * inputs of 0.
 */
export function gatedNodes(
  graph: Graph,
  chosen: ReadonlyMap<number, { readonly rule: Rule; readonly bias: Bias }>,
  { start, startsProportional, isOpen }: { start: number; startsProportional: boolean; isOpen: boolean },
): boolean[] {
  if (isOpen) return graph.nodes.map(() => false);
  const consumers = consumersOf(graph.nodes);
  // vanishes[n]: no relevance arrives at n where its value is 0.
  const vanishes: boolean[] = [];
  const gated: boolean[] = [];
  for (const { id } of graph.nodes.toReversed()) {
    const readers = consumers[id]!.map((reader) => graph.nodes[reader]!);
    vanishes[id] = (id !== start || startsProportional) && readers.every((reader) => givesNothingToZero(reader));
    gated[id] =
      id !== start &&
      readers.length > 0 &&
      readers.every(
        ({ id, operation }) =>
          factsOf(operation).rectifies === true && chosen.get(id)!.rule.zero === "passes" && vanishes[id] === true,
      );
  }
  return gated;

  function givesNothingToZero(reader: Node): boolean {
    const { rule, bias } = chosen.get(reader.id)!;
    if (rule.zero === "nothing") return bias !== "distribute";
    return rule.zero === "passes" && keepsZero(reader) && vanishes[reader.id]!;
  }
}
