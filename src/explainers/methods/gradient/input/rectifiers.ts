import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { ParameterError } from "../../../errors.js";
import type { Explain } from "../../../explanation.js";
import { type Model, propagate, type Recording, type Step, type Values, vjp } from "../../../network/index.js";
import { byGradient } from "./sensitivity.js";

export interface RectifierOptions {
  /** Which activations the modification applies to; default `["relu", "relu6"]`. Others keep their gradient. */
  readonly rectifiers?: readonly string[];
}

const defaultRectifiers = ["relu", "relu6"];

const guided: Backward = (dy, _, gradient) => tf.relu(gradient(dy));

/** Deconvolution: backward through a ReLU, `max(0, R)` whatever the forward pass did (Zeiler & Fergus 2014). */
export function deconvnet(model: Model, { rectifiers = defaultRectifiers }: RectifierOptions = {}): Explain {
  return throughRectifiers(model, "deconvolution", { rectifiers }, (dy) => tf.relu(dy));
}

/** Guided backpropagation: backward through a ReLU, `1[z > 0] · max(0, R)` (Springenberg et al. 2015). */
export function guidedBackprop(model: Model, { rectifiers = defaultRectifiers }: RectifierOptions = {}): Explain {
  return throughRectifiers(model, "guided backpropagation", { rectifiers }, guided);
}

/**
 * The gradient with every ReLU replaced, backward, by a softplus of sharpness β: `σ(βz) · R` (Dombrowski et al. 2019).
 *
 * @param options.beta above 0; default 10
 */
export function betaSmooth(
  model: Model,
  { beta = 10, rectifiers = defaultRectifiers }: RectifierOptions & { beta?: number } = {},
): Explain {
  if (!(beta > 0)) throw new ParameterError("beta", beta, "a number above 0");
  return throughRectifiers(model, "smoothed gradient", { beta, rectifiers }, (dy, { inputs }) =>
    tf.mul(dy, tf.sigmoid(tf.mul(inputs[0]!, beta))),
  );
}

/** What arrives at a rectifier, the values around it and its gradient → what is sent on. */
type Backward = (dy: Tensor, values: Values, gradient: (dy: Tensor) => Tensor) => Tensor;

function throughRectifiers(
  model: Model,
  method: string,
  parameters: { rectifiers: readonly string[] } & Record<string, unknown>,
  backward: Backward,
): Explain {
  return byGradient(
    model,
    method,
    parameters,
    (gradient) => gradient,
    (recording) => rectifierStep(recording, parameters.rectifiers, backward),
  );
}

function rectifierStep({ weights }: Recording, rectifiers: readonly string[], backward: Backward): Step {
  return (node, dy, values) => {
    const { operation } = node;
    if (operation.kind !== "activation" || !rectifiers.includes(operation.function)) {
      return vjp(node, dy, values, weights);
    }
    return [backward(dy, values, (given) => vjp(node, given, values, weights)[0]!)];
  };
}

/** The guided gradients of `seeds` at the model's inputs, by node id; the caller owns them. */
export const guidedGradients = (
  recording: Recording,
  seeds: ReadonlyMap<number, Tensor>,
  rectifiers: readonly string[] = defaultRectifiers,
): Map<number, Tensor> => propagate(recording, seeds, rectifierStep(recording, rectifiers, guided));
