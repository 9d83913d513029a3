import * as tf from "@tensorflow/tfjs-core";
import { type AffineNode, type Graph, isAffineNode, type Node } from "../../../network/index.js";

const known = new WeakMap<Graph, Recurrence | undefined>();

/** A layer whose weights act on what they have made themselves. */
export interface Recurrence {
  readonly layer: string;
  /** How often they act. */
  readonly steps: number;
}

/** The first recurrent layer of a network, if it has one. */
export function recurrenceOf(graph: Graph): Recurrence | undefined {
  if (!known.has(graph)) known.set(graph, find(graph));
  return known.get(graph);
}

function find({ nodes }: Graph): Recurrence | undefined {
  const alike = new Map<string, AffineNode[]>();
  for (const node of nodes) {
    if (!isAffineNode(node) || node.operation.kind === "scale") continue;
    const key = `${node.name} ${node.operation.kind} ${node.operation.weights.shape}`;
    alike.set(key, [...(alike.get(key) ?? []), node]);
  }
  for (const users of alike.values()) {
    const last = users.at(-1)!;
    const others = users.slice(0, -1).filter((user) => hasWeightsOf(user, last));
    // The nearest one first: of a recurrent layer that is the step before.
    if (others.toReversed().some(({ id }) => isComputedFrom(nodes, last.id, id))) {
      return { layer: last.name, steps: others.length + 1 };
    }
  }
  return undefined;
}

// A layer may reshape its kernel anew at every step: tensors that are apart may hold the same numbers.
const hasWeightsOf = (one: AffineNode, other: AffineNode): boolean =>
  tf.tidy(() => tf.all(tf.equal(one.operation.weights!, other.operation.weights!)).dataSync()[0] === 1);

function isComputedFrom(nodes: readonly Node[], from: number, wanted: number): boolean {
  const seen = new Set<number>();
  const pending = [from];
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    if (id === wanted) return true;
    // Nodes are in topological order.
    if (seen.has(id) || id < wanted) continue;
    seen.add(id);
    pending.push(...nodes[id]!.inputs);
  }
  return false;
}
