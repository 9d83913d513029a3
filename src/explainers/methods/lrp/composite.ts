import type { Tensor } from "@tensorflow/tfjs-core";
import { isAffineNode, type Node, type Operation } from "../../network/index.js";
import type { Joint } from "./recurrent/joint.js";
import type { Bias, Rule } from "./rule.js";
import { bilinear } from "./rules/bilinear.js";
import { gradientProportional } from "./rules/gradient.js";
import { proportional } from "./rules/proportional.js";

/** Where a node stands in its model. Layers with weights are convolutions and dense layers, not mere factors. */
export interface Place {
  /** It reads the model's input, with at most reshaping between. */
  readonly first: boolean;
  /** No layer with weights follows it. */
  readonly last: boolean;
  /** How many layers with weights stand before it, in the order of the graph. */
  readonly index: number;
  /** How many layers with weights the model has. */
  readonly count: number;
  /** The rule that applies where the composite gives none. */
  readonly usual: Rule;
}

/** A choice of a rule for every node. */
export interface Composite {
  readonly name: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** The rule of a node; where there is none, the usual one of its operation applies. */
  readonly rule: (node: Node, place: Place) => Rule | undefined;
  /** What becomes of the biases' share, also in layers without weights; by default what the call of `lrp` says. */
  readonly bias?: Bias | undefined;
  /** One rule for whole pre-activations instead of `rule` for their parts: recurrent cells. */
  readonly joint?: Joint | undefined;
  /** What is sent back from a target's unit, from the values of the explained node; by default its value. */
  readonly start?: ((value: Tensor) => Tensor) | undefined;
}

/** How a composite chooses; what comes first decides. */
export interface Choices {
  /** By the layer's name, also of one that was folded into another. A rule that needs weights is for the operation that has some. */
  readonly byName?: Readonly<Record<string, Rule>>;
  /** For layers with weights that read the model's input. */
  readonly first?: Rule | undefined;
  /** For the layers with weights that none follows. */
  readonly last?: Rule | undefined;
  /** For layers with weights, by where they stand. */
  readonly byPlace?: (node: Node, place: Place) => Rule | undefined;
  /** By the kind of operation. */
  readonly byKind?: { readonly [Kind in Operation["kind"]]?: Rule };
  /** By the name of the rule that would apply otherwise: `{ winner: proportional() }`. */
  readonly instead?: Readonly<Record<string, Rule>>;
  /** The rule of all other layers with weights, or a composite for all that is left. */
  readonly otherwise?: Rule | Composite;
  /** What keeps the denominators of averages, sums and products from 0; default 1e-6. */
  readonly guard?: number | undefined;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly bias?: Bias | undefined;
  readonly joint?: Joint;
  readonly start?: Composite["start"];
}

/**
 * A composite of one's own. Nodes for which nothing is chosen have the usual rule of their operation.
 *
 * @example
 * // Batch norms that stay beside their layer pass, max pools share in proportion, the pixels get the flat rule.
 * const mine = composite("mine", {
 *   first: flat(),
 *   byKind: { scale: pass() },
 *   instead: { winner: proportional() },
 *   otherwise: epsilonPlus(),
 * });
 */
export function composite(name: string, choices: Choices): Composite {
  const { byName = {}, first, last, byPlace, byKind = {}, otherwise, guard, parameters = {}, ...rest } = choices;
  const base = otherwise !== undefined && "rule" in otherwise ? otherwise : undefined;
  const rule = otherwise !== undefined && "share" in otherwise ? otherwise : undefined;
  const instead: Readonly<Record<string, Rule>> = { ...(guard !== undefined && guarded(guard)), ...choices.instead };
  return {
    bias: base?.bias,
    joint: base?.joint,
    start: base?.start,
    ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)),
    name,
    parameters: { ...base?.parameters, ...parameters },
    rule(node, place) {
      const isFit = (chosen: Rule | undefined): chosen is Rule =>
        chosen !== undefined && (chosen.weighted !== true || isAffineNode(node));
      const named = [node.name, ...node.folded].map((name) => byName[name]).find(isFit);
      if (named !== undefined) return named;
      if (isLayer(node) && place.first && first !== undefined) return first;
      if (isLayer(node) && place.last && last !== undefined) return last;
      return (
        (isLayer(node) ? byPlace?.(node, place) : undefined) ??
        byKind[node.operation.kind] ??
        instead[place.usual.name] ??
        base?.rule(node, place) ??
        (isLayer(node) ? rule : undefined)
      );
    },
  };
}

/** The rules that share by quotients, with their denominators kept from 0 by `epsilon`. */
const guarded = (epsilon: number): Readonly<Record<string, Rule>> => ({
  proportional: proportional({ epsilon }),
  bilinear: bilinear({ epsilon }),
  gradientProportional: gradientProportional({ epsilon }),
});

/** Whether a node is a layer with weights of its own: a factor or a batch norm that could not be folded is none. */
export const isLayer = (node: Node): boolean => isAffineNode(node) && node.operation.kind !== "scale";

export const isConvolution = (node: Node): boolean => isLayer(node) && node.operation.kind !== "dense";
