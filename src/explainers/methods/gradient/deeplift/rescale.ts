import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { UnsupportedOperationError } from "../../../errors.js";
import {
  derivative,
  factsOf,
  nameOf,
  type OperationOf,
  type Recording,
  type Step,
  type Values,
  vjp,
} from "../../../network/index.js";
import { sumTo } from "../../../network/shapes.js";
import { choice, stepped } from "./steps.js";

/** Below this difference of inputs a multiplier is the derivative. */
const SMALL = 1e-7;

/**
 * DeepLIFT's Rescale rule as a propagation step: multipliers at a node's output → multipliers at its inputs, exact in the
 * sense that `Σ multiplier · Δinput = multiplier · Δoutput` at every node.
 */
export function rescale(recording: Recording, reference: Recording): Step {
  const { weights } = recording;
  return (node, m, values) => {
    const there = reference.around(node);
    const [x, x0] = [values.inputs[0]!, there.inputs[0]!];
    const { operation } = node;
    if (factsOf(operation).linear) return vjp(node, m, values, weights);
    switch (operation.kind) {
      case "activation":
        return [tf.mul(m, secant(operation, x, x0, values.output, there.output))];
      case "pool":
      case "pool3d":
      case "reduce": {
        const extremum = operation.reduce === "min" ? "min" : "max";
        return [shared(m, values, there, (dy, at) => vjp(node, dy, at, weights)[0]!, extremum)];
      }
      case "product":
      case "matmul":
        return mean(
          vjp(node, m, { ...values, inputs: [x, there.inputs[1]!] }, weights),
          vjp(node, m, { ...values, inputs: [x0, values.inputs[1]!] }, weights),
        );
      case "maximum":
      case "minimum":
        return chosen(operation.kind, m, values, there);
      case "quotient":
        return quotient(m, values.inputs, there.inputs, operation.orZero === true);
      case "softmax":
        return [softmax(m, x, x0)];
      case "select":
        return choice(operation, m, values, there);
      case "cast": {
        // Conditions as numbers, or what is cut off on the way to whole ones.
        const [from, from0] = [tf.cast(x, "float32"), tf.cast(x0, "float32")];
        const Δy = tf.sub(tf.cast(values.output, "float32"), tf.cast(there.output, "float32"));
        return [tf.mul(m, tf.divNoNan(Δy, tf.sub(from, from0)))];
      }
      case "unknown": {
        const multipliers = stepped(operation, m, values, there);
        if (multipliers !== undefined) return multipliers;
        throw new UnsupportedOperationError(node.name, nameOf(operation), "DeepLIFT", "It has no multiplier for it.");
      }
      default:
        throw new UnsupportedOperationError(node.name, nameOf(operation), "DeepLIFT", "It has no multiplier for it.");
    }
  };
}

/** `Δy/Δx`, or the derivative at x where Δx vanishes. */
function secant(operation: OperationOf<"activation">, x: Tensor, x0: Tensor, y: Tensor, y0: Tensor): Tensor {
  return tf.tidy(() => ratio(tf.sub(y, y0), tf.sub(x, x0), () => derivative(operation, x, y)));
}

/** `a / b`, or `limit` where b vanishes; what the division gives there is left behind. */
export function ratio(a: Tensor, b: Tensor, limit: () => Tensor): Tensor {
  const small = tf.less(tf.abs(b), SMALL);
  return tf.where(small, tf.broadcastTo(limit(), a.shape as [number]), tf.div(a, b));
}

/**
 * An extremum: what the output gained on both is due to the winner at x, what it lost to the winner at the reference, so
 * that `Σ multiplier · Δx` is exact also where the winner changes and where windows overlap.
 */
function shared(
  m: Tensor,
  values: Values,
  there: Values,
  back: (dy: Tensor, at: Values) => Tensor,
  extremum: "max" | "min" = "max",
): Tensor {
  const top = (extremum === "max" ? tf.maximum : tf.minimum)(values.output, there.output);
  const gained = back(tf.mul(m, tf.sub(top, there.output)), values);
  const lost = back(tf.mul(m, tf.sub(values.output, top)), there);
  const difference = tf.sub(values.inputs[0]!, there.inputs[0]!);
  return ratio(tf.add(gained, lost), difference, () => back(m, values));
}

