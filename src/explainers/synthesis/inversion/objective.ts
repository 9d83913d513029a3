import type { Tensor, Tensor1D, Tensor4D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { InputShapeError } from "../../errors.js";
import type { Model } from "../../network/index.js";
import { scoped } from "../../network/tensors.js";
import { variationToPower } from "../../numerics/total-variation.js";
import type { Look, Looked } from "../ascent.js";
import type { Parametrization } from "../parametrization.js";
import type { InversionSettings } from "./options.js";
import { passTo } from "./representation.js";

/** What stays the same during a run. */
export interface InversionProblem {
  readonly model: Model;
  readonly layer: string;
  readonly parametrization: Parametrization;
  /** The picture, `[1, …shape]`. */
  readonly input: Tensor;
  /** Its representation Φ₀, `[1, …]`, and its squared length. */
  readonly representation: Tensor;
  readonly energy: number;
  /** B: the largest magnitude that an input may have. */
  readonly range: number;
}

/** One look at some parameters; `objective` is what is minimized, sign turned. */
export interface InversionLook extends Looked {
  /** `‖Φ(x) − Φ₀‖²/‖Φ₀‖²`. */
  readonly representationError: Float32Array;
  /** What the two regularizers add. */
  readonly cost: Float32Array;
  /** Root mean square difference to the picture. */
  readonly pixelError: Float32Array;
}

/** The objective at `parameters`, with one pass up to the layer and at most one back. */
export function lookAt(
  problem: InversionProblem,
  settings: InversionSettings,
  parameters: Tensor,
  { view = null, gradient = false }: Look = {},
): InversionLook {
  const { model, layer, parametrization, input, representation, energy } = problem;
  return scoped(() => {
    const pictures = parametrization.picture(parameters);
    const seen = view === null ? pictures : view.apply(pictures as Tensor4D);
    const pass = passTo(model, layer, seen);
    try {
      const difference = tf.sub(pass.value, representation);
      const representationError = squaresOf(difference)
        .dataSync<"float32">()
        .map((value) => value / energy);
      const prior = costOf(pictures, problem, settings);
      const cost = prior.value.dataSync<"float32">();
      let byParameters: Tensor | null = null;
      if (gradient) {
        // Of the objective, which is climbed: the errors' derivatives with their signs turned.
        const bySeen = pass.back(tf.mul(difference, -2 / energy));
        const byNet = view === null ? bySeen : view.adjoint(bySeen as Tensor4D);
        const byParametrization = parametrization.gradient(parameters, pictures, tf.sub(byNet, prior.gradient));
        byParameters = tf.keep(tf.clone(byParametrization));
        // What was made outside of this scope's bookkeeping.
        tf.dispose([bySeen, byParametrization]);
      }
      const size = pictures.size / pictures.shape[0]!;
      const pixelError = squaresOf(tf.sub(pictures, input))
        .dataSync<"float32">()
        .map((value) => Math.sqrt(value / size));
      return {
        pictures: tf.keep(pictures),
        gradient: byParameters,
        objective: representationError.map((value, start) => -(value + cost[start]!)),
        representationError,
        cost,
        pixelError,
      };
    } finally {
      pass.dispose();
    }
  });
}

/** The two regularizers with their strengths and the paper's scaling, `[starts]`, and their gradient by the pictures. */
export function costOf(
  pictures: Tensor,
  { range }: Pick<InversionProblem, "range">,
  { alphaNorm, alpha, totalVariation, beta, slope }: InversionSettings,
): { value: Tensor1D; gradient: Tensor } {
  return tf.tidy(() => {
    const [, ...sample] = pictures.shape;
    const isPicture = sample.length === 3;
    const positions = isPicture ? sample[0]! * sample[1]! : pictures.size / pictures.shape[0]!;
    const values: Tensor1D[] = [];
    const gradients: Tensor[] = [];
    if (alphaNorm > 0) {
      const weight = alphaNorm / (positions * range ** alpha);
      const size = tf.abs(pictures);
      values.push(tf.mul(sumOfSample(tf.pow(size, alpha)), weight) as Tensor1D);
      gradients.push(tf.mul(tf.mul(tf.sign(pictures), tf.pow(size, alpha - 1)), alpha * weight));
    }
    const strength = totalVariation ?? (isPicture ? 0.01 : 0);
    if (strength > 0) {
      if (!isPicture)
        throw new InputShapeError("[batch, height, width, channel] for the total variation", `[${pictures.shape}]`);
      const weight = strength / (positions * (slope * range) ** beta);
      const { value, gradient } = variationToPower(pictures as Tensor4D, beta);
      values.push(tf.mul(value, weight) as Tensor1D);
      gradients.push(tf.mul(gradient, weight));
    }
    return {
      value: values.length === 0 ? tf.zeros([pictures.shape[0]!]) : (tf.addN(values) as Tensor1D),
      gradient: gradients.length === 0 ? tf.zerosLike(pictures) : tf.addN(gradients),
    };
  });
}

const squaresOf = (x: Tensor): Tensor1D => sumOfSample(tf.square(x));

const sumOfSample = (x: Tensor): Tensor1D => tf.sum(tf.reshape(x, [x.shape[0]!, -1]), 1);
