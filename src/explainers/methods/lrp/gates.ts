import { conditions, type Graph, type Node } from "../../network/index.js";

/** Activations between two bounds: what they multiply, they let through or not. */
const gating: ReadonlySet<string> = new Set(["sigmoid", "relu6", "clip", "erf", "step"]);

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

export const isCast = ({ operation }: Node): boolean => operation.kind === "unknown" && operation.kernel === "Cast";

/** Whether a node is a gate: a condition or a bounded activation, or its complement, moved or scaled by constants. */
export function isGate(graph: Graph, id: number): boolean {
  let node = graph.nodes[id]!;
  let shifted = false;
  while (node.operation.kind === "rearrange" || node.operation.kind === "scale" || isCast(node)) {
    shifted ||= node.operation.kind === "scale" && node.operation.bias !== null;
    node = graph.nodes[node.inputs[0]!]!;
  }
  const { operation } = node;
  // A mask, or a choice between constants.
  if (operation.kind === "unknown")
    return conditions.has(operation.kernel) || (operation.kernel === "Select" && node.inputs.length === 1);
  // ½(1 + tanh u) is a gate, tanh u alone a source.
  return (
    operation.kind === "activation" && (gating.has(operation.function) || (operation.function === "tanh" && shifted))
  );
}
