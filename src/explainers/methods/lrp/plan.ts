import {
  type AffineNode,
  consumersOf,
  factsOf,
  type Graph,
  isAffineNode,
  type Node,
  relevanceOf,
} from "../../network/index.js";
import type { Composite, Place } from "./composite.js";
import type { Facts } from "./layer.js";
import { signalOf } from "./normalizers.js";
import type { Bias, Rule } from "./rule.js";

/** What a composite does at an affine node. */
export interface Choice {
  readonly rule: Rule;
  readonly bias: Bias;
  readonly facts: Facts;
}

/** The rule, the use of the bias and what is known about the values, for every affine node of a graph. */
export function plan(graph: Graph, composite: Composite, bias: Bias, seedIsOutput: boolean): Map<number, Choice> {
  const affine = graph.nodes.filter(isAffineNode);
  const weighted = affine.filter(({ operation }) => operation.kind !== "scale");
  const consumers = consumersOf(graph.nodes);
  const nonNegative = nonNegativeNodes(graph);
  const choices = new Map(
    affine.map((node): [number, { rule: Rule; bias: Bias }] => {
      const rule = composite.rule(node, placeOf(graph, node, weighted, consumers));
      return [node.id, { rule, bias: rule.bias ?? bias }];
    }),
  );
  const gated = gatedNodes(graph, choices, bias, seedIsOutput, consumers);
  return new Map(
    affine.map((node) => [
      node.id,
      { ...choices.get(node.id)!, facts: { nonNegative: nonNegative[node.inputs[0]!]!, gated: gated[node.id]! } },
    ]),
  );
}

function placeOf(graph: Graph, node: AffineNode, weighted: readonly AffineNode[], consumers: number[][]): Place {
  let source = graph.nodes[node.inputs[0]!]!;
  while (source.operation.kind === "rearrange") source = graph.nodes[source.inputs[0]!]!;
  const position = weighted.indexOf(node);
  return {
    first: source.operation.kind === "input",
    last: !reaches(graph, node, consumers, (other) => isAffineNode(other) && other.operation.kind !== "scale"),
    index: Math.max(position, 0),
    count: weighted.length,
  };
}

function reaches(graph: Graph, from: Node, consumers: number[][], found: (node: Node) => boolean): boolean {
  const pending = [...consumers[from.id]!];
  const seen = new Set<number>();
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    if (found(graph.nodes[id]!)) return true;
    pending.push(...consumers[id]!);
  }
  return false;
}

/** Which nodes are known to have no negative value. */
function nonNegativeNodes(graph: Graph): boolean[] {
  const known: boolean[] = [];
  for (const { id, operation, inputs } of graph.nodes) {
    const { nonNegative } = factsOf(operation);
    const kept = inputs.length > 0 && inputs.every((input) => known[input]);
    known[id] = nonNegative === "always" || (nonNegative === "kept" && kept);
  }
  return known;
}

/**
 * Which nodes get no relevance where their value is at most 0: a ReLU follows, and what is behind it gives nothing to
 * inputs of 0.
 */
function gatedNodes(
  graph: Graph,
  choices: ReadonlyMap<number, { rule: Rule; bias: Bias }>,
  bias: Bias,
  seedIsOutput: boolean,
  consumers: number[][],
): boolean[] {
  // vanishes[n]: no relevance arrives at n where its value is 0.
  const vanishes: boolean[] = [];
  const gated: boolean[] = [];
  const outputs = new Set(graph.outputs);
  for (const node of [...graph.nodes].reverse()) {
    const readers = consumers[node.id]!.map((id) => graph.nodes[id]!);
    vanishes[node.id] =
      (!outputs.has(node.id) || seedIsOutput) && readers.every((reader) => givesNothingToZero(reader));
    gated[node.id] =
      !outputs.has(node.id) &&
      readers.length > 0 &&
      readers.every(({ id, operation }) => factsOf(operation).rectifies === true && vanishes[id] === true);
  }
  return gated;

  function givesNothingToZero(reader: Node): boolean {
    const { operation, id } = reader;
    if (isAffineNode(reader)) {
      const { rule, bias: ruleBias } = choices.get(id)!;
      if (rule.name === "pass") return reader.operation.bias === null && vanishes[id]!;
      return rule.proportional && ruleBias !== "distribute";
    }
    switch (relevanceOf(operation)) {
      case "pass":
        return vanishes[id]! && factsOf(operation).zeroToZero === true;
      case "winner":
      case "move":
        return vanishes[id]!;
      case "proportional":
        return bias !== "distribute" && signalOf(graph, reader) === undefined;
      default:
        return false;
    }
  }
}
