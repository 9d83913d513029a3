import { consumersOf, type Graph, type Node } from "../../network/index.js";
import type { Bias, Rule } from "./rule.js";

/** Which nodes are known to have no negative value. */
export function nonNegativeNodes(graph: Graph): boolean[] {
  const known: boolean[] = [];
  for (const { id, operation, inputs } of graph.nodes) {
    const all = inputs.length > 0 && inputs.every((input) => known[input]);
    switch (operation.kind) {
      case "activation":
        known[id] =
          ["relu", "relu6", "sigmoid", "softplus", "exp", "square", "abs", "sqrt", "rsqrt"].includes(
            operation.function,
          ) ||
          (operation.function === "clip" && (all || operation.bounds![0] >= 0)) ||
          (["leakyRelu", "prelu", "elu", "selu", "tanh"].includes(operation.function) && all);
        break;
      case "softmax":
        known[id] = true;
        break;
      case "sum":
        known[id] = all && operation.signs.every((sign) => sign === 1);
        break;
      case "pool":
      case "reduce":
      case "concat":
      case "resize":
      case "rearrange":
      case "product":
      case "maximum":
      case "minimum":
        known[id] = all;
        break;
      default:
        known[id] = false;
    }
  }
  return known;
}

/** Activations that are 0 at 0. */
const zeroAtZero: ReadonlySet<string> = new Set(["relu", "relu6", "leakyRelu", "prelu", "elu", "selu", "tanh"]);

/** Whether an input of 0 that goes unchanged, or wins, makes an output of 0. */
function keepsZero({ operation }: Node): boolean {
  switch (operation.kind) {
    case "activation":
      return zeroAtZero.has(operation.function);
    case "scale":
      return operation.bias === null;
    case "pool":
    case "reduce":
      return operation.reduce === "max" || operation.reduce === "min";
    case "rearrange":
    case "concat":
      return true;
    default:
      return false;
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
          operation.kind === "activation" &&
          (operation.function === "relu" || operation.function === "relu6") &&
          chosen.get(id)!.rule.zero === "passes" &&
          vanishes[id] === true,
      );
  }
  return gated;

  function givesNothingToZero(reader: Node): boolean {
    const { rule, bias } = chosen.get(reader.id)!;
    if (rule.zero === "nothing") return bias !== "distribute";
    return rule.zero === "passes" && keepsZero(reader) && vanishes[reader.id]!;
  }
}
