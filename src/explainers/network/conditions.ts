import type { Graph } from "./graph.js";
import { isCondition } from "./operations/unknown.js";

const known = new WeakMap<Graph, ReadonlySet<number>>();

/**
 * The nodes that no number of the input comes through, only what conditions say of it: masks, how many words a mask counts, what
 * stands in the place of what is masked. Like biases they are no part of the input.
 */
export function nodesOfConditions(graph: Graph): ReadonlySet<number> {
  let found = known.get(graph);
  if (found === undefined) {
    const silent = new Set<number>();
    for (const { id, operation, inputs } of graph.nodes) {
      if (operation.kind === "input") continue;
      if (isCondition(operation) || inputs.every((input) => silent.has(input))) silent.add(id);
    }
    found = silent;
    known.set(graph, found);
  }
  return found;
}
