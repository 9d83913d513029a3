import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Explain } from "../../../explanation.js";
import type { Findings } from "../../../method.js";
import {
  type ActivationRow,
  activations,
  factsOf,
  type Model,
  type OperationOf,
  propagate,
  propagateRepeatedly,
  type Recording,
  type Step,
  type Values,
  vjp,
} from "../../../network/index.js";
import { words } from "../../../parameters.js";
import { byGradient } from "./by-gradient.js";

/** The parameter that says to which activations a modified backward pass applies. */
export const rectifiers = words(
  Object.keys(activations),
  Object.entries<ActivationRow>(activations).flatMap(([name, { rectifies }]) => (rectifies === true ? [name] : [])),
  "Which activations the modification applies to; others keep their gradient",
  { minor: true },
);

/** What arrives at a rectifier, the values around it and its gradient → what is sent on. */
type Backward = (dy: Tensor, values: Values, gradient: (dy: Tensor) => Tensor) => Tensor;

/** The gradient with the backward pass through rectifiers replaced. */
export const throughRectifiers = (model: Model, names: readonly string[], backward: Backward): Explain<Findings> =>
  byGradient(
    model,
    (gradient) => gradient,
    (recording) => rectifierStep(recording, names, backward),
  );

function rectifierStep({ weights }: Recording, names: readonly string[], backward: Backward): Step {
  return (node, dy, values) => {
    const { operation } = node;
    if (operation.kind !== "activation" || !isAmong(operation, names)) return vjp(node, dy, values, weights);
    return [backward(dy, values, (given) => vjp(node, given, values, weights)[0]!)];
  };
}

/** A ReLU with another ceiling than 6 is a rectifier as ReLU6 is. */
const isAmong = (operation: OperationOf<"activation">, names: readonly string[]): boolean =>
  names.includes(operation.function) ||
  (operation.function === "clip" && factsOf(operation).rectifies === true && names.includes("relu6"));

/** `1[z > 0] · max(0, R)` */
export const guided: Backward = (dy, _, gradient) => tf.relu(gradient(dy));

/** `max(0, R)`, whatever the forward pass did */
export const deconvolving: Backward = (dy) => tf.relu(dy);

/** What deconvolution makes of `seeds` at the model's inputs, by node id; the caller owns it. */
export const deconvolved = (recording: Recording, seeds: ReadonlyMap<number, Tensor>): Map<number, Tensor> =>
  propagateRepeatedly(recording, seeds, () => rectifierStep(recording, rectifiers.default, deconvolving), {
    name: "deconvolution",
  });

/** The guided gradients of `seeds` at the model's inputs, by node id; the caller owns them. */
export const guidedGradients = (
  recording: Recording,
  seeds: ReadonlyMap<number, Tensor>,
  names: readonly string[],
): Map<number, Tensor> => propagate(recording, seeds, rectifierStep(recording, names, guided));
