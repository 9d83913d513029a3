import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { ParameterError } from "../../../errors.js";
import type { Layer } from "../layer.js";
import { checkBias, checkNumber, type Rule, type RuleOptions, type Term } from "../rule.js";

/**
 * LRP-αβ: `R_i = Σ_j (α (a_i w_ij)⁺ / Σ_i (a_i w_ij)⁺ − β (a_i w_ij)⁻ / Σ_i (a_i w_ij)⁻) R_j` with `α − β = 1`, biases
 * split by their sign likewise. Bach et al. 2015, eq. 60.
 *
 * @param options.alpha at least 1; default 2
 * @param options.beta at least 0; default 1
 */
export function alphaBeta(options: RuleOptions & { alpha?: number; beta?: number; epsilon?: number } = {}): Rule {
  const α = checkNumber("alpha", options.alpha ?? 2, 1);
  const β = checkNumber("beta", options.beta ?? 1, 0);
  const ε = checkNumber("epsilon", options.epsilon ?? 1e-6, 0);
  if (Math.abs(α - β - 1) > 1e-9) {
    throw new ParameterError("alpha − beta", α - β, "1, or relevance is not conserved");
  }
  return {
    name: "alphaBeta",
    parameters: { alpha: α, beta: β, epsilon: ε },
    bias: checkBias(options.bias),
    weighted: true,
    zero: "nothing",
    form: `alphaBeta ${α} ${β} ${ε}`,
    share(layer, R) {
      const positive = signedPart(layer, "+", α === 1 ? R : tf.mul(R, α), ε);
      if (β === 0) return { inputs: positive.inputs, terms: [positive] };
      const negative = signedPart(layer, "-", tf.mul(R, -β), ε);
      return { inputs: tf.add(positive.inputs, negative.inputs), terms: [positive, negative] };
    },
  };
}

/**
 * z⁺: `R_i = Σ_j (a_i w_ij)⁺ / Σ_i (a_i w_ij)⁺ R_j`, deep Taylor decomposition of ReLU layers, the same as α1β0.
 * Montavon et al. 2017, eq. 18.
 */
export function zPlus(options: RuleOptions & { epsilon?: number } = {}): Rule {
  const rule = alphaBeta({ ...options, alpha: 1, beta: 0 });
  return { ...rule, name: "zPlus", parameters: { epsilon: rule.parameters?.["epsilon"] } };
}

/**
 * Excitation backprop: `R_i = Σ_j a_i w_ij⁺ / Σ_i a_i w_ij⁺ R_j`, which is z⁺ without biases. Zhang et al. 2016.
 *
 * @param options.epsilon what keeps denominators from 0; default 1e-6
 */
export function excitation(options: { epsilon?: number } = {}): Rule {
  const ε = checkNumber("epsilon", options.epsilon ?? 1e-6, 0);
  return {
    name: "excitation",
    parameters: { epsilon: ε },
    weighted: true,
    zero: "nothing",
    form: `excitation ${ε}`,
    share(layer, R) {
      const positive = signedPart(layer, "+", R, ε, false);
      return { inputs: positive.inputs, terms: [positive] };
    },
  };
}

/** The winner's shares minus its opposite's, whose weights are the negated ones: `R_i = (share⁺ − share⁻) R_j`. Zhang et al. 2016. */
export function contrast(options: RuleOptions = {}): Rule {
  const ε = 1e-6;
  return {
    name: "contrast",
    parameters: {},
    bias: checkBias(options.bias),
    weighted: true,
    zero: "nothing",
    form: "contrast",
    share(layer, R) {
      const positive = signedPart(layer, "+", R, ε);
      const negative = signedPart(layer, "-", tf.neg(R), ε);
      // The opposite takes as much as the winner gives: all of R ends here.
      const taken: Term = { s: R, bias: null, stabilizer: 1 };
      return { inputs: tf.add(positive.inputs, negative.inputs), terms: [positive, negative, taken] };
    },
  };
}

/** The positive or the negative contributions `(aw)^±` alone. */
function signedPart(layer: Layer, sign: "+" | "-", R: Tensor, ε: number, usesBias = layer.usesBias) {
  const { a, b, facts, wPlus, wMinus } = layer;
  const [same, opposite] = sign === "+" ? [wPlus, wMinus] : [wMinus, wPlus];
  const part = (x: Tensor): Tensor => (sign === "+" ? tf.relu(x) : tf.minimum(x, 0));
  const up = facts.nonNegative ? a : tf.relu(a);
  const down = facts.nonNegative ? null : tf.minimum(a, 0);
  let linear = same.forward(up);
  if (down !== null) linear = tf.add(linear, opposite.forward(down));
  // The denominator has the sign of its part, so the stabilizer is a constant and travels with the bias.
  const offset = layer.offset(`part ${sign}`, part, sign === "+" ? ε : -ε, usesBias);
  const s = tf.div(R, tf.add(linear, offset));
  let inputs = tf.mul(up, same.vjp(s, a.shape));
  if (down !== null) inputs = tf.add(inputs, tf.mul(down, opposite.vjp(s, a.shape)));
  const bias = b !== null && usesBias ? layer.constant(`bias ${sign}`, () => part(b)) : null;
  return { inputs, s, bias, stabilizer: sign === "+" ? ε : -ε };
}
