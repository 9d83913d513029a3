import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import {
  type AffineNode,
  activate,
  factsOf,
  forward,
  isAffine,
  isAffineNode,
  type LinearMap,
  linearPart,
  type Node,
  type Recording,
  type Step,
  vjp,
  type Weights,
} from "../../../network/index.js";
import { ratio, rescale } from "./rescale.js";

/** The difference to the reference at a node's output, by the sign of what contributed: `plus + minus = Δ`. */
export interface Parts {
  readonly plus: Tensor;
  readonly minus: Tensor;
}

/** The parts of every node's difference, by node id; to be called inside `tidy`. */
export function differenceParts(recording: Recording, reference: Recording): Parts[] {
  const { graph, weights } = recording;
  const parts: Parts[] = [];
  for (const node of graph.nodes) {
    if (graph.given?.has(node.id) === true) {
      // The same in both, be it numbers or conditions.
      const none = tf.zeros(recording.value(node.id).shape);
      parts.push({ plus: none, minus: none });
      continue;
    }
    const { operation } = node;
    const difference = tf.sub(asNumbers(recording.value(node.id)), asNumbers(reference.value(node.id)));
    const [from] = node.inputs;
    if (operation.kind === "scale") {
      const [plus, minus] = signed(node as AffineNode, weights);
      const before = parts[from!]!;
      parts.push({
        plus: tf.add(plus.forward(before.plus), minus.forward(before.minus)),
        minus: tf.add(plus.forward(before.minus), minus.forward(before.plus)),
      });
    } else if (isAffineNode(node)) {
      // Δz± = Σ (w Δa)±, by the sign of each input's whole difference (Shrikumar et al. 2017, section 3.5.1).
      const before = tf.sub(recording.value(from!), reference.value(from!));
      const [up, down] = [tf.relu(before), tf.minimum(before, 0)];
      const [plus, minus] = signed(node, weights);
      parts.push({
        plus: tf.add(plus.forward(up), minus.forward(down)),
        minus: tf.add(minus.forward(up), plus.forward(down)),
      });
    } else if (passesParts(node)) {
      const before = node.inputs.map((id, index) => {
        const { plus, minus } = parts[id]!;
        return isSubtracted(node, index) ? { plus: minus, minus: plus } : { plus, minus };
      });
      const sent = (side: keyof Parts) =>
        forward(
          { ...node, operation: linearPart(operation) },
          before.map((part) => part[side]),
          weights,
        );
      parts.push({ plus: sent("plus"), minus: sent("minus") });
    } else if (operation.kind === "activation") {
      const { plus, minus } = activated(recording, reference, node.id, parts[from!]!);
      parts.push({ plus, minus });
    } else parts.push({ plus: tf.relu(difference), minus: tf.minimum(difference, 0) });
  }
  return parts;
}

/** `Δy⁺ = ½(f(x'+Δ⁺) − f(x') + f(x'+Δ⁺+Δ⁻) − f(x'+Δ⁻))`, `Δy⁻` likewise (section 3.5.2). */
function activated(recording: Recording, reference: Recording, id: number, { plus, minus }: Parts): Parts {
  const node = recording.graph.nodes[id]!;
  const { operation } = node;
  if (operation.kind !== "activation") throw new Error(`${operation.kind} is no activation`);
  const x0 = reference.value(node.inputs[0]!);
  const [y, y0] = [recording.value(id), reference.value(id)];
  const withPlus = activate(operation, tf.add(x0, plus));
  const withMinus = activate(operation, tf.add(x0, minus));
  return {
    plus: tf.mul(tf.add(tf.sub(withPlus, y0), tf.sub(y, withMinus)), 0.5),
    minus: tf.mul(tf.add(tf.sub(withMinus, y0), tf.sub(y, withPlus)), 0.5),
  };
}

