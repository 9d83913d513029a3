import { onesLike } from "@tensorflow/tfjs-core";
import { real } from "../../../parameters.js";
import { contrast, excitation } from "../rules/index.js";
import { anyInput, published } from "./published.js";

const guard = real(1e-6, "What keeps denominators from 0", { least: 0 });

/** Excitation backprop: `a⁺w⁺` normalized, without biases, from a winning probability of 1. Zhang et al. 2016. */
export const excitationBackprop = published({
  id: "excitation-backprop",
  name: "excitation backprop",
  rules: "a⁺w⁺ normalized, no biases",
  description: "How likely a random walk down the excitatory connections from the winner ends here",
  reference: "Zhang et al. 2016, ECCV",
  inputs: anyInput,
  parameters: {},
  settings: { guard },
  make: ({ guard }) => ({ guard, start: (value) => onesLike(value), otherwise: excitation({ epsilon: guard }) }),
});

/**
 * Contrastive excitation backprop: what speaks for a class more than for its opposite. Excitation backprop from the target's
 * unit minus that from its dual unit, whose weights are negated; below the top layer both are one pass, as it is linear in
 * what it sends. Zhang et al. 2016, section 3.3.
 */
export const contrastiveExcitationBackprop = published({
  id: "contrastive-excitation-backprop",
  name: "contrastive excitation backprop",
  rules: "excitation backprop minus that of the negated top weights",
  description: "What excites the winner more than its opposite",
  reference: "Zhang et al. 2016, ECCV, section 3.3",
  inputs: anyInput,
  parameters: {},
  settings: {},
  make: () => ({ last: contrast({ bias: "ignore" }), otherwise: excitationBackprop() }),
});
