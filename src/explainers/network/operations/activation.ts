import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { isVector, sameShape } from "../shapes.js";
import { type ActivationFunction, type ActivationParameters, type ActivationRow, activations } from "./activations.js";
import type { Call, Made, Translator } from "./parts/call.js";
import type { Facts, Kind } from "./parts/kind.js";
import { oneRow, withConstant } from "./parts/with-constant.js";
import type { Sum } from "./sum.js";

/** A function of one number, entry by entry: a row of the table of activations. */
export interface Activation extends ActivationParameters {
  readonly kind: "activation";
  readonly function: ActivationFunction;
}

const rowOf = (operation: Activation): ActivationRow => activations[operation.function];

/** An activation function, entry by entry. */
export const activate = (operation: Activation, x: Tensor): Tensor => rowOf(operation).f(x, operation);

/** The derivative of an activation function at `x`, where its value is `y`. */
export const derivative = (operation: Activation, x: Tensor, y: Tensor): Tensor =>
  rowOf(operation).derivative(x, y, operation);

const of =
  (name: ActivationFunction, parameters: (call: Call) => ActivationParameters = () => ({})): Translator =>
  (call) => [call.make<Activation>({ kind: "activation", function: name, ...parameters(call) })];

/** What the kernels compute that need nothing but `x`. */
const plain = Object.fromEntries(
  Object.entries<ActivationRow>(activations).flatMap(([name, { kernel }]) =>
    kernel === undefined ? [] : [[kernel, of(name as ActivationFunction)]],
  ),
);

const slope =
  (fallback: number) =>
  ({ attributes }: Call): ActivationParameters => ({ alpha: (attributes["alpha"] as number | undefined) ?? fallback });

export const activation: Kind<Activation> = {
  kind: "activation",
  translate: {
    ...plain,
    LeakyRelu: of("leakyRelu", slope(0.2)),
    Step: of("step", slope(0)),
    Prelu(call) {
      const [x, parameter] = [call.input("x"), call.constant("alpha")];
      if (x === undefined || parameter === undefined) return undefined;
      return [call.make<Activation>({ kind: "activation", function: "prelu", parameter }, [x])];
    },
    Pow: (call) =>
      withConstant(call, (_, parameter, first): Activation | undefined =>
        first ? undefined : { kind: "activation", function: "power", parameter },
      ),
    ClipByValue(call) {
      const { clipValueMin, clipValueMax } = call.attributes as { clipValueMin: number; clipValueMax: number };
      return [call.make(clipped(clipValueMin, clipValueMax))];
    },
    Maximum: (call) =>
      bounded(call, "atLeast", (bound) =>
        bound === 0 ? { kind: "activation", function: "relu" } : clipped(bound, Infinity),
      ),
    Minimum: (call) => bounded(call, "atMost", (bound) => clipped(-Infinity, bound)),
    Multiply(call) {
      const [a, b] = call.inputs;
      if (a === b) return [call.make<Activation>({ kind: "activation", function: "square" }, [a!])];
      // tanh is a gate only where it is moved: as a factor of its own it would share by halves.
      const isMish = (x: Made, factor: Made): boolean =>
        isFunction(factor, "tanh") && isFunction(factor.inputs[0], "softplus") && factor.inputs[0]?.inputs[0] === x;
      if (a === undefined || b === undefined || !(isMish(a, b) || isMish(b, a))) return undefined;
      return [call.make<Activation>({ kind: "activation", function: "mish" }, [isMish(a, b) ? a : b])];
    },
    SquaredDifference(call) {
      const { shape } = call.outputs[0]!;
      const constant = call.constant("a") ?? call.constant("b");
      const difference =
        constant === undefined
          ? call.intermediate<Sum>({ kind: "sum", signs: [1, -1] }, call.inputs, shape)
          : call.intermediate({ kind: "scale", weights: null, bias: tf.neg(constant) }, call.inputs, shape);
      return [call.make<Activation>({ kind: "activation", function: "square" }, [difference])];
    },
  },
  forward: (operation, [x]) => activate(operation, x!),
  vjp: (operation, dy, { inputs, output }) => [tf.mul(dy, derivative(operation, inputs[0]!, output))],
  facts(operation): Facts {
    const { nonNegative, zeroToZero, rectifies, gates, inverts, facts } = rowOf(operation);
    return {
      nonNegative,
      zeroToZero: zeroToZero === true,
      rectifies: rectifies === true || (operation.function === "clip" && operation.bounds![0] === 0),
      gates,
      inverts: inverts === true,
      alongLastAxis: isVector(operation.parameter),
      ...facts?.(operation),
    };
  },
  relevance: () => "pass",
};

const isFunction = (made: Made | undefined, name: ActivationFunction): boolean =>
  made?.operation.kind === "activation" && (made.operation as Activation).function === name;

const clipped = (low: number, high: number): Activation =>
  low === 0 && high === 6
    ? { kind: "activation", function: "relu6" }
    : { kind: "activation", function: "clip", bounds: [low, high] };

/** An extremum with constants: one number, or some that broadcast against the input. */
function bounded(call: Call, vector: "atLeast" | "atMost", build: (bound: number) => Activation): Made[] | undefined {
  const constant = call.constant("a") ?? call.constant("b");
  const x = call.input("a") ?? call.input("b");
  if (constant === undefined || x === undefined) return undefined;
  if (!sameShape(x.shape, call.outputs[0]!.shape)) return undefined;
  if (constant.size !== 1) {
    const operation: Activation = { kind: "activation", function: vector, parameter: oneRow(constant, x) };
    return [call.make(operation, [x])];
  }
  return [call.make(build(constant.dataSync()[0]!), [x])];
}
