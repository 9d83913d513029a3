import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { activate, isAffineNode, type Recording, type Step, vjp } from "../../../network/index.js";
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
    const { operation } = node;
    const difference = tf.sub(recording.value(node.id), reference.value(node.id));
    const [from] = node.inputs;
    if (isAffineNode(node) && operation.kind !== "scale") {
      // Δz± = Σ (w Δa)±, by the sign of each input's whole difference (Shrikumar et al. 2017, section 3.5.1).
      const before = tf.sub(recording.value(from!), reference.value(from!));
      const [up, down] = [tf.relu(before), tf.minimum(before, 0)];
      const plus = weights.map(node, "+", (w) => tf.relu(w));
      const minus = weights.map(node, "-", (w) => tf.minimum(w, 0));
      parts.push({
        plus: tf.add(plus.forward(up), minus.forward(down)),
        minus: tf.add(minus.forward(up), plus.forward(down)),
      });
    } else if (operation.kind === "rearrange" && operation.kernel === "Reshape") {
      const { plus, minus } = parts[from!]!;
      parts.push({ plus: tf.reshape(plus, difference.shape), minus: tf.reshape(minus, difference.shape) });
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

/**
 * DeepLIFT's RevealCancel rule as a propagation step. Multipliers come in pairs, stacked on a new first axis: for the
 * positive and for the negative part of a node's difference. Operations without a rule of their own (pooling, products)
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
      const difference = tf.sub(a, reference.value(from!));
      const plus = weights.map(node, "+", (w) => tf.relu(w));
      const minus = weights.map(node, "-", (w) => tf.minimum(w, 0));
      const up = tf.add(plus.vjp(mPlus, a.shape), minus.vjp(mMinus, a.shape));
      const down = tf.add(minus.vjp(mPlus, a.shape), plus.vjp(mMinus, a.shape));
      const even = tf.mul(tf.add(up, down), 0.5);
      const m = tf.where(tf.greater(difference, 0), up, tf.where(tf.less(difference, 0), down, even));
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
    if (operation.kind === "rearrange" && operation.kernel === "Reshape") {
      return [tf.stack([mPlus, mMinus].map((m) => tf.reshape(m, values.inputs[0]!.shape)))];
    }
    const difference = tf.sub(values.output, reference.value(node.id));
    const m = tf.where(tf.greater(difference, 0), mPlus, mMinus);
    return byRescale(node, m, values).map((part) => part && tf.stack([part, part]));
  };
}
