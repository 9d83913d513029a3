import { ParameterError } from "../../errors.js";
import type { AffineNode } from "../../network/index.js";
import type { Composite, Place } from "./composite.js";
import { isConvolution } from "./composite.js";
import { type Bias, checkNumber, type Rule, type Stabilizer } from "./rule.js";
import { alphaBeta, contrast, epsilon, flat, gamma, pass, wSquare, zBox, zero, zPlus } from "./rules.js";

/*
 * Composites choose a rule for every layer. Layers without weights need no choice: activations and reshapes pass, average
 * pools and sums share in proportion, max pools send all to the winner, normalizations all to what they normalize. A factor or batch norm that could not be folded
 * into a convolution or dense layer passes, too.
 */

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

type Choice = { first?: Rule; convolution: Rule; dense: Rule };

function byKind({ first, convolution, dense }: Choice): Composite["rule"] {
  const passing = pass();
  return (node: AffineNode, place: Place) => {
    if (node.operation.kind === "scale") return passing;
    if (place.first && first !== undefined) return first;
    return isConvolution(node) ? convolution : dense;
  };
}

/** ε for dense layers, others for the rest. */
function epsilonAnd(
  name: string,
  options: CompositeOptions,
  rest: (options: { bias?: Bias; epsilon: number }) => Omit<Choice, "dense">,
): Composite {
  const { bias, stabilizer, epsilon: ε = 1e-6, guard = 1e-6 } = options;
  return {
    name,
    parameters: { epsilon: ε },
    bias,
    epsilon: guard,
    rule: byKind({
      ...rest({ bias, epsilon: guard }),
      dense: epsilon({ epsilon: ε, bias, ...(stabilizer && { stabilizer }) }),
    }),
  };
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
  const composite = epsilonAnd("epsilon-gamma-box", options, (given) => ({
    first: zBox({ ...given, low, high }),
    convolution: gamma({ ...given, gamma: γ, ...(branch && { branch }) }),
  }));
  return {
    ...composite,
    parameters: { ...composite.parameters, gamma: γ, low, high },
    rule: (node, place) =>
      composite.rule(node, { ...place, first: place.first && (boxOn === "any" || isConvolution(node)) }),
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
  const rule = alphaBeta({ alpha: 1, beta: 0, bias });
  return { name: "alpha1-beta0", parameters: {}, bias, rule: byKind({ convolution: rule, dense: rule }) };
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
  const hidden = zPlus({ bias });
  return {
    name: "deep-taylor",
    parameters: { low, high },
    bias,
    rule: byKind({ first, convolution: hidden, dense: hidden }),
  };
}

/**
 * Excitation backprop: `a⁺w⁺` normalized, without biases, from a winning probability of 1. Zhang et al. 2016.
 *
 * @param options.guard what keeps denominators from 0; default 1e-6
 */
export function excitationBackprop({ guard = 1e-6 }: { guard?: number } = {}): Composite {
  const { share, ...named } = zPlus({ epsilon: guard });
  const rule: Rule = {
    ...named,
    form: `zPlus ${guard} without bias`,
    share: (layer, R, _, numbers) => share(layer, R, false, numbers),
  };
  return {
    name: "excitation-backprop",
    parameters: {},
    epsilon: guard,
    seed: "one",
    rule: byKind({ convolution: rule, dense: rule }),
  };
}

/**
 * Contrastive excitation backprop: what speaks for a class more than for its opposite. Excitation backprop from the target's
 * unit minus that from its dual unit, whose weights are negated; below the top layer both are one pass, as it is linear in
 * what it sends. Zhang et al. 2016, section 3.3.
 */
export function contrastiveExcitationBackprop(): Composite {
  const { rule, seed } = excitationBackprop();
  const top = contrast({ bias: "ignore" });
  return {
    name: "contrastive-excitation-backprop",
    parameters: {},
    ...(seed && { seed }),
    rule: (node, place) => (place.last && node.operation.kind !== "scale" ? top : rule(node, place)),
  };
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
  const passing = pass();
  return {
    name: "overview-2019",
    parameters: { epsilon: ε, gamma: γ.parameters["gamma"], low, high },
    bias,
    rule(node, { first: isFirst, index, count }) {
      if (node.operation.kind === "scale") return passing;
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
  return {
    name: "recurrent",
    parameters: { epsilon: ε, biasFactor },
    epsilon: ε,
    joint: { epsilon: ε, biasFactor },
    rule: byKind({ convolution: epsilon({ epsilon: ε }), dense: epsilon({ epsilon: ε }) }),
  };
}

/**
 * AttnLRP for transformers: ε for linear layers, the Taylor rule for softmax, products by halves, normalizations with their
 * denominators held constant. Achtibat et al. 2024.
 */
export function attention({ bias, epsilon: ε = 1e-6 }: Pick<CompositeOptions, "bias" | "epsilon"> = {}): Composite {
  // Also for the gain and shift of a layer norm, whose shift is a bias like another.
  const rule = epsilon({ epsilon: ε, bias });
  return { name: "attention", parameters: { epsilon: ε }, bias, epsilon: ε, rule: () => rule };
}

/** The same rule for every layer with weights; `first` for those that read the input. */
export function uniform(rule: Rule, first?: Rule): Composite {
  return {
    name: first === undefined ? rule.name : `${first.name}, then ${rule.name}`,
    parameters: rule.parameters,
    bias: rule.bias,
    rule: byKind({ convolution: rule, dense: rule, ...(first && { first }) }),
  };
}

interface RuleBias {
  /** What becomes of the biases' share; by default what the call of `lrp` says. */
  readonly bias?: Bias;
}
