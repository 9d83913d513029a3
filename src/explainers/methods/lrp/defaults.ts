import { type Graph, type Node, relevanceOf } from "../../network/index.js";
import type { Rule } from "./rule.js";
import { bilinear } from "./rules/bilinear.js";
import { epsilon } from "./rules/epsilon.js";
import { gradientProportional, refuse } from "./rules/gradient.js";
import { norm, signalOf } from "./rules/norm.js";
import { lookup, move, pass } from "./rules/pass.js";
import { gate, product, sourceOf } from "./rules/product.js";
import { proportional } from "./rules/proportional.js";
import { select } from "./rules/select.js";
import { softmax } from "./rules/softmax.js";
import { winner } from "./rules/winner.js";

/* The rules that apply where a composite gives none. They are made once, so that they are the same for every explanation. */
const rules = {
  affine: epsilon(),
  pass: pass(),
  move: move(),
  proportional: proportional(),
  winner: winner(),
  norm: norm(),
  gate: gate(),
  product: product(),
  softmax: softmax(),
  bilinear: bilinear(),
  lookup: lookup(),
  select: select(),
  gradientProportional: gradientProportional(),
  refuse: refuse(),
} satisfies Record<string, Rule>;

/**
 * The rule of a node for which a composite gives none.
 *
 * @param fallback what becomes of an operation that no rule covers: by default it is refused by name
 */
export function usualRule(graph: Graph, node: Node, fallback: "gradient" | undefined): Rule {
  const { operation } = node;
  const relevance = relevanceOf(operation);
  switch (relevance) {
    case "affine":
      return operation.kind === "scale" ? rules.pass : rules.affine;
    case "proportional":
      return signalOf(graph, node) === undefined ? rules.proportional : rules.norm;
    case "product":
      if (signalOf(graph, node) !== undefined) return rules.norm;
      return sourceOf(graph, node) === undefined ? rules.product : rules.gate;
    case "quotient":
      return rules.norm;
    case "unknown":
      return fallback === "gradient" ? rules.gradientProportional : rules.refuse;
    default:
      return rules[relevance];
  }
}