/** The map of an affine node with its positive weights alone, and with its negative ones. */
const signed = (node: AffineNode, weights: Weights): readonly [LinearMap, LinearMap] => [
  weights.map(node, "+", (w) => tf.relu(w)),
  weights.map(node, "-", (w) => tf.minimum(w, 0)),
];

/** Conditions count as 0 and 1. */
const asNumbers = (x: Tensor): Tensor => tf.cast(x, "float32");

/** Whether a node moves or adds up what it gets, so that it hands on both parts as they are. */
const passesParts = ({ operation }: Node): boolean => !isAffine(operation) && factsOf(operation).linear === true;

/** What is subtracted counts with the other sign. */
const isSubtracted = ({ operation }: Node, index: number): boolean =>
  operation.kind === "sum" && operation.signs[index] === -1;

/** Below this share of a sample's largest value a difference is rounding. */
const ROUNDING = 1e-5;

/** `up` where `value` is above `before`, `down` where it is below, and halves of both where they are the same up to rounding. */
function bySign(value: Tensor, before: Tensor, up: Tensor, down: Tensor): Tensor {
  const axes = value.shape.map((_, axis) => axis).slice(1);
  const difference = tf.sub(value, before);
  const least = tf.mul(tf.max(tf.maximum(tf.abs(value), tf.abs(before)), axes, true), ROUNDING);
  const even = tf.mul(tf.add(up, down), 0.5);
  return tf.where(tf.greater(difference, least), up, tf.where(tf.less(difference, tf.neg(least)), down, even));
}

/**
 * DeepLIFT's RevealCancel rule as a propagation step. Multipliers come in pairs, stacked on a new first axis: for the
 * positive and for the negative part of a node's difference. Operations without a rule of their own (max pooling, products)
 * take the multiplier of the sign of the whole difference and go on by the Rescale rule.
 */
export function revealCancel(recording: Recording, reference: Recording, parts: readonly Parts[]): Step {
  const { weights } = recording;
  const byRescale = rescale(recording, reference);
  return (node, pair, values) => {
    const [mPlus, mMinus] = tf.unstack(pair) as [Tensor, Tensor];
    const [from] = node.inputs;
    const { operation } = node;
    if (isAffineNode(node) && operation.kind !== "scale") {
      const a = values.inputs[0]!;
      const [plus, minus] = signed(node, weights);
      const up = tf.add(plus.vjp(mPlus, a.shape), minus.vjp(mMinus, a.shape));
      const down = tf.add(minus.vjp(mPlus, a.shape), plus.vjp(mMinus, a.shape));
      const m = bySign(a, reference.value(from!), up, down);
      return [tf.stack([m, m])];
    }
    if (operation.kind === "activation") {
      const before = parts[from!]!;
      const after = parts[node.id]!;
      const slope = () => vjp(node, tf.onesLike(values.output), values, weights)[0]!;
      return [
        tf.stack([
          tf.mul(mPlus, ratio(after.plus, before.plus, slope)),
          tf.mul(mMinus, ratio(after.minus, before.minus, slope)),
        ]),
      ];
    }
    if (operation.kind === "scale") {
      const { shape } = values.inputs[0]!;
      const [plus, minus] = signed(node as AffineNode, weights);
      return [
        tf.stack([
          tf.add(plus.vjp(mPlus, shape), minus.vjp(mMinus, shape)),
          tf.add(plus.vjp(mMinus, shape), minus.vjp(mPlus, shape)),
        ]),
      ];
    }
    if (passesParts(node)) {
      const [ofPlus, ofMinus] = [vjp(node, mPlus, values, weights), vjp(node, mMinus, values, weights)];
      return node.inputs.map((_, index) => {
        const own = [ofPlus[index]!, ofMinus[index]!];
        return tf.stack(isSubtracted(node, index) ? own.reverse() : own);
      });
    }
    const m = bySign(asNumbers(values.output), asNumbers(reference.value(node.id)), mPlus, mMinus);
    return byRescale(node, m, values).map((part) => part && tf.stack([part, part]));
  };
}
