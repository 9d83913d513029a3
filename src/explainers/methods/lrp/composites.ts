import * as tf from "@tensorflow/tfjs-core";
import { ParameterError } from "../../errors.js";
import { type Choices, type Composite, composite, isConvolution, isLayer } from "./composite.js";
import { type Bias, checkNumber, type Rule } from "./rule.js";
import { alphaBeta, contrast, epsilon, excitation, flat, gamma, wSquare, zBox, zero, zPlus } from "./rules/index.js";
import type { Stabilizer } from "./stabilizer.js";

export interface CompositeOptions {
  /** What becomes of the biases' share; by default what the call of `lrp` says. */
  readonly bias?: Bias;
  /** ε of the dense layers' rule; default 1e-6. */
  readonly epsilon?: number;
  /** How that ε enters; default `"add"`. */
  readonly stabilizer?: Stabilizer;
  /** What keeps the denominators of all other rules, of average pools and of sums from 0; default 1e-6. */
  readonly guard?: number;
}

/** The kinds that are convolutions, with one rule. */
const convolutions = (rule: Rule): Choices["byKind"] => ({ conv2d: rule, depthwise: rule, conv2dTranspose: rule });

/** ε for dense layers, others for the rest. */
function epsilonAnd(
  name: string,
  options: CompositeOptions,
  rest: (options: { bias?: Bias; epsilon: number }) => { first?: Rule; convolution: Rule },
): Composite {
  const { bias, stabilizer, epsilon: ε = 1e-6, guard = 1e-6 } = options;
  const { first, convolution } = rest({ bias, epsilon: guard });
  return composite(name, {
    parameters: { epsilon: ε },
    bias,
    guard,
    first,
    byKind: convolutions(convolution),
    otherwise: epsilon({ epsilon: ε, bias, ...(stabilizer && { stabilizer }) }),
  });
}

/** ε for dense layers, z⁺ for convolutions. */
export function epsilonPlus(options: CompositeOptions = {}): Composite {
  return epsilonAnd("epsilon-plus", options, (given) => ({ convolution: zPlus(given) }));
}

/** ε for dense layers, z⁺ for convolutions, flat for the first layer. */
export function epsilonPlusFlat(options: CompositeOptions = {}): Composite {
  return epsilonAnd("epsilon-plus-flat", options, (given) => ({ first: flat(given), convolution: zPlus(given) }));
}

/**
 * ε for dense layers, γ for convolutions, zᴮ for the first layer, whose inputs are bounded.
 *
 * @param options.low the least value that the model's input takes (a number, or one per channel), e.g. −1
 * @param options.high the greatest
 * @param options.gamma default 0.25
 * @param options.boxOn `"any"` (default): zᴮ for a first layer of any kind, for which Montavon et al. 2017 derive it;
 *   `"convolution"`: only where it is a convolution, as zennit has it
 */
export function epsilonGammaBox(
  options: CompositeOptions & {
    low: number | readonly number[];
    high: number | readonly number[];
    gamma?: number;
    branch?: "linear" | "biased";
    boxOn?: "any" | "convolution";
  },
): Composite {
  const { low, high, branch, boxOn = "any" } = options;
  if (boxOn !== "any" && boxOn !== "convolution") throw new ParameterError("boxOn", boxOn, '"any" or "convolution"');
  const γ = options.gamma ?? 0.25;
  const chosen = epsilonAnd("epsilon-gamma-box", options, (given) => ({
    first: zBox({ ...given, low, high }),
    convolution: gamma({ ...given, gamma: γ, ...(branch && { branch }) }),
  }));
  return {
    ...chosen,
    parameters: { ...chosen.parameters, gamma: γ, low, high },
    rule: (node, place) =>
      chosen.rule(node, { ...place, first: place.first && (boxOn === "any" || isConvolution(node)) }),
  };
}

/** ε for dense layers, α2β1 for convolutions. */
export function epsilonAlpha2Beta1(options: CompositeOptions = {}): Composite {
  return epsilonAnd("epsilon-alpha2-beta1", options, (given) => ({ convolution: alphaBeta(given) }));
}

/** ε for dense layers, α2β1 for convolutions, flat for the first layer. */
export function epsilonAlpha2Beta1Flat(options: CompositeOptions = {}): Composite {
  return epsilonAnd("epsilon-alpha2-beta1-flat", options, (given) => ({
    first: flat(given),
    convolution: alphaBeta(given),
  }));
}

/** α1β0 for every layer. */
export function alpha1Beta0({ bias }: RuleBias = {}): Composite {
  return composite("alpha1-beta0", { bias, otherwise: alphaBeta({ alpha: 1, beta: 0, bias }) });
}

/**
 * Deep Taylor decomposition: z⁺ for hidden layers; for the first layer zᴮ where the input is bounded (`low` and `high`
 * given), else w². Montavon et al. 2017.
 */
