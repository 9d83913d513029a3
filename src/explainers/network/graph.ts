import { type Affine, isAffine, type Operation } from "./operations/index.js";

/**
 * The canonical graph: what a model computes from its input, in the few kinds of operation that explanation methods
 * tell apart. Weights are inside the operations; activations are not (a `Recording` holds those), so one graph serves
 * every input of the same shape, at any batch size.
 */
export interface Graph {
  /** In topological order; `nodes[i].id === i`. */
  readonly nodes: readonly Node[];
  /** Ids of the input nodes, one per input of the model. */
  readonly inputs: readonly number[];
  /** Ids of the explained outputs (logits where the model ends in a softmax or sigmoid), one per output of the model. */
  readonly outputs: readonly number[];
  /** What was dropped behind each output: the outputs of `nodes` are probabilities only after it. */
  readonly tails: readonly Tail[];
  /** The axis of the classes of each output, along which a softmax was taken: the last one, unless channels come first. */
  readonly tailAxes: readonly number[];
  /** Nodes that are taken as they are: numbers of words and their masks, of a graph seen from its embeddings. Nothing is sent to them. */
  readonly given?: ReadonlySet<number>;
  /** The batch size at which the graph was traced. */
  readonly batch: number;
}

/** The function between an explained output and the model's own output. */
export type Tail = "linear" | "softmax" | "logSoftmax" | "sigmoid";

export interface Node {
  readonly id: number;
  /** The layer's name in the model (`block/conv` in a nested model), or the kernel's name in a plain function. */
  readonly name: string;
  /** Names of the layers (batch norm, say) that were folded into this node. */
  readonly folded: readonly string[];
  readonly operation: Operation;
  readonly inputs: readonly number[];
  /** Shape at tracing time, batch first. */
  readonly shape: readonly number[];
}

/** A node that is `z = w·a + b`. */
export type AffineNode = Node & { readonly operation: Affine };

export const isAffineNode = (node: Node): node is AffineNode => isAffine(node.operation);

/** Ids of the nodes that read each node. */
export function consumersOf(nodes: readonly Node[]): number[][] {
  const consumers: number[][] = nodes.map(() => []);
  for (const node of nodes) for (const input of node.inputs) consumers[input]!.push(node.id);
  return consumers;
}
