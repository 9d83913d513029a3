import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { UnsupportedOperationError } from "../errors.js";
import { forward, type Graph, type Node, type Values, vjp, type Weights } from "../trace/index.js";
import { sumTo } from "../trace/shapes.js";
import * as attention from "./attention.js";
import { distribute, recover } from "./distribute.js";
import { isCast, sourceOf } from "./gates.js";
import type { Passed } from "./passed.js";
import { passing } from "./plan.js";
import { type Bias, stabilizerOf } from "./rule.js";

export interface WeightlessOptions {
  readonly epsilon: number;
  readonly bias: Bias;
  readonly fallback: "gradient" | undefined;
  readonly activations: "pass" | "gradient";
  readonly maxPool: "winner-take-all" | "proportional";
}

/** Relevance through activations, pooling, sums, concatenations, reshapes and gates. */
export function weightless(
  graph: Graph,
  node: Node,
  R: Tensor,
  values: Values,
  weights: Weights,
  { epsilon, bias, fallback, activations, maxPool }: WeightlessOptions,
): Passed {
  const { operation } = node;
  switch (operation.kind) {
    case "activation":
      if (activations === "gradient") return { inputs: vjp(node, R, values, weights), terms: [], whole: false };
      if (passing.has(operation.function)) return { inputs: [R], terms: [], whole: true };
      break;
    case "pool":
    case "reduce":
      if (operation.reduce !== "max") return proportional();
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
      if (source !== undefined) {
        const inputs: (Tensor | null)[] = [null, null];
        inputs[source] = tf.clone(sumTo(R, values.inputs[source]!.shape));
        return { inputs, terms: [], whole: true };
      }
      // Two sources share by halves: AttnLRP (Achtibat et al. 2024), eq. 14.
      const half = tf.mul(R, 0.5);
      return { inputs: values.inputs.map((input) => sumTo(half, input.shape)), terms: [], whole: true };
    }
    case "quotient":
      // A normalization: its denominator is held constant (AttnLRP, section 3.3.3).
      return { inputs: [tf.clone(sumTo(R, values.inputs[0]!.shape)), null], terms: [], whole: true };
    case "maximum":
    case "minimum":
      return { inputs: vjp(node, R, values, weights), terms: [], whole: true };
    case "lookup": {
      // A word has what the entries of its vector have.
      const entries = R.shape.map((_, axis) => axis).slice(values.inputs[0]!.rank);
      return { inputs: [tf.sum(R, entries)], terms: [], whole: true };
    }
    case "softmax":
      return attention.softmax(R, values, bias);
    case "matmul":
      return attention.matmul(operation, R, values, epsilon, bias);
    default:
      if (isCast(node)) return { inputs: [R], terms: [], whole: true };
  }
  if (fallback !== "gradient") {
    const name = operation.kind === "unknown" ? operation.kernel : operation.kind;
    throw new UnsupportedOperationError(node.name, operation.kind === "activation" ? operation.function : name, "LRP");
  }
  return { ...proportional(), whole: false };

  /** `a ∘ Jᵀ(R / z)`: each input by its contribution to the output. Inputs do not mix with biases here. */
  function proportional(like: Node = node): Passed {
    const { operation } = like;
    const { inputs } = values;
    const output = like === node ? values.output : forward(like, inputs, weights);
    const δ = stabilizerOf(output, epsilon);
    const s = tf.div(R, tf.add(output, δ));
    // A condition (of a `where`, say) has no gradient and gets nothing.
    const isNumber = (input: Tensor): boolean => input.dtype === "float32";
    let shares: (Tensor | null)[] = vjp(like, s, { inputs, output }, weights).map((part, index) =>
      isNumber(inputs[index]!) ? tf.mul(part, inputs[index]!) : null,
    );
    if (bias === "distribute") {
      const leftover = tf.mul(s, δ);
      const signless: Node =
        operation.kind === "sum"
          ? { ...like, operation: { ...operation, signs: operation.signs.map(() => 1 as const) } }
          : like;
      const magnitudes = inputs.map((input) => (isNumber(input) ? tf.abs(input) : input));
      const ones = inputs.map((input) => (isNumber(input) ? tf.onesLike(input) : input));
      const back = (value: Tensor): Tensor[] => vjp(signless, value, { inputs, output }, weights);
      const extra = (index: number): Tensor =>
        distribute(leftover, {
          total: () => forward(signless, magnitudes, weights),
          back: (value) => tf.mul(magnitudes[index]!, back(value)[index]!),
          count: () => forward(signless, ones, weights),
          evenly: (value) => back(value)[index]!,
        });
      shares = shares.map((share, index) => share && tf.add(share, extra(index)));
    }
    return { inputs: shares, terms: [{ s, bias: null, stabilizer: δ }], whole: false };
  }
}

/** A maximum as the average of the same inputs. */
function averaging(node: Node): Node {
  const { operation } = node;
  if (operation.kind === "pool") return { ...node, operation: { ...operation, reduce: "average" } };
  return operation.kind === "reduce" ? { ...node, operation: { ...operation, reduce: "mean" } } : node;
}
