import type { Tensor } from "@tensorflow/tfjs-core";
import type { Context } from "../../context.js";
import type { Model } from "../../network/index.js";
import type { ProgressOptions } from "../../progress.js";
import type { Evidence } from "../evidence.js";
import type { Curve, Found, Score, ScoreWarning } from "../measure.js";
import type { Features } from "./features.js";
import { type Flips, flip, imagesOf, type Way } from "./flipping.js";
import { opened, type Wish } from "./opened.js";
import { type Order, orderer } from "./order.js";

/** A score with what was flipped when, of measures that flip. */
export interface FlippingScore extends Score {
  /** The explained output of each sample against the share of features that is flipped. */
  readonly curves: readonly Curve[];
  readonly flips: Flips;
}

/** What a measure that flips wants. */
export interface FlippingWish extends Wish {
  readonly features: (x: Tensor) => Features;
  /** How many features are flipped after each step. */
  readonly flipped: (count: number) => number[];
  readonly order: Order;
  /** Default `"flipped"`. */
  readonly way?: Way;
  readonly memoryBudget: number;
  /** The value of a sample, from its outputs at all steps and the shares that are flipped then; default AOPC. */
  readonly value?: (outputs: Float64Array, shares: Float64Array) => number;
}

/** Flips a batch in the order of its relevance. */
export function flippingCurves(
  measure: string,
  model: Model,
  evidence: Evidence,
  context: Context,
  run: ProgressOptions,
  { features: featuresIn, flipped: stepsIn, order, way = "flipped", value = aopc, ...wish }: FlippingWish,
): Promise<Found<FlippingScore>> {
  return opened(measure, model, evidence, context, wish, async (scoring, replacement) => {
    const { x } = scoring;
    const features = featuresIn(x);
    const flipped = stepsIn(features.count);
    const put = orderer(features.count, order, wish.seed);
    const orders = features.relevance.map((relevance, sample) => {
      const absent = features.absent?.[sample];
      return absent === undefined ? put(relevance) : put(relevance).filter((feature) => absent[feature] === 0);
    });
    const plan = { features, orders, flipped, way, replacement, memoryBudget: wish.memoryBudget };
    const { outputs, stepOf } = await flip(scoring, plan, run);
    const shares = Float64Array.from(flipped, (count) => count / features.count);
    const warnings = order === "random" ? [] : constantWarnings(features);
    const constant = new Set(warnings.map(({ sample }) => sample));
    return {
      values: Float64Array.from(outputs, (curve, sample) => (constant.has(sample) ? NaN : value(curve, shares))),
      curves: outputs.map((y, sample) => ({ sample, x: shares, y })),
      flips: {
        steps: flipped.length - 1,
        count: features.count,
        flipped,
        orders,
        stepOf,
        shape: features.shape,
        imageAt: imagesOf(x, stepOf, features, way, replacement),
      },
      warnings,
    };
  });
}

/** Samples whose features are all of one value: an explanation without an order. */
export function constantWarnings({ relevance, absent }: Features): ScoreWarning[] {
  return relevance.flatMap((all, sample): ScoreWarning[] => {
    const values = absent === undefined ? all : all.filter((_, feature) => absent[sample]![feature] === 0);
    if (values.length === 1 || values.some((value) => value !== values[0])) return [];
    const message =
      values.length === 0
        ? "There is nothing to flip in this sample."
        : `Every feature has the relevance ${values[0]}: the explanation puts none first, and any order would be ours.`;
    return [{ kind: "constant", message, sample }];
  });
}

/** The area under the curve by trapezoids, over the share of features that is flipped. */
export function auc(outputs: Float64Array, shares: Float64Array): number {
  let area = 0;
  for (let step = 1; step < outputs.length; step++) {
    area += ((outputs[step]! + outputs[step - 1]!) / 2) * (shares[step]! - shares[step - 1]!);
  }
  return area / shares.at(-1)!;
}

/** The area over the perturbation curve of Samek et al. 2017: the mean fall of the output over all steps, the untouched one among them. */
export function aopc(outputs: Float64Array): number {
  let sum = 0;
  for (const output of outputs) sum += outputs[0]! - output;
  return sum / outputs.length;
}
