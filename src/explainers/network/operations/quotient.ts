import * as tf from "@tensorflow/tfjs-core";
import { sumTo } from "../shapes.js";
import type { Activation } from "./activation.js";
import type { Scale } from "./affine/scale.js";
import type { Call, Made } from "./parts/call.js";
import type { Kind } from "./parts/kind.js";
import type { Sum } from "./sum.js";

/** `inputs[0] / inputs[1]` */
export interface Quotient {
  readonly kind: "quotient";
  /** A denominator of 0 gives 0. */
  readonly orZero?: boolean;
}

export const quotient: Kind<Quotient> = {
  kind: "quotient",
  translate: {
    RealDiv: (call) => (call.inputs.length === 2 ? [call.make<Quotient>({ kind: "quotient" })] : undefined),
    FusedBatchNorm: normalizedByItself,
  },
  forward: ({ orZero }, [a, b]) => (orZero ? tf.divNoNan(a!, b!) : tf.div(a!, b!)),
  vjp({ orZero }, dy, { inputs, output }) {
    const [a, b] = [inputs[0]!, inputs[1]!];
    const quotient = orZero ? tf.divNoNan(dy, b) : tf.div(dy, b);
    return [sumTo(quotient, a.shape), sumTo(tf.neg(tf.mul(quotient, output)), b.shape)];
  },
  facts: () => ({}),
  relevance: () => "quotient",
};

/** A layer or instance norm: its mean and variance are computed from the input. */
function normalizedByItself(call: Call): Made[] | undefined {
  const [x, mean, variance] = [call.input("x"), call.input("mean"), call.input("variance")];
  if (x === undefined || mean === undefined || variance === undefined) return undefined;
  const centered = call.intermediate<Sum>({ kind: "sum", signs: [1, -1] }, [x, mean], x.shape);
  const ε = tf.scalar(call.attributes["varianceEpsilon"] as number);
  const shifted = call.intermediate<Scale>({ kind: "scale", weights: null, bias: ε }, [variance], variance.shape);
  const deviation = call.intermediate<Activation>({ kind: "activation", function: "sqrt" }, [shifted], variance.shape);
  const [weights, bias] = [call.constant("scale"), call.constant("offset")];
  if (weights === undefined && bias === undefined) {
    return [call.make<Quotient>({ kind: "quotient" }, [centered, deviation])];
  }
  const normal = call.intermediate<Quotient>({ kind: "quotient" }, [centered, deviation], x.shape);
  return [call.make<Scale>({ kind: "scale", weights: weights ?? null, bias: bias ?? null }, [normal])];
}
