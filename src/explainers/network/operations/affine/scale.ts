import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { isVector, sumTo } from "../../shapes.js";
import type { Activation } from "../activation.js";
import { affineKind } from "../parts/affine.js";
import type { Call, Made } from "../parts/call.js";
import { withConstant } from "../parts/with-constant.js";

/** Entry by entry: `weights` and `bias` broadcast against the input; `null` means 1 and 0. */
export interface Scale {
  readonly kind: "scale";
  readonly weights: Tensor | null;
  readonly bias: Tensor | null;
  /** It is a batch norm. */
  readonly normalizes?: boolean;
}

const scaled = (weights: Tensor | null, bias: Tensor | null): Scale => ({ kind: "scale", weights, bias });

export const scale = affineKind<Scale>({
  kind: "scale",
  translate: {
    Add: (call) => withConstant(call, (_, bias) => scaled(null, bias)),
    Sub: (call) =>
      withConstant(call, (_, constant, first) =>
        first ? scaled(tf.scalar(-1), constant) : scaled(null, tf.neg(constant)),
      ),
    Neg: (call) => [call.make(scaled(tf.scalar(-1), null))],
    Multiply: (call) => withConstant(call, (_, weights) => scaled(weights, null)),
    RealDiv: (call) =>
      withConstant(call, (_, constant, first) => (first ? undefined : scaled(tf.reciprocal(constant), null))) ??
      overInput(call),
    FusedBatchNorm(call) {
      const [x, mean, variance] = [call.input("x"), call.constant("mean"), call.constant("variance")];
      if (x === undefined || mean === undefined || variance === undefined) return undefined;
      const deviation = tf.sqrt(tf.add(variance, call.attributes["varianceEpsilon"] as number));
      const given = call.constant("scale");
      const factor = given === undefined ? tf.reciprocal(deviation) : tf.div(given, deviation);
      const shift = tf.neg(tf.mul(mean, factor));
      const offset = call.constant("offset");
      const bias = offset === undefined ? shift : tf.add(shift, offset);
      return [call.make<Scale>({ kind: "scale", weights: factor, bias, normalizes: true }, [x])];
    },
  },
  map: (_, weights) => ({
    weights,
    forward: (a) => tf.mul(a, weights),
    vjp: (s, shape) => sumTo(tf.mul(s, weights), shape),
  }),
  channels: null,
  seesNoPadding: () => true,
  // Without weights there is nothing to multiply by.
  forward({ weights, bias }, [x], { map }) {
    if (weights === null) return bias === null ? tf.clone(x!) : tf.add(x!, bias);
    const z = map().forward(x!);
    return bias === null ? z : tf.add(z, bias);
  },
  vjp({ weights }, dy, { inputs }, { map }) {
    const { shape } = inputs[0]!;
    return [weights === null ? tf.clone(sumTo(dy, shape)) : map().vjp(dy, shape)];
  },
  facts: ({ weights, bias }) => ({
    linear: true,
    zeroToZero: bias === null,
    alongLastAxis: isVector(weights) && isVector(bias),
  }),
});

/** A constant over something computed. */
function overInput(call: Call): Made[] | undefined {
  const [constant, x] = [call.constant("a"), call.input("b")];
  if (constant === undefined || x === undefined) return undefined;
  const inverse = call.intermediate<Activation>({ kind: "activation", function: "reciprocal" }, [x], x.shape);
  return [call.make(scaled(constant, null), [inverse])];
}
