import type { Graph, Node } from "../../network/index.js";
import type { Rule } from "./rule.js";
import { bilinear } from "./rules/bilinear.js";
import { epsilon } from "./rules/epsilon.js";
import { gradientProportional, refuse } from "./rules/gradient.js";
import { norm, signalOf } from "./rules/norm.js";
import { lookup, move, pass } from "./rules/pass.js";
import { gate, isCast, product, sourceOf } from "./rules/product.js";
import { proportional } from "./rules/proportional.js";
import { isSelect, select } from "./rules/select.js";
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
  switch (operation.kind) {
    case "conv2d":
    case "depthwise":
    case "conv2dTranspose":
    case "dense":
      return rules.affine;
    case "scale":
    case "activation":
      return rules.pass;
    case "pool":
    case "reduce":
      return operation.reduce === "max" || operation.reduce === "min" ? rules.winner : rules.proportional;
    case "maximum":
    case "minimum":
      return rules.winner;
    case "sum":
      return signalOf(graph, node) === undefined ? rules.proportional : rules.norm;
    case "resize":
      return rules.proportional;
    case "product":
      if (signalOf(graph, node) !== undefined) return rules.norm;
      return sourceOf(graph, node) === undefined ? rules.product : rules.gate;
    case "quotient":
      return rules.norm;
    case "matmul":
      return rules.bilinear;
    case "softmax":
      return rules.softmax;
    case "lookup":
      return rules.lookup;
    case "concat":
    case "rearrange":
      return rules.move;
    default:
      if (isCast(node)) return rules.pass;
      if (isSelect(node)) return rules.select;
      return fallback === "gradient" ? rules.gradientProportional : rules.refuse;
  }
}
