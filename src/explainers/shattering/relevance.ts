import * as tf from "@tensorflow/tfjs-core";
import type { RecordedStep } from "./forward.js";
import { positiveUnits } from "./gradient.js";

/** Keeps a quotient finite where numerator and denominator vanish together. */
const TINY = 1e-12;

/**
 * Layer-wise relevance propagation of the output to the input at every point of the recorded grid, `[points, 1]`.
 *
 * The rule is LRP-γ on every affine map (Montavon 2019), in the form for signed inputs: contributions that have the sign
 * of the unit they reach count `1 + γ` times. A unit's bias is one more contribution, and keeps (absorbs) its share. A sum
 * over a skip connection is one affine map together with the weights before it, and a normalization that could not be
 * folded is an affine map with one input. The embedding of the input has the zᴮ rule for bounded inputs (Montavon 2017),
 * by which the only input gets all that arrives at the units it feeds.
 *
 * At γ = 0 this is `Σ h_j ∂f/∂h_j` over those units `h`. If no bias absorbed anything it would be `f` itself.
 */
export function relevance(steps: RecordedStep[], gamma: number): tf.Tensor2D {
  let flow = steps.at(-1)!.output;
  for (let index = steps.length - 1; index > 0; index--) {
    const step = steps[index]!;
    const next = steps[index + 1];
    // Behind a bare ReLU only units above zero hold relevance, which saves the branch for those below.
    const rectified = next?.rectify === true && next.gate === null && !next.skip;
    const shares = rectified && step.rectify ? onPositiveUnits(step, flow, gamma) : onSignedUnits(step, flow, gamma);
    const arrived = step.gate ? throughGate(step, shares.active, gamma) : shares.active;
    flow = shares.skipped ? tf.add(arrived, shares.skipped) : arrived;
  }
  // The zᴮ rule: the only input gets all that arrives at the units that it feeds.
  return tf.sum(flow, 1, true);
}

/** `x + γ x⁺`: what contributions to a unit above zero count. A leaky ReLU is one operation where the formula is three. */
function favorPositive<T extends tf.Tensor>(x: T, gamma: number): T {
  return tf.leakyRelu(tf.mul<T>(x, 1 + gamma), 1 / (1 + gamma));
}

/** `x + γ x⁻`, for units below zero, from `x` and its `x + γ x⁺`: the two add up to `(2 + γ) x`. */
function favorNegative<T extends tf.Tensor>(x: T, positive: T, gamma: number): T {
  return tf.sub(tf.mul(x, 2 + gamma), positive);
}

interface Shares {
  active: tf.Tensor2D;
  skipped: tf.Tensor2D | null;
}

/** Where every unit that holds relevance is above zero, and what feeds it is not below. */
function onPositiveUnits({ weights, bias, active }: RecordedStep, flow: tf.Tensor2D, gamma: number): Shares {
  const favored = favorPositive(weights, gamma);
  let total: tf.Tensor2D = tf.matMul(active, favored);
  if (bias) total = tf.add(total, favorPositive(bias, gamma));
  const share: tf.Tensor2D = tf.div(flow, tf.maximum(total, TINY));
  return { active: tf.mul(active, tf.matMul(share, favored, false, true)), skipped: null };
}

/** Units of either sign: above zero the positive contributions count `1 + γ` times, below zero the negative ones. */
function onSignedUnits(step: RecordedStep, flow: tf.Tensor2D, gamma: number): Shares {
  const { weights, bias, rectify, skip, input, active, output } = step;
  const up = favorPositive(weights, gamma);
  const down = favorNegative(weights, up, gamma);
  const positive = rectify ? active : tf.relu(active);
  const negative = rectify ? null : tf.minimum(active, 0);

  let totalAbove: tf.Tensor2D = tf.matMul(positive, up);
  if (negative) totalAbove = tf.add(totalAbove, tf.matMul(negative, down));
  if (bias) totalAbove = tf.add(totalAbove, favorPositive(bias, gamma));
  const inputUp = skip ? favorPositive(input, gamma) : null;
  if (inputUp) totalAbove = tf.add(totalAbove, inputUp);
  const totalBelow = favorNegative(output, totalAbove, gamma);

  const flowAbove: tf.Tensor2D = tf.mul(flow, positiveUnits(output));
  const above: tf.Tensor2D = tf.div(flowAbove, tf.maximum(totalAbove, TINY));
  const below: tf.Tensor2D = tf.div(tf.sub(flow, flowAbove), tf.minimum(totalBelow, -TINY));

  const back = (first: tf.Tensor2D, second: tf.Tensor2D): tf.Tensor2D =>
    tf.add(tf.matMul(first, up, false, true), tf.matMul(second, down, false, true));
  let arrived: tf.Tensor2D = tf.mul(positive, back(above, below));
  if (negative) arrived = tf.add(arrived, tf.mul(negative, back(below, above)));
  if (!inputUp) return { active: arrived, skipped: null };
  const inputDown = favorNegative(input, inputUp, gamma);
  return { active: arrived, skipped: tf.add(tf.mul(inputUp, above), tf.mul(inputDown, below)) };
}

/** Through `ρ(scale · h + shift)`, whose units have one input and one bias each. */
function throughGate({ gate, input }: RecordedStep, flow: tf.Tensor2D, gamma: number): tf.Tensor2D {
  const contribution = favorPositive<tf.Tensor2D>(tf.mul(input, gate!.scale), gamma);
  const total = tf.add(contribution, favorPositive(gate!.shift, gamma));
  return tf.div(tf.mul(flow, contribution), tf.maximum(total, TINY));
}
