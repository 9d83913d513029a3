import { real } from "../../../parameters.js";
import { type Composite, composite } from "../composite.js";
import type { Rule } from "../rule.js";
import { alphaBeta, epsilon, gamma, zero } from "../rules/index.js";
import { anyInput, BACH, bias, epsilonOf, gammaOf, OVERVIEW, published } from "./published.js";

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

/** α1β0 for every layer. */
export const alpha1Beta0 = published({
  id: "alpha1-beta0",
  name: "α1β0",
  rules: "α1β0 everywhere",
  description: "Only what speaks for, in every layer",
  reference: `${BACH}, eq. 60`,
  inputs: anyInput,
  parameters: {},
  settings: { bias },
  make: ({ bias }) => ({ bias, otherwise: alphaBeta({ alpha: 1, beta: 0, bias }) }),
});

/** One rule everywhere, for a list to choose from; in code, `uniform(rule)`. */
export const uniformComposites = [
  published({
    id: "epsilon",
    name: "ε",
    rules: "ε everywhere",
    description: "Close to gradient × input, freed of weak and contradictory evidence",
    reference: `${BACH}, eq. 58`,
    inputs: anyInput,
    parameters: { epsilon: epsilonOf(1e-6, "all layers") },
    settings: {},
    make: (values) => ({ otherwise: epsilon(values) }),
  }),
  published({
    id: "zero",
    name: "LRP-0",
    rules: "LRP-0 everywhere",
    description: "On ReLU networks without biases the same as gradient × input",
    reference: `${BACH}, eq. 56`,
    inputs: anyInput,
    parameters: {},
    settings: {},
    make: () => ({ otherwise: zero() }),
  }),
  published({
    id: "gamma",
    name: "γ",
    rules: "γ everywhere",
    description: "Favors what speaks for, by how much is a matter of γ",
    reference: `${OVERVIEW}, section 10.2.1`,
    inputs: anyInput,
    parameters: { gamma: gammaOf("all layers") },
    settings: {},
    make: (values) => ({ otherwise: gamma(values) }),
  }),
  published({
    id: "alpha-beta",
    name: "αβ",
    rules: "αβ everywhere, β = α − 1",
    description: "α times what speaks for, minus β times what speaks against, in every layer",
    reference: `${BACH}, eq. 60`,
    inputs: anyInput,
    parameters: {
      alpha: real(2, "α, the weight of what speaks for; β = α − 1", {
        least: 1,
        label: "α",
        span: { from: 1, to: 4, step: 0.1 },
      }),
    },
    settings: {},
    make: ({ alpha }) => ({ otherwise: alphaBeta({ alpha, beta: alpha - 1 }) }),
  }),
] as const;
