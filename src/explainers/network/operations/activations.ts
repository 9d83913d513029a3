import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Facts } from "./parts/kind.js";

export interface ActivationParameters {
  /** Slope of `leakyRelu` and `step`. */
  readonly alpha?: number;
  /** Bounds of `clip`. */
  readonly bounds?: readonly [number, number];
  /** Slopes of `prelu`, exponent of `power`, bounds of `atLeast` and `atMost`; broadcast against the input. */
  readonly parameter?: Tensor;
}

/** One activation function: all that is known about it. */
export interface ActivationRow {
  /** The kernel that computes it, where it needs nothing but `x`. */
  readonly kernel?: string;
  readonly f: (x: Tensor, parameters: ActivationParameters) => Tensor;
  /** The derivative at `x`, where the value is `y`. */
  readonly derivative: (x: Tensor, y: Tensor, parameters: ActivationParameters) => Tensor;
  readonly nonNegative?: Facts["nonNegative"];
  readonly zeroToZero?: boolean;
  readonly rectifies?: boolean;
  readonly gates?: Facts["gates"];
  readonly inverts?: boolean;
  /** What depends on the parameters, in addition to the above. */
  readonly facts?: (parameters: ActivationParameters) => Facts;
}

/** 1 where a condition holds, 0 elsewhere: several times faster than `tf.step`, which looks for NaN and keeps it. */
const oneWhere = (condition: Tensor): Tensor => tf.cast(condition, "float32");

const between = (x: Tensor, low: number, high: number): Tensor =>
  oneWhere(tf.logicalAnd(tf.greater(x, low), tf.less(x, high)));

function rangeOf(x: Tensor): { least: number; most: number } {
  const values = x.dataSync<"float32">();
  return { least: values.reduce((a, b) => Math.min(a, b)), most: values.reduce((a, b) => Math.max(a, b)) };
}

const seluAlpha = 1.6732632423543772;
const seluScale = 1.0507009873554805;

