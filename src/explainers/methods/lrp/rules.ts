import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { ParameterError } from "../../errors.js";
import { sumTo } from "../../network/shapes.js";
import type { Layer } from "./layer.js";
import {
  type Bias,
  checkBias,
  checkNumber,
  type Rule,
  type Stabilizer,
  signOf,
  stabilizerOf,
  type Term,
} from "./rule.js";

/*
 * Notation, as in the literature: `a` the layer's input, `z = Σ a w + b` its output before the activation, `R` the
 * relevance at the output, `s` = R over a denominator, `w.vjp(s)` = Σ_j w_ij s_j. `x⁺ = max(x, 0)`, `x⁻ = min(x, 0)`.
 * Every rule has the form R_i = Σ_j (share of i in the denominator of j) R_j.
 */

export interface RuleOptions {
  /** What becomes of the biases' share; by default what the call of `lrp` says. */
  readonly bias?: Bias;
}

/**
 * LRP-ε: `R_i = a_i Σ_j w_ij R_j / (z_j + ε sign z_j)`; LRP-0 with a vanishing ε. Bach et al. 2015, eq. 58.
 *
 * @param options.epsilon above 0, in units of `z`; default 1e-6
 */
export function epsilon(options: RuleOptions & { epsilon?: number; stabilizer?: Stabilizer } = {}): Rule {
  const ε = checkNumber("epsilon", options.epsilon ?? 1e-6, 0);
  const stabilizer = options.stabilizer ?? "add";
  return {
    name: "epsilon",
    parameters: { epsilon: ε, stabilizer },
    bias: checkBias(options.bias),
    proportional: true,
    form: `epsilon ${stabilizer}`,
    numbers: { epsilon: ε },
    share({ a, z, w, b }, R, useBias, { epsilon }) {
      const bias = useBias ? b : null;
      const zb = b === null || useBias ? z : tf.sub(z, b);
      const δ = stabilizerOf(zb, epsilon, stabilizer);
      const s = tf.div(R, tf.add(zb, δ));
      return { inputs: tf.mul(a, w.vjp(s, a.shape)), terms: [{ s, bias, stabilizer: δ }] };
    },
  };
}

/** LRP-0: `R_i = a_i Σ_j w_ij R_j / z_j`; the denominator is kept from 0 by 1e-9. Bach et al. 2015, eq. 56. */
export function zero(options: RuleOptions = {}): Rule {
  return { ...epsilon({ ...options, epsilon: 1e-9 }), name: "zero", parameters: {} };
}

/**
 * LRP-γ: `R_i = Σ_j (a_i w_ij + γ(a_i w_ij)^±) R_j / (z_j + γ z_j^±)`, where the sign is that of `z_j`, so that inputs
 * of both signs keep the denominator from vanishing. Montavon et al. 2019, eq. 10.3; the negative branch: Andéol et al. 2021.
 *
 * It is computed as `(1 + γ/2) w` and `γ/2 |w|`: `(aw)⁺ = ½(aw + |aw|)`, `(aw)⁻ = ½(aw − |aw|)`.
 *
 * @param options.gamma at least 0; default 0.25
 * @param options.branch whose sign counts: `z` without (`"linear"`) or with its bias (`"biased"`). By default that of the
 *   denominator's own `z`; another one lets denominators vanish.
 */