const mean = (first: readonly Tensor[], second: readonly Tensor[]): Tensor[] =>
  first.map((tensor, index) => tf.mul(tf.add(tensor, second[index]!), 0.5));

/** `max(a, b) = b + relu(a − b)`, `min(a, b) = a − relu(a − b)`. */
function chosen(kind: "maximum" | "minimum", m: Tensor, values: Values, there: Values): Tensor[] {
  const [a, b] = values.inputs as [Tensor, Tensor];
  const [a0, b0] = there.inputs as [Tensor, Tensor];
  const d = tf.sub(a, b);
  const d0 = tf.sub(a0, b0);
  const slope = ratio(tf.sub(tf.relu(d), tf.relu(d0)), tf.sub(d, d0), () => tf.step(d));
  const first = kind === "maximum" ? slope : tf.sub(1, slope);
  return [sumTo(tf.mul(m, first), a.shape), sumTo(tf.mul(m, tf.sub(1, first)), b.shape)];
}

/** `Δ(a/b) = Δa · ½(1/b + 1/b') − Δb · ½(a + a') / (b b')`; where 1/0 counts as 0, with its own `Δ(1/b) / Δb`. */
function quotient(m: Tensor, [a, b]: readonly Tensor[], [a0, b0]: readonly Tensor[], orZero: boolean): Tensor[] {
  const of = (x: Tensor): Tensor => (orZero ? tf.divNoNan(tf.onesLike(x), x) : tf.reciprocal(x));
  const [r, r0] = [of(b!), of(b0!)];
  const inverse = tf.mul(tf.add(r, r0), 0.5);
  const slope = orZero ? ratio(tf.sub(r, r0), tf.sub(b!, b0!), () => tf.neg(tf.square(r))) : tf.neg(tf.mul(r, r0));
  const rest = tf.mul(tf.mul(tf.add(a!, a0!), 0.5), slope);
  return [sumTo(tf.mul(m, inverse), a!.shape), sumTo(tf.mul(m, rest), b!.shape)];
}

/** What a sum of exponentials on a common scale must exceed for its logarithm to be exact. */
const LEAST = 1e-20;

/**
 * A softmax within the model, `exp(x − L)` with `L = log Σ exp x`: exponential, difference, logarithm, sum and exponential, each by
 * its own multiplier. Unlike that of the quotient `exp x / Σ exp x`, no number on the way is larger than what is explained, also
 * where scores are masked by −10⁹ on one side.
 */
function softmax(m: Tensor, x: Tensor, x0: Tensor): Tensor {
  const [y, y0] = [tf.softmax(x), tf.softmax(x0)];
  const common = tf.max(tf.maximum(x, x0), -1, true);
  const [e, e0] = [tf.exp(tf.sub(x, common)), tf.exp(tf.sub(x0, common))];
  const [s, s0] = [tf.sum(e, -1, true), tf.sum(e0, -1, true)];
  const gained = tf.sub(s, s0);
  const isNear = tf.less(tf.abs(gained), tf.mul(s0, 0.5));
  // Exact for small differences; where one of the sums vanishes beside the other, by each one's own scale.
  const ΔL = tf.where(
    isNear,
    tf.log1p(tf.div(gained, tf.maximum(s0, LEAST))),
    tf.sub(tf.logSumExp(x, -1, true), tf.logSumExp(x0, -1, true)),
  );
  const ofL = tf.mul(
    ratio(tf.sub(e, e0), tf.sub(x, x0), () => e),
    ratio(ΔL, gained, () => tf.reciprocal(tf.maximum(s, LEAST))),
  );
  const sent = tf.mul(
    m,
    ratio(tf.sub(y, y0), tf.sub(tf.sub(x, x0), ΔL), () => y),
  );
  return tf.sub(sent, tf.mul(ofL, tf.sum(sent, -1, true)));
}
