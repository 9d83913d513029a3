import { method } from "../../method.js";
import type { InputKind, Parameters } from "../../parameters.js";
import { attention } from "./composites/attention.js";
import { deepTaylor } from "./composites/deep-taylor.js";
import {
  contrastiveExcitationBackprop as contrastiveComposite,
  excitationBackprop as excitationComposite,
} from "./composites/excitation-backprop.js";
import type { Published } from "./composites/published.js";
import { recurrent } from "./composites/recurrent.js";
import { bias, fallback } from "./lrp.js";
import { propagated } from "./propagation/propagated.js";
import type { Bias } from "./rule.js";

/* Composites that were published as methods of their own: LRP with the composite chosen. */

interface Preset<Id extends string> {
  readonly id: Id;
  readonly name: string;
  readonly question: string;
  readonly inputs?: readonly InputKind[];
  readonly signed?: boolean;
}

const preset = <const P extends Parameters, const Id extends string>(
  composite: Published<P>,
  { id, inputs, signed = true, ...named }: Preset<Id>,
) =>
  method({
    id,
    ...named,
    family: "propagation",
    reference: composite.reference,
    inputs: inputs ?? composite.inputs,
    signed,
    additive: true,
    result: "entries",
    parameters: { ...composite.parameters, bias, fallback },
    explainer(model, { bias: own, fallback: otherwise, ...values }, context) {
      // The types of a schema that is not known yet say nothing of the two that are.
      const stated = { bias: own as Bias, fallback: otherwise as "none" | "gradient" };
      return propagated(model, (composite as Published)(values, context), stated);
    },
  });

/** Deep Taylor decomposition. Montavon et al. 2017. */
export const deepTaylorDecomposition = preset(deepTaylor, {
  id: "deep-taylor",
  name: "Deep Taylor decomposition",
  question: "How much evidence for the output lies in each entry, if every layer is expanded at its own root point?",
});

/** Excitation backprop as a method. Zhang et al. 2016. */
export const excitationBackpropagation = preset(excitationComposite, {
  id: "excitation-backprop",
  name: "Excitation backprop",
  question: "Where does a random walk down the excitatory connections from the winning unit end?",
  signed: false,
});

/** Contrastive excitation backprop as a method. Zhang et al. 2016, section 3.3. */
export const contrastiveExcitationBackpropagation = preset(contrastiveComposite, {
  id: "contrastive-excitation-backprop",
  name: "Contrastive excitation backprop",
  question: "What excites the winning unit more than its opposite?",
});

/** LRP for recurrent networks. Arras et al. 2017. */
export const lrpRecurrent = preset(recurrent, {
  id: "lrp-recurrent",
  name: "LRP for LSTM and GRU",
  question: "How much did each word or time step contribute to the output of a recurrent network?",
});

/** LRP for transformers. Achtibat et al. 2024. */
export const attnLrp = preset(attention, {
  id: "attn-lrp",
  name: "AttnLRP",
  question: "How much did each token or patch contribute to the output of a transformer?",
});
