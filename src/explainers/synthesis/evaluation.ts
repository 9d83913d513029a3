import type { Tensor, Tensor1D, Tensor4D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { gradients, type Model, record } from "../network/index.js";
import { hold, scoped, taping } from "../network/tensors.js";
import { totalVariation, totalVariationWithGradient } from "../numerics/total-variation.js";
import type { Look, Looked } from "./ascent.js";
import type { Settings } from "./options.js";
import type { Parametrization } from "./parametrization.js";
import { l1, l2, similarity } from "./regularizers.js";
import { type PrototypeTarget, targetValue } from "./target.js";

/** What stays the same during a run. */
export interface Problem {
  model: Model;
  target: PrototypeTarget;
  parametrization: Parametrization;
}

/** One look at some parameters: tensors, which the caller owns, and a number for each start. */
export interface Evaluation extends Looked {
  activation: Float32Array;
  cost: Float32Array;
  probability: Float32Array | null;
}

/** The objective at `parameters`, with one forward and at most one backward pass of the net. */
export function evaluate(problem: Problem, settings: Settings, parameters: Tensor, look: Look = {}): Evaluation {
  const { model, target, parametrization } = problem;
  const { view = null, gradient = false } = look;
  return scoped(() => {
    const pictures = parametrization.picture(parameters);
    const seen = view === null ? pictures : view.apply(pictures as Tensor4D);
    const pass = record(model, seen);
    try {
      const found = targetValue(pass, target, settings.maximize);
      const prior = costOf(pictures, parameters, problem, settings, gradient);
      const activation = found.value.dataSync<"float32">();
      const cost = prior.value === null ? new Float32Array(activation.length) : prior.value.dataSync<"float32">();
      let byParameters: Tensor | null = null;
      let ofActivation: Tensor | null = null;
      if (gradient) {
        const bySeen = gradients(pass, new Map([[found.node, found.seed]])).get(pass.graph.inputs[0]!)!;
        const byNet = view === null ? bySeen : view.adjoint(bySeen as Tensor4D);
        if (settings.smallContribution > 0) ofActivation = hold(byNet);
        const byPictures = prior.byPictures === null ? byNet : tf.sub(byNet, prior.byPictures);
        const byParametrization = parametrization.gradient(parameters, pictures, byPictures);
        byParameters = tf.keep(tf.sub(byParametrization, prior.byCode ?? 0));
        // What was made outside of this scope's bookkeeping.
        tf.dispose([bySeen, byParametrization]);
      }
      return {
        pictures: tf.keep(pictures),
        gradient: byParameters,
        byPictures: ofActivation,
        objective: activation.map((value, start) => value - cost[start]!),
        activation,
        cost,
        probability: found.probability?.dataSync<"float32">() ?? null,
      };
    } finally {
      pass.dispose();
    }
  });
}

interface Cost {
  value: Tensor1D | null;
  byPictures: Tensor | null;
  byCode: Tensor | null;
}

/** What the prior costs, `[starts]`, and its derivatives; null for what costs nothing. */
function costOf(
  pictures: Tensor,
  parameters: Tensor,
  { parametrization }: Problem,
  settings: Settings,
  wanted: boolean,
): Cost {
  let value: Tensor1D | null = null;
  let byPictures: Tensor | null = null;
  let byCode: Tensor | null = null;
  const sum = <T extends Tensor>(old: T | null, next: T): T => (old === null ? next : (tf.add(old, next) as T));

  const { totalVariation: smoothness } = settings;
  if (smoothness > 0) {
    // By its own formula, as it is the regularizer that costs most.
    const { value: own, gradient } =
      wanted && pictures.rank === 4
        ? totalVariationWithGradient(pictures as Tensor4D)
        : { value: totalVariation(pictures), gradient: null };
    value = sum(value, tf.mul(own, smoothness) as Tensor1D);
    if (gradient !== null) byPictures = tf.mul(gradient, smoothness);
  }
  const rest = otherTerms(settings);
  if (rest.length > 0) {
    const compute = (x: Tensor) => tf.addN(rest.map((term) => term(x))) as Tensor1D;
    if (wanted) {
      const taped = taping(() => tf.valueAndGrad(compute)(pictures, tf.ones([pictures.shape[0]!])));
      value = sum(value, taped.value as Tensor1D);
      byPictures = sum(byPictures, taped.grad);
    } else {
      value = sum(value, compute(pictures));
    }
  }
  if (parametrization.isCode && settings.code > 0) {
    value = sum(value, tf.mul(l2(parameters), settings.code) as Tensor1D);
    if (wanted) byCode = tf.mul(parameters, 2 * settings.code);
  }
  return { value, byPictures, byCode };
}

/** The terms whose gradients come from TensorFlow.js' tape. */
function otherTerms(settings: Settings): ((x: Tensor) => Tensor)[] {
  const terms: ((x: Tensor) => Tensor)[] = [];
  if (settings.l1 > 0) terms.push((x) => tf.mul(l1(x), settings.l1));
  if (settings.l2 > 0) terms.push((x) => tf.mul(l2(x), settings.l2));
  if (settings.diversity > 0) terms.push((x) => tf.mul(similarity(x), settings.diversity));
  for (const { density, strength } of settings.densities) {
    if (strength !== 0) terms.push((x) => tf.mul(density.logDensity(x), -strength));
  }
  return terms;
}
