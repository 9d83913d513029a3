import * as tf from "@tensorflow/tfjs-core";
import type { RecordedStep } from "./forward.js";

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
    const shares = rectified ? onPositiveUnits(step, flow, gamma) : onSignedUnits(step, flow, gamma);
    const arrived = step.gate ? throughGate(step, shares.active, gamma) : shares.active;
    flow = shares.skipped ? tf.add(arrived, shares.skipped) : arrived;
  }
  // The zᴮ rule: the only input gets all that arrives at the units that it feeds.
  return tf.sum(flow, 1, true);
}

interface Shares {
  active: tf.Tensor2D;
  skipped: tf.Tensor2D | null;
}

/** `z + γ z⁺`, with `z⁺` the sum of the positive contributions, serves as the denominator where `z > 0`. */
function onPositiveUnits({ weights, bias, rectify, active, output }: RecordedStep, flow: tf.Tensor2D, gamma: number) {
  const up = tf.relu(weights);
  const denominator = tf.add(output, tf.mul(positiveSum(active, rectify, weights, up, bias), gamma));
  const share: tf.Tensor2D = tf.div(flow, tf.maximum(denominator, TINY));
  const favored = tf.add(weights, tf.mul(up, gamma));
  if (rectify) return { active: tf.mul(active, tf.matMul(share, favored, false, true)), skipped: null } as Shares;
  const opposed = tf.add(weights, tf.mul(tf.minimum(weights, 0), gamma));
  const positive = tf.mul(tf.relu(active), tf.matMul(share, favored, false, true));
  const negative = tf.mul(tf.minimum(active, 0), tf.matMul(share, opposed, false, true));
  return { active: tf.add(positive, negative), skipped: null } as Shares;
}

/** The same for units of either sign: below zero it is the negative contributions that count `1 + γ` times. */
function onSignedUnits(step: RecordedStep, flow: tf.Tensor2D, gamma: number): Shares {
  const { weights, bias, rectify, skip, input, active, output } = step;
  const up = tf.relu(weights);
  const down = tf.sub(weights, up);
  let positives = positiveSum(active, rectify, weights, up, bias);
  if (skip) positives = tf.add(positives, tf.relu(input));
  const above = tf.cast(tf.greaterEqual(output, 0), "float32");
  const sameSign = tf.where(tf.cast(above, "bool"), positives, tf.sub(output, positives));
  const denominator = tf.add(output, tf.mul(sameSign, gamma));
  const stabilizer = tf.sub(tf.mul(above, 2 * TINY), TINY);
  const share: tf.Tensor2D = tf.div(flow, tf.add(denominator, stabilizer));
  const shareAbove: tf.Tensor2D = tf.mul(share, above);
  const shareBelow: tf.Tensor2D = tf.sub(share, shareAbove);
  const back = (toUp: tf.Tensor2D, toDown: tf.Tensor2D): tf.Tensor2D =>
    tf.add(
      tf.matMul(share, weights, false, true),
      tf.mul(tf.add(tf.matMul(toUp, up, false, true), tf.matMul(toDown, down, false, true)), gamma),
    );
  let arrived: tf.Tensor2D = tf.mul(rectify ? active : tf.relu(active), back(shareAbove, shareBelow));
  if (!rectify) arrived = tf.add(arrived, tf.mul(tf.minimum(active, 0), back(shareBelow, shareAbove)));
  if (!skip) return { active: arrived, skipped: null };
  const favored = tf.add(tf.mul(tf.relu(input), shareAbove), tf.mul(tf.minimum(input, 0), shareBelow));
  return { active: arrived, skipped: tf.add(tf.mul(input, share), tf.mul(favored, gamma)) };
}

/** Through `ρ(scale · h + shift)`, whose units have one input and one bias each. */
function throughGate({ gate, input, active }: RecordedStep, flow: tf.Tensor2D, gamma: number): tf.Tensor2D {
  const { scale, shift } = gate!;
  const contribution: tf.Tensor2D = tf.mul(input, scale);
  const favored = tf.add(contribution, tf.mul(tf.relu(contribution), gamma));
  const positives = tf.add(tf.relu(contribution), tf.relu(shift));
  const denominator = tf.add(active, tf.mul(positives, gamma));
  return tf.div(tf.mul(flow, favored), tf.maximum(denominator, TINY));
}

/** The sum of a unit's positive contributions, its bias included, `[points, outputs]`. */
function positiveSum(
  active: tf.Tensor2D,
  rectify: boolean,
  weights: tf.Tensor2D,
  up: tf.Tensor2D,
  bias: tf.Tensor | null,
): tf.Tensor2D {
  let sum: tf.Tensor2D = tf.matMul(rectify ? active : tf.relu(active), up);
  if (!rectify) sum = tf.add(sum, tf.matMul(tf.minimum(active, 0), tf.sub(weights, up)));
  return bias ? tf.add(sum, tf.relu(bias)) : sum;
}
