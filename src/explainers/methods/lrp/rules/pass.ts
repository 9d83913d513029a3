import * as tf from "@tensorflow/tfjs-core";
import { UnsupportedOperationError } from "../../../errors.js";
import { factsOf, linearPart, type Operation } from "../../../network/index.js";
import { sumTo } from "../../../network/shapes.js";
import type { Rule } from "../rule.js";

/**
 * Pass: relevance goes through unchanged, `R_i = R_j`; for nodes with one input per output, whatever their function: it has
 * no other share. Bach et al. 2015; the identity rule of AttnLRP (Achtibat et al. 2024).
 */
export function pass(): Rule {
  return {
    name: "pass",
    zero: "passes",
    form: "pass",
    share({ a, inputs, node }, R) {
      if (inputs.length !== 1 || !isBroadcast(a.shape, R.shape)) {
        const hint = "It is for one input per output: let the composite choose another one here.";
        throw new UnsupportedOperationError(node.name, node.operation.kind, "The rule pass", hint);
      }
      return { inputs: sumTo(R, a.shape), terms: [] };
    },
  };
}

/** Whether `shape` broadcasts to `to`. */
const isBroadcast = (shape: readonly number[], to: readonly number[]): boolean =>
  shape.length <= to.length && shape.every((size, axis) => size === 1 || size === to[to.length - shape.length + axis]);

/**
 * Move: relevance goes where the entry came from, through reshapes, slices, transposes and concatenations. Entries that came
 * from nowhere keep theirs, zeros of padding as empty, constants (a class token, say) as a bias; with `"distribute"` the
 * sample's others have it.
 */
export function move(): Rule {
  return {
    name: "move",
    zero: "passes",
    form: "move",
    share(layer, R) {
      const { node } = layer;
      const { operation } = node;
      const { inserts } = factsOf(operation);
      const isWhole = !inserts && (operation.kind === "concat" || layer.bias === "distribute");
      if (isWhole) return { inputs: layer.vjp(R), terms: [] };
      const constant = linearPart(operation);
      if (constant === operation || isZero(operation)) return { inputs: layer.vjp(R) };
      // 1 where an entry came from an input, 0 where it is a constant.
      const moved = layer.like(
        { ...node, operation: constant },
        layer.inputs.map((input) => tf.onesLike(input)),
      ).z;
      const kept = tf.mul(R, tf.sub(1, moved));
      return { inputs: layer.vjp(R), terms: [{ s: kept, bias: tf.scalar(1), stabilizer: 0 }] };
    },
  };
}

const isZero = (operation: Operation): boolean =>
  operation.kind === "rearrange" && !operation.attributes["constantValue"];

/** Lookup: a word has what the entries of its vector have. */
export function lookup(): Rule {
  return {
    name: "lookup",
    form: "lookup",
    share({ a }, R) {
      const entries = R.shape.map((_, axis) => axis).slice(a.rank);
      return { inputs: tf.sum(R, entries), terms: [] };
    },
  };
}
