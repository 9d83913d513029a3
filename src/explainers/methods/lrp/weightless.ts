import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { UnsupportedOperationError } from "../../errors.js";
import { forward, type Graph, type Node, nameOf, type Values, vjp, type Weights } from "../../network/index.js";
import { sumTo } from "../../network/shapes.js";
import * as attention from "./attention.js";
import { distribute, recover, recoverAll } from "./distribute.js";
import { sourceOf } from "./gates.js";
import { signalOf } from "./normalizers.js";
import type { Passed } from "./passed.js";
import { type Bias, stabilizerOf } from "./rule.js";
import { select } from "./select.js";

export interface WeightlessOptions {
  readonly epsilon: number;
  readonly bias: Bias;
  readonly fallback: "gradient" | undefined;
  readonly activations: "pass" | "gradient";
  readonly maxPool: "winner-take-all" | "proportional";
}

/** Relevance through activations, pooling, sums, concatenations, reshapes, gates and normalizations. */
export function weightless(
  graph: Graph,
  node: Node,
  R: Tensor,
  values: Values,
  weights: Weights,
  { epsilon, bias, fallback, activations, maxPool }: WeightlessOptions,
): Passed {
  const { operation } = node;
  const signal = signalOf(graph, node);
  if (signal !== undefined) return allTo(signal);
  switch (operation.kind) {
    case "activation":
      // One input per output: whatever the function, its share is all there is (Bach et al. 2015; AttnLRP's identity rule).
      if (activations === "pass") return { inputs: [R], terms: [], whole: true };
      return { inputs: vjp(node, R, values, weights), terms: [], whole: false };
    case "pool":
    case "reduce":
      if (operation.reduce !== "max" && operation.reduce !== "min") return proportional();
      if (maxPool === "winner-take-all") return { inputs: vjp(node, R, values, weights), terms: [], whole: true };
      return proportional(averaging(node));
    case "sum":
    case "resize":
      return proportional();
    case "concat":
      return { inputs: vjp(node, R, values, weights), terms: [], whole: true };
    case "rearrange":
      return bias === "distribute" && operation.kernel === "PadV2"
        ? { inputs: [recover(R, vjp(node, R, values, weights)[0]!, values.inputs[0]!)], terms: [], whole: true }
        : { inputs: vjp(node, R, values, weights), terms: [], whole: false };
    case "product": {
      const source = sourceOf(graph, node);
      if (source !== undefined) return allTo(source);
      // Two sources share by halves: AttnLRP (Achtibat et al. 2024), eq. 14.
      const half = tf.mul(R, 0.5);
      return { inputs: values.inputs.map((input) => sumTo(half, input.shape)), terms: [], whole: true };
    }
    case "maximum":
    case "minimum":
      return { inputs: vjp(node, R, values, weights), terms: [], whole: true };
    case "cast":
      return { inputs: [R], terms: [], whole: true };
    case "select":
      return select(graph, node.inputs, operation, R, values, bias);
    case "lookup": {
      // A word has what the entries of its vector have.
      const entries = R.shape.map((_, axis) => axis).slice(values.inputs[0]!.rank);
      return { inputs: [tf.sum(R, entries)], terms: [], whole: true };
    }
    case "softmax":
      return attention.softmax(R, values, bias);
    case "matmul":
      return attention.matmul(operation, R, values, epsilon, bias);
  }
  if (fallback !== "gradient") {
    throw new UnsupportedOperationError(node.name, nameOf(operation), "LRP");
  }
  return byGradient();

  /** All to one input, whose entries were broadcast where it is the smaller one. */
  function allTo(index: number): Passed {
    const inputs = values.inputs.map((input, other) => (other === index ? tf.clone(sumTo(R, input.shape)) : null));
    return { inputs, terms: [], whole: true };
  }

  /** `a ∘ Jᵀ(R / z)`: each input by its contribution to the output. Inputs do not mix with biases here. */
  function proportional(like: Node = node): Passed {
    const { operation } = like;
    const { inputs } = values;
    const output = like === node ? values.output : forward(like, inputs, weights);
    const δ = stabilizerOf(output, epsilon);
    const s = tf.div(R, tf.add(output, δ));
    let shares = vjp(like, s, { inputs, output }, weights).map((part, index) => tf.mul(part, inputs[index]!));
    if (bias === "distribute") {
      const leftover = tf.mul(s, δ);
      const signless: Node =
        operation.kind === "sum"
          ? { ...like, operation: { ...operation, signs: operation.signs.map(() => 1 as const) } }
          : like;
      const magnitudes = inputs.map((input) => tf.abs(input));
      const ones = inputs.map((input) => tf.onesLike(input));
      const back = (value: Tensor): Tensor[] => vjp(signless, value, { inputs, output }, weights);
      const extra = (index: number): Tensor =>
        distribute(leftover, {
          total: () => forward(signless, magnitudes, weights),
          back: (value) => tf.mul(magnitudes[index]!, back(value)[index]!),
          count: () => forward(signless, ones, weights),
          evenly: (value) => back(value)[index]!,
        });
      shares = shares.map((share, index) => tf.add(share, extra(index)));
    }
    return { inputs: shares, terms: [{ s, bias: null, stabilizer: δ }], whole: false };
  }

  /**
   * `a ∘ Jᵀ(R / z)` for what no rule covers. Its shares need not sum to `R`: what is missing is kept, or with `"distribute"`
   * shared over all inputs of the sample.
   */
  function byGradient(): Passed {
    const { inputs, output } = values;
    const s = tf.div(R, tf.add(output, stabilizerOf(output, epsilon)));
    const shares = vjp(node, s, values, weights).map((part, index) =>
      // A condition or an index has no gradient and gets nothing.
      inputs[index]!.dtype === "float32" ? tf.mul(part, inputs[index]!) : null,
    );
    if (bias !== "distribute") return { inputs: shares, terms: [], whole: false };
    return { inputs: recoverAll(R, shares, inputs), terms: [], whole: false };
  }
}

/** A maximum as the average of the same inputs. */
function averaging(node: Node): Node {
  const { operation } = node;
  if (operation.kind === "pool") return { ...node, operation: { ...operation, reduce: "average" } };
  return operation.kind === "reduce" ? { ...node, operation: { ...operation, reduce: "mean" } } : node;
}