/** The table of activation functions. Whoever asks something of an activation asks here. */
export const activations = {
  relu: {
    kernel: "Relu",
    f: (x) => tf.relu(x),
    derivative: (x) => oneWhere(tf.greater(x, 0)),
    nonNegative: "always",
    zeroToZero: true,
    rectifies: true,
  },
  relu6: {
    kernel: "Relu6",
    f: (x) => tf.relu6(x),
    derivative: (x) => between(x, 0, 6),
    nonNegative: "always",
    zeroToZero: true,
    rectifies: true,
    gates: "always",
  },
  /** `alpha`: the slope on the negative side, default 0.2. */
  leakyRelu: {
    f: (x, { alpha }) => tf.leakyRelu(x, alpha),
    derivative: (x, _, { alpha }) => tf.where(tf.greater(x, 0), tf.onesLike(x), tf.fill(x.shape, alpha ?? 0.2)),
    nonNegative: "kept",
    zeroToZero: true,
  },
  /** `parameter`: the slopes on the negative side. */
  prelu: {
    f: (x, { parameter }) => tf.prelu(x, parameter!),
    derivative(x, _, { parameter }) {
      const positive = oneWhere(tf.greater(x, 0));
      return tf.add(positive, tf.mul(tf.sub(1, positive), parameter!));
    },
    nonNegative: "kept",
    zeroToZero: true,
  },
  elu: {
    kernel: "Elu",
    f: (x) => tf.elu(x),
    derivative: (x, y) => tf.where(tf.greater(x, 0), tf.onesLike(x), tf.add(y, 1)),
    nonNegative: "kept",
    zeroToZero: true,
  },
  selu: {
    kernel: "Selu",
    f: (x) => tf.selu(x),
    derivative: (x, y) => tf.where(tf.greater(x, 0), tf.fill(x.shape, seluScale), tf.add(y, seluScale * seluAlpha)),
    nonNegative: "kept",
    zeroToZero: true,
  },
  sigmoid: {
    kernel: "Sigmoid",
    f: (x) => tf.sigmoid(x),
    derivative: (_, y) => tf.mul(y, tf.sub(1, y)),
    nonNegative: "always",
    gates: "always",
  },
  tanh: {
    kernel: "Tanh",
    f: (x) => tf.tanh(x),
    derivative: (_, y) => tf.sub(1, tf.square(y)),
    nonNegative: "kept",
    zeroToZero: true,
    // ½(1 + tanh u) is a gate, tanh u alone a source.
    gates: "shifted",
  },
  softplus: {
    kernel: "Softplus",
    f: (x) => tf.softplus(x),
    derivative: (x) => tf.sigmoid(x),
    nonNegative: "always",
  },
  /** `x · tanh(softplus(x))`. Misra 2019. */
  mish: {
    f: (x) => tf.mul(x, tf.tanh(tf.softplus(x))),
    derivative(x) {
      const t = tf.tanh(tf.softplus(x));
      return tf.add(t, tf.mul(tf.mul(x, tf.sigmoid(x)), tf.sub(1, tf.square(t))));
    },
    nonNegative: "kept",
    zeroToZero: true,
  },
  /** Between `bounds`. */
  clip: {
    f: (x, { bounds }) => tf.minimum(tf.maximum(x, bounds![0]), bounds![1]),
    derivative: (x, _, { bounds }) => between(x, ...bounds!),
    gates: "always",
    facts: ({ bounds }) => ({
      nonNegative: bounds![0] >= 0 ? "always" : "kept",
      zeroToZero: bounds![0] <= 0 && bounds![1] >= 0,
    }),
  },
  /** `max(x, parameter)` */
  atLeast: {
    f: (x, { parameter }) => tf.maximum(x, parameter!),
    derivative: (x, _, { parameter }) => oneWhere(tf.greater(x, parameter!)),
    facts: ({ parameter }) => {
      const { least, most } = rangeOf(parameter!);
      return { nonNegative: least >= 0 ? "always" : "kept", zeroToZero: most <= 0 };
    },
  },
  /** `min(x, parameter)` */
  atMost: {
    f: (x, { parameter }) => tf.minimum(x, parameter!),
    derivative: (x, _, { parameter }) => oneWhere(tf.less(x, parameter!)),
    facts: ({ parameter }) => {
      const { least } = rangeOf(parameter!);
      return { nonNegative: least >= 0 ? "kept" : undefined, zeroToZero: least >= 0 };
    },
  },
  abs: {
    kernel: "Abs",
    f: (x) => tf.abs(x),
    derivative: (x) => tf.sign(x),
    nonNegative: "always",
    zeroToZero: true,
  },
  exp: { kernel: "Exp", f: (x) => tf.exp(x), derivative: (_, y) => y, nonNegative: "always" },
  expm1: {
    kernel: "Expm1",
    f: (x) => tf.expm1(x),
    derivative: (_, y) => tf.add(y, 1),
    nonNegative: "kept",
    zeroToZero: true,
  },
  log: { kernel: "Log", f: (x) => tf.log(x), derivative: (x) => tf.reciprocal(x) },
  log1p: {
    kernel: "Log1p",
    f: (x) => tf.log1p(x),
    derivative: (x) => tf.reciprocal(tf.add(x, 1)),
    nonNegative: "kept",
    zeroToZero: true,
  },
  sqrt: {
    kernel: "Sqrt",
    f: (x) => tf.sqrt(x),
    derivative: (_, y) => tf.div(0.5, y),
    nonNegative: "always",
    zeroToZero: true,
  },
  rsqrt: {
    kernel: "Rsqrt",
    f: (x) => tf.rsqrt(x),
    derivative: (_, y) => tf.mul(-0.5, tf.pow(y, 3)),
    nonNegative: "always",
    inverts: true,
  },
  square: {
    kernel: "Square",
    f: (x) => tf.square(x),
    derivative: (x) => tf.mul(2, x),
    nonNegative: "always",
    zeroToZero: true,
  },
  reciprocal: {
    kernel: "Reciprocal",
    f: (x) => tf.reciprocal(x),
    derivative: (_, y) => tf.neg(tf.square(y)),
    nonNegative: "kept",
    inverts: true,
  },
  /** `parameter`: the exponent. */
  power: {
    f: (x, { parameter }) => tf.pow(x, parameter!),
    derivative: (x, _, { parameter }) => tf.mul(parameter!, tf.pow(x, tf.sub(parameter!, 1))),
    nonNegative: "kept",
    facts: ({ parameter }) => ({ inverts: parameter!.dataSync().every((exponent) => exponent < 0) }),
  },
  erf: {
    kernel: "Erf",
    f: (x) => tf.erf(x),
    derivative: (x) => tf.mul(2 / Math.sqrt(Math.PI), tf.exp(tf.neg(tf.square(x)))),
    nonNegative: "kept",
    zeroToZero: true,
    gates: "always",
  },
  sin: { kernel: "Sin", f: (x) => tf.sin(x), derivative: (x) => tf.cos(x), zeroToZero: true },
  cos: { kernel: "Cos", f: (x) => tf.cos(x), derivative: (x) => tf.neg(tf.sin(x)) },
  /** `alpha`: the slope on the negative side; flat on the positive one. */
  step: {
    f: (x, { alpha }) => tf.step(x, alpha),
    derivative: (x, _, { alpha }) => tf.mul(oneWhere(tf.less(x, 0)), alpha ?? 0),
    nonNegative: "kept",
    gates: "always",
  },
} satisfies Readonly<Record<string, ActivationRow>>;

export type ActivationFunction = keyof typeof activations;