export function gamma(
  options: RuleOptions & { gamma?: number; epsilon?: number; branch?: "linear" | "biased" } = {},
): Rule {
  const γ = checkNumber("gamma", options.gamma ?? 0.25, 0);
  const ε = checkNumber("epsilon", options.epsilon ?? 1e-6, 0);
  const { branch } = options;
  if (branch !== undefined && branch !== "linear" && branch !== "biased") {
    throw new ParameterError("branch", branch, '"linear" or "biased"');
  }
  return {
    name: "gamma",
    parameters: { gamma: γ, epsilon: ε, ...(branch && { branch }) },
    bias: checkBias(options.bias),
    proportional: true,
    form: `gamma ${ε} ${branch}`,
    numbers: { gamma: γ, half: γ / 2, sharper: 1 + γ / 2 },
    share(layer, R, useBias, { gamma: γ, half: halfγ, sharper: moreγ }) {
      const { a, z, b, facts, w, wAbs } = layer;
      const own = useBias ? "biased" : "linear";
      const gated = facts.gated && useBias && branch !== "linear";
      if (gated && facts.nonNegative) {
        // z > 0 wherever relevance arrives, a ≥ 0: the positive branch with the weights w + γw⁺ is all there is.
        const wγ = layer.latest("gamma", γ, (w) => tf.add(w, tf.mul(tf.relu(w), γ)));
        const bias = b && tf.add(b, tf.mul(tf.relu(b), γ));
        const zγ = tf.add(wγ.forward(a), bias === null ? ε : tf.add(bias, ε));
        const s = tf.div(R, tf.maximum(zγ, ε));
        return { inputs: tf.mul(a, wγ.vjp(s, a.shape)), terms: [{ s, bias, stabilizer: ε }] };
      }
      const base = b === null || useBias ? z : tf.sub(z, b);
      // (aw)^± = ½(aw ± |aw|) with ± the sign of the branch, so that z_γ = (1 + γ/2) z ± γ/2 Σ|aw|.
      const bAbs =
        b === null || !useBias
          ? null
          : tf.mul(
              layer.constant("|b|", () => tf.abs(b)),
              halfγ,
            );
      const half = tf.mul(layer.total, halfγ);
      const sharper = tf.mul(base, moreγ);
      let s: Tensor;
      let signed: Tensor;
      let terms: Term[];
      const whole = b === null || !useBias ? null : tf.mul(b, moreγ);
      if (gated || branch === undefined || branch === own || b === null) {
        // The branch has the sign of z_γ, so ε has it, too.
        const more = tf.add(half, bAbs === null ? ε : tf.add(bAbs, ε));
        if (gated) {
          s = tf.div(R, tf.maximum(tf.add(sharper, more), ε));
          signed = s;
        } else {
          const sign = signOf(base);
          s = tf.div(R, tf.add(sharper, tf.mul(sign, more)));
          signed = tf.mul(s, sign);
        }
        terms = [
          { s, bias: whole, stabilizer: 0 },
          { s: signed, bias: bAbs, stabilizer: ε },
        ];
      } else {
        const sign = signOf(branch === "biased" ? z : tf.sub(z, b));
        const zγ = tf.add(sharper, tf.mul(sign, bAbs === null ? half : tf.add(half, bAbs)));
        const δ = stabilizerOf(zγ, ε);
        s = tf.div(R, tf.add(zγ, δ));
        signed = tf.mul(s, sign);
        terms = [
          { s, bias: whole, stabilizer: δ },
          { s: signed, bias: bAbs, stabilizer: 0 },
        ];
      }
      const [plain, absolute] = [tf.mul(w.vjp(s, a.shape), moreγ), tf.mul(wAbs.vjp(signed, a.shape), halfγ)];
      const inputs = facts.nonNegative
        ? tf.mul(a, tf.add(plain, absolute))
        : tf.add(tf.mul(a, plain), tf.mul(layer.magnitude, absolute));
      return { inputs, terms };
    },
  };
}

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
    proportional: true,
    form: `alphaBeta ${α} ${β} ${ε}`,
    share(layer, R, useBias) {
      const positive = signedPart(layer, "+", α === 1 ? R : tf.mul(R, α), ε, useBias);
      if (β === 0) return { inputs: positive.inputs, terms: [positive] };
      const negative = signedPart(layer, "-", tf.mul(R, -β), ε, useBias);
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
  return { ...rule, name: "zPlus", parameters: { epsilon: rule.parameters["epsilon"] } };
}

/** The winner's shares minus its opposite's, whose weights are the negated ones: `R_i = (share⁺ − share⁻) R_j`. Zhang et al. 2016. */
export function contrast(options: RuleOptions = {}): Rule {
  const ε = 1e-6;
  return {
    name: "contrast",
    parameters: {},
    bias: checkBias(options.bias),
    proportional: true,
    form: "contrast",
    share(layer, R, useBias) {
      const positive = signedPart(layer, "+", R, ε, useBias);
      const negative = signedPart(layer, "-", tf.neg(R), ε, useBias);
      // The opposite takes as much as the winner gives: all of R ends here.
      const taken: Term = { s: R, bias: null, stabilizer: 1 };
      return { inputs: tf.add(positive.inputs, negative.inputs), terms: [positive, negative, taken] };
    },
  };
}

/** The positive or the negative contributions `(aw)^±` alone. */
function signedPart(layer: Layer, sign: "+" | "-", R: Tensor, ε: number, useBias: boolean) {
  const { a, b, facts, wPlus, wMinus } = layer;
  const [same, opposite] = sign === "+" ? [wPlus, wMinus] : [wMinus, wPlus];
  const part = (x: Tensor): Tensor => (sign === "+" ? tf.relu(x) : tf.minimum(x, 0));
  const up = facts.nonNegative ? a : tf.relu(a);
  const down = facts.nonNegative ? null : tf.minimum(a, 0);
  let linear = same.forward(up);
  if (down !== null) linear = tf.add(linear, opposite.forward(down));
  // The denominator has the sign of its part, so the stabilizer is a constant and travels with the bias.
  const offset = layer.offset(`part ${sign}`, part, sign === "+" ? ε : -ε, useBias);
  const s = tf.div(R, tf.add(linear, offset));
  let inputs = tf.mul(up, same.vjp(s, a.shape));
  if (down !== null) inputs = tf.add(inputs, tf.mul(down, opposite.vjp(s, a.shape)));
  const bias = b !== null && useBias ? layer.constant(`bias ${sign}`, () => part(b)) : null;
  return { inputs, s, bias, stabilizer: sign === "+" ? ε : -ε };
}