export function deepTaylor(
  options: RuleBias & { low?: number | readonly number[]; high?: number | readonly number[] } = {},
): Composite {
  const { bias, low, high } = options;
  const first = low !== undefined && high !== undefined ? zBox({ low, high, bias }) : wSquare({ bias });
  return composite("deep-taylor", { parameters: { low, high }, bias, first, otherwise: zPlus({ bias }) });
}

/**
 * Excitation backprop: `a⁺w⁺` normalized, without biases, from a winning probability of 1. Zhang et al. 2016.
 *
 * @param options.guard what keeps denominators from 0; default 1e-6
 */
export function excitationBackprop({ guard = 1e-6 }: { guard?: number } = {}): Composite {
  return composite("excitation-backprop", { guard, start: tf.onesLike, otherwise: excitation({ epsilon: guard }) });
}

/**
 * Contrastive excitation backprop: what speaks for a class more than for its opposite. Excitation backprop from the target's
 * unit minus that from its dual unit, whose weights are negated; below the top layer both are one pass, as it is linear in
 * what it sends. Zhang et al. 2016, section 3.3.
 */
export function contrastiveExcitationBackprop(): Composite {
  const last = contrast({ bias: "ignore" });
  return composite("contrastive-excitation-backprop", { last, otherwise: excitationBackprop() });
}

/**
 * The stack of the 2019 overview: LRP-0 for the upper third of the layers, ε for the middle, γ for the lower, zᴮ (or w²)
 * for the first. Montavon et al. 2019.
 */
export function overview2019(
  options: Pick<CompositeOptions, "bias" | "epsilon"> & {
    low?: number | readonly number[];
    high?: number | readonly number[];
    gamma?: number;
  } = {},
): Composite {
  const { bias, low, high } = options;
  const ε = checkNumber("epsilon", options.epsilon ?? 0.25, 0);
  const first = low !== undefined && high !== undefined ? zBox({ low, high, bias }) : wSquare({ bias });
  const γ = gamma({ gamma: options.gamma ?? 0.25, bias });
  const middle = epsilon({ epsilon: ε, stabilizer: "rms", bias });
  const upper = zero({ bias });
  return {
    name: "overview-2019",
    parameters: { epsilon: ε, gamma: γ.parameters?.["gamma"], low, high },
    bias,
    rule(node, { first: isFirst, index, count }) {
      if (!isLayer(node)) return undefined;
      if (isFirst) return first;
      return index < count / 3 ? γ : index < (2 * count) / 3 ? middle : upper;
    },
  };
}

/**
 * LRP for LSTM and GRU networks: the ε-rule for whole pre-activations, and of every product of a gate and a source all to
 * the source. Arras et al. 2017.
 *
 * @param options.epsilon default 0.001
 * @param options.biasFactor which part of the biases' (and ε's) share the lower units get: 0 (default) none, 1 all, which
 *   conserves: the relevance of the inputs and of the initial states sums to the explained output
 */
export function recurrent(options: { epsilon?: number; biasFactor?: number } = {}): Composite {
  const ε = checkNumber("epsilon", options.epsilon ?? 0.001, 0);
  const biasFactor = checkNumber("biasFactor", options.biasFactor ?? 0, 0, 1);
  return composite("recurrent", {
    parameters: { epsilon: ε, biasFactor },
    guard: ε,
    joint: { epsilon: ε, biasFactor },
    otherwise: epsilon({ epsilon: ε }),
  });
}

/**
 * AttnLRP for transformers: ε for linear layers, the Taylor rule for softmax, products by halves, normalizations with their
 * denominators held constant. Achtibat et al. 2024.
 */
export function attention({ bias, epsilon: ε = 1e-6 }: Pick<CompositeOptions, "bias" | "epsilon"> = {}): Composite {
  const rule = epsilon({ epsilon: ε, bias });
  // Also for the gain and shift of a layer norm, whose shift is a bias like another.
  return composite("attention", {
    parameters: { epsilon: ε },
    bias,
    guard: ε,
    byKind: { scale: rule },
    otherwise: rule,
  });
}

/**
 * The same rule for every layer with weights.
 *
 * @param options.first for those that read the input
 * @param options.guard what keeps the denominators of average pools, sums and products from 0; default 1e-6
 */
export function uniform(rule: Rule, { first, guard }: { first?: Rule; guard?: number } = {}): Composite {
  return composite(first === undefined ? rule.name : `${first.name}, then ${rule.name}`, {
    ...(rule.parameters && { parameters: rule.parameters }),
    ...(guard !== undefined && { guard }),
    bias: rule.bias,
    first,
    otherwise: rule,
  });
}

interface RuleBias {
  /** What becomes of the biases' share; by default what the call of `lrp` says. */
  readonly bias?: Bias;
}
