import * as tf from "@tensorflow/tfjs-core";
import { UnsupportedOperationError } from "../../../errors.js";
import { nodesOfConditions } from "../../../network/conditions.js";
import { factsOf, type Graph, type Node } from "../../../network/index.js";
import { sumTo } from "../../../network/shapes.js";
import type { Rule } from "../rule.js";
import { allTo } from "./norm.js";

/** A product of two sources shares by halves. AttnLRP (Achtibat et al. 2024), eq. 14. */
export function product(): Rule {
  return {
    name: "product",
    form: "product",
    share({ inputs }, R) {
      const half = tf.mul(R, 0.5);
      return { inputs: inputs.map((input) => sumTo(half, input.shape)), terms: [] };
    },
  };
}

/**
 * Of a product of a gate and a source, the source takes all; of a mask and a source, all where it is not masked. Arras et al. 2017, eq. 4. `x · σ(x)` (SiLU) and `x · Φ(x)`
 * (GELU) are such products, and so relevance passes them unchanged.
 *
 * @param options.source which input is the source; by default the one that is not computed by a gating function
 */
export function gate({ source }: { source?: number } = {}): Rule {
  return {
    name: "gate",
    parameters: { ...(source !== undefined && { source }) },
    form: `gate ${source}`,
    share({ graph, node, inputs, bias }, R) {
      const found = source ?? sourceOf(graph, node);
      if (found === undefined) {
        const hint = "Neither or both of its inputs are gates: say which is the source, as in gate({ source: 0 }).";
        throw new UnsupportedOperationError(node.name, node.operation.kind, "The rule gate", hint);
      }
      const isMask = nodesOfConditions(graph).has(node.inputs[1 - found]!);
      if (!isMask || bias === "distribute") return { inputs: allTo(found, inputs, R), terms: [] };
      // What is masked is not there: it keeps what reaches it, as an initial state does.
      return { inputs: allTo(found, inputs, tf.mul(R, tf.cast(tf.notEqual(inputs[1 - found]!, 0), "float32"))) };
    },
  };
}

/**
 * Which factor of a product is its source, the other one being a gate or a mask; `undefined` where neither or both are gates.
 */
export function sourceOf(graph: Graph, node: Node): number | undefined {
  const silent = nodesOfConditions(graph);
  const masks = node.inputs.map((id) => silent.has(id));
  if (masks.length === 2 && masks[0] !== masks[1]) return masks[0] ? 1 : 0;
  const gates = node.inputs.map((id) => isGate(graph, id));
  if (gates.length !== 2 || gates[0] === gates[1]) return undefined;
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