/**
 * zᴮ, for inputs between `low` and `high` (pixels): `R_i = Σ_j (x_i w_ij − l_i w_ij⁺ − h_i w_ij⁻) / Σ_i (…) R_j`; biases
 * cancel. Montavon et al. 2017, eq. 20.
 *
 * @param options.low the least value of an input: a number, or one per channel
 * @param options.high the greatest
 */
export function zBox(
  options: RuleOptions & { low: number | readonly number[]; high: number | readonly number[]; epsilon?: number },
): Rule {
  const ε = checkNumber("epsilon", options.epsilon ?? 1e-6, 0);
  const low = bound("low", options.low);
  const high = bound("high", options.high);
  if ([low].flat().some((l, i) => l > ([high].flat()[i] ?? [high].flat()[0]!))) {
    throw new ParameterError("low", options.low, `at most high (${String(options.high)})`);
  }
  return {
    name: "zBox",
    parameters: { low: options.low, high: options.high, epsilon: ε },
    bias: checkBias(options.bias),
    proportional: false,
    form: `zBox ${low} ${high} ${ε}`,
    share(layer, R) {
      const { a, z, w, b } = layer;
      const channels = layer.inputChannels;
      // l w⁺ + h w⁻ are the weights by which the corner of the box that lies lowest enters.
      const key = `box ${low} ${high}`;
      const wBox = layer.variant(key, (w) =>
        tf.add(
          tf.mul(tf.relu(w), column(low, channels, "low")),
          tf.mul(tf.minimum(w, 0), column(high, channels, "high")),
        ),
      );
      const shape = [1, ...a.shape.slice(1)];
      const corner = layer.constant(`${key} ${shape}`, () => wBox.forward(tf.ones(shape)));
      const linear = tf.sub(b === null ? z : tf.sub(z, b), corner);
      const δ = stabilizerOf(linear, ε);
      const s = tf.div(R, tf.add(linear, δ));
      const inputs = tf.sub(tf.mul(a, w.vjp(s, a.shape)), wBox.vjp(s, a.shape));
      return { inputs, terms: [{ s, bias: null, stabilizer: δ }] };
    },
  };
}

/** w²: `R_i = Σ_j w_ij² / Σ_i w_ij² R_j`, whatever the input. Montavon et al. 2017, eq. 12. */
export function wSquare(options: RuleOptions & { epsilon?: number } = {}): Rule {
  const ε = checkNumber("epsilon", options.epsilon ?? 1e-6, 0);
  return {
    name: "wSquare",
    parameters: { epsilon: ε },
    bias: checkBias(options.bias),
    proportional: false,
    form: `wSquare ${ε}`,
    share(layer, R, useBias) {
      const { a, b, wSquare: w2 } = layer;
      const shape = [1, ...a.shape.slice(1)];
      const linear = layer.constant(`square ${shape}`, () => w2.forward(tf.ones(shape)));
      const s = tf.div(
        R,
        tf.add(
          linear,
          layer.offset("square", (b) => tf.square(b), ε, useBias),
        ),
      );
      const bias = b !== null && useBias ? layer.constant("square bias", () => tf.square(b)) : null;
      return { inputs: w2.vjp(s, a.shape), terms: [{ s, bias, stabilizer: ε }] };
    },
  };
}

/** Flat: `R_i = Σ_j R_j / (number of inputs of j)`. Lapuschkin et al. 2019. */
export function flat(options: RuleOptions & { epsilon?: number } = {}): Rule {
  const ε = checkNumber("epsilon", options.epsilon ?? 1e-6, 0);
  return {
    name: "flat",
    parameters: { epsilon: ε },
    bias: checkBias(options.bias),
    proportional: false,
    form: `flat ${ε}`,
    share(layer, R) {
      const { a, one } = layer;
      const shape = [1, ...a.shape.slice(1)];
      const linear = layer.constant(`flat ${shape}`, () => one.forward(tf.ones(shape)));
      const s = tf.div(R, tf.add(linear, ε));
      return { inputs: one.vjp(s, a.shape), terms: [{ s, bias: null, stabilizer: ε }] };
    },
  };
}

/** Pass: relevance goes through unchanged; for layers with one input per output, such as a batch norm left unfolded. */
export function pass(): Rule {
  return {
    name: "pass",
    parameters: {},
    bias: undefined,
    proportional: false,
    form: "pass",
    share: ({ a }, R) => ({ inputs: sumTo(R, a.shape), terms: [] }),
  };
}

function bound(name: string, value: number | readonly number[]): number | number[] {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (Array.isArray(value) && value.length > 0 && value.every((entry) => Number.isFinite(entry))) return [...value];
  throw new ParameterError(name, value, "a number, or a list of numbers, one per channel");
}

/** A value per input channel, ready to multiply weights `[…, in, out]`. */
function column(value: number | readonly number[], channels: number, name: string): Tensor {
  if (typeof value === "number") return tf.scalar(value);
  if (value.length !== channels) {
    throw new ParameterError(name, value, `one number, or one for each of the ${channels} channels of the input`);
  }
  return tf.tensor2d([...value], [channels, 1]);
}
