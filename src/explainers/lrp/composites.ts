import type { AffineNode } from "../trace/index.js";
import type { Composite, Place } from "./composite.js";
import { isConvolution } from "./composite.js";
import { type Bias, checkNumber, type Rule } from "./rule.js";
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

/** ε for dense layers, z⁺ for convolutions. */
export function epsilonPlus({ bias, epsilon: ε = 1e-6 }: CompositeOptions = {}): Composite {
  return {
    name: "epsilon-plus",
    parameters: { epsilon: ε },
    bias,
    rule: byKind({ convolution: zPlus({ bias }), dense: epsilon({ epsilon: ε, bias }) }),
  };
}

/** ε for dense layers, z⁺ for convolutions, flat for the first layer. */
export function epsilonPlusFlat({ bias, epsilon: ε = 1e-6 }: CompositeOptions = {}): Composite {
  return {
    name: "epsilon-plus-flat",
    parameters: { epsilon: ε },
    bias,
    rule: byKind({ first: flat({ bias }), convolution: zPlus({ bias }), dense: epsilon({ epsilon: ε, bias }) }),
  };
}

/**
 * ε for dense layers, γ for convolutions, zᴮ for the first layer.
 *
 * @param options.low the least value that the model's input takes (a number, or one per channel), e.g. −1
 * @param options.high the greatest
 * @param options.gamma default 0.25
 */
export function epsilonGammaBox(
  options: CompositeOptions & {
    low: number | readonly number[];
    high: number | readonly number[];
    gamma?: number;
    branch?: "linear" | "biased";
  },
): Composite {
  const { bias, low, high, branch } = options;
  const ε = options.epsilon ?? 1e-6;
  const γ = options.gamma ?? 0.25;
  return {
    name: "epsilon-gamma-box",
    parameters: { epsilon: ε, gamma: γ, low, high },
    bias,
    rule: byKind({
      first: zBox({ low, high, bias }),
      convolution: gamma({ gamma: γ, bias, ...(branch && { branch }) }),
      dense: epsilon({ epsilon: ε, bias }),
    }),
  };
}

/** ε for dense layers, α2β1 for convolutions. */
export function epsilonAlpha2Beta1({ bias, epsilon: ε = 1e-6 }: CompositeOptions = {}): Composite {
  return {
    name: "epsilon-alpha2-beta1",
    parameters: { epsilon: ε },
    bias,
    rule: byKind({ convolution: alphaBeta({ bias }), dense: epsilon({ epsilon: ε, bias }) }),
  };
}

/** ε for dense layers, α2β1 for convolutions, flat for the first layer. */
export function epsilonAlpha2Beta1Flat({ bias, epsilon: ε = 1e-6 }: CompositeOptions = {}): Composite {
  return {
    name: "epsilon-alpha2-beta1-flat",
    parameters: { epsilon: ε },
    bias,
    rule: byKind({ first: flat({ bias }), convolution: alphaBeta({ bias }), dense: epsilon({ epsilon: ε, bias }) }),
  };
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

/** Excitation backprop: `a⁺w⁺` normalized, without biases, from a winning probability of 1. Zhang et al. 2016. */
export function excitationBackprop(): Composite {
  const { share, ...named } = zPlus();
  const rule: Rule = {
    ...named,
    form: "zPlus without bias",
    share: (layer, R, _, numbers) => share(layer, R, false, numbers),
  };
  return { name: "excitation-backprop", parameters: {}, seed: "one", rule: byKind({ convolution: rule, dense: rule }) };
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
  options: CompositeOptions & {
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
export function attention({ bias, epsilon: ε = 1e-6 }: CompositeOptions = {}): Composite {
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
