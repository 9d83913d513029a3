import { consumersOf, type Graph, type Node } from "../../../network/index.js";
import { sameShape } from "../../../network/shapes.js";

/**
 * A pre-activation `z = Σ_k W_k a_k + b` as a recurrent cell computes it stands in several nodes: input and recurrent
 * weights, their sum, the bias, the cut into gates. Its root is the last of them; the others are inside it. At a cell's
 * first step one part of what was cut may meet a sum while another is a pre-activation already: a cut is its root, then.
 */
export interface PreActivations {
  readonly isRoot: (node: Node) => boolean;
  readonly isInside: (id: number) => boolean;
  /** How many lower units feed a pre-activation, by its root. */
  readonly units: (root: Node) => number;
  /** The nodes through which lower units enter, with how many of them enter there. */
  readonly entries: (root: Node) => Entry[];
}

export interface Entry {
  /** The node that reads the units. */
  readonly node: Node;
  /** Which of its inputs they are. */
  readonly input: number;
  readonly count: number;
}

const isSum = ({ operation }: Node): boolean =>
  operation.kind === "sum" || (operation.kind === "scale" && operation.weights === null);
const isLinear = (node: Node): boolean => isSum(node) || node.operation.kind === "dense";
const isCut = ({ operation }: Node): boolean => operation.kind === "rearrange";

/** Whether a cut takes some of the last axis. */
const isPart = (cut: Node, of: Node): boolean =>
  cut.shape.length === of.shape.length && sameShape(cut.shape.slice(0, -1), of.shape.slice(0, -1));

/** Finds the pre-activations of a graph. */
export function preActivations(graph: Graph): PreActivations {
  const consumers = consumersOf(graph.nodes);
  const outputs = new Set(graph.outputs);
  // From the outputs down: what is read by sums alone may be inside; then up: a cut of something that is not, is not.
  const candidate: boolean[] = [];
  for (const node of [...graph.nodes].reverse()) {
    const readers = consumers[node.id]!.map((id) => graph.nodes[id]!);
    candidate[node.id] =
      (isLinear(node) || isCut(node)) &&
      !outputs.has(node.id) &&
      readers.length > 0 &&
      (readers.every((reader) => isSum(reader) || (isCut(reader) && candidate[reader.id] === true)) ||
        (isLinear(node) &&
          readers.every((reader) => isCut(reader) && isPart(reader, node)) &&
          readers.some((reader) => candidate[reader.id])));
  }
  const inside: boolean[] = [];
  for (const node of graph.nodes) {
    inside[node.id] = candidate[node.id]! && (!isCut(node) || inside[node.inputs[0]!]!);
  }
  const isRoot = (node: Node): boolean =>
    !inside[node.id] && (isLinear(node) || (isCut(node) && inside[node.inputs[0]!]!));

  const entries = (root: Node): Entry[] => {
    const found = new Map<string, Entry>();
    const visit = (node: Node): void => {
      node.inputs.forEach((id, input) => {
        if (node.operation.kind !== "dense" && inside[id]) visit(graph.nodes[id]!);
        else found.set(`${node.id}:${input}`, { node, input, count: graph.nodes[id]!.shape.at(-1)! });
      });
    };
    visit(root);
    return [...found.values()];
  };
  const count = (root: Node): number => entries(root).reduce((sum, entry) => sum + entry.count, 0);
  // At a cell's first step the initial state is a constant and in no node: the later steps tell how many units it has.
  const kindOf = (root: Node): string =>
    `${root.name}:${root.shape.at(-1)}:${entries(root).some(({ node }) => node.operation.kind === "dense")}`;
  const most = new Map<string, number>();
  for (const root of graph.nodes.filter(isRoot)) {
    const kind = kindOf(root);
    most.set(kind, Math.max(most.get(kind) ?? 0, count(root)));
  }
  return { isRoot, isInside: (id) => inside[id]!, units: (root) => most.get(kindOf(root))!, entries };
}
