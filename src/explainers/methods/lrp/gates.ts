import { factsOf, type Graph, type Node } from "../../network/index.js";

/**
 * Which factor of a product is its source, the other one being a gate: of both, the source takes all (Arras et al. 2017,
 * eq. 4). `x · σ(x)` (SiLU) and `x · Φ(x)` (GELU) are such products, and so relevance passes them unchanged. `undefined`
 * where neither or both are gates.
 */
export function sourceOf(graph: Graph, node: Node): number | undefined {
  const gates = node.inputs.map((id) => isGate(graph, id));
  if (gates[0] === gates[1]) return undefined;
  return gates[0] ? 1 : 0;
}

/** Whether a node is a gate: a condition or a bounded activation, or its complement, moved or scaled by constants. */
export function isGate(graph: Graph, id: number): boolean {
  let node = graph.nodes[id]!;
  let shifted = false;
  while (node.operation.kind === "rearrange" || node.operation.kind === "scale" || node.operation.kind === "cast") {
    shifted ||= node.operation.kind === "scale" && node.operation.bias !== null;
    node = graph.nodes[node.inputs[0]!]!;
  }
  const { gates } = factsOf(node.operation);
  return gates === "always" || (gates === "shifted" && shifted);
}
