import { memoryBudget } from "../../methods/perturbation/engine/parameters.js";
import { everyKind, seed, toggle } from "../../parameters.js";
import { measure } from "../measure.js";
import { flippingCurves } from "../perturbing/curves.js";
import { channelsRanked, featuresOf } from "../perturbing/features.js";
import { evenSteps, flippingSteps } from "../perturbing/flipping.js";
import { replacementOf } from "../perturbing/replacement.js";
import { outputScale } from "../perturbing/scoring.js";

/**
 * Monotonicity (Luss et al. 2021; Arya et al. 2019): the input is built up from what stands for nothing, its least relevant features first, and
 * each step should raise the output. The value is the share of steps that do not lower it; `strict` asks for all of them, 1 or 0, as
 * published. Quantus' cannot be 0.
 *
 * @throws InputShapeError for an attribution of a layer or a model of several inputs; MissingEvidenceError where nothing says what
 *   was explained; ParameterError for a replacement that does not fit
 * @example
 * const { values } = await monotonicity(model, { steps: 28 })({ x, attribution });
 */
export const monotonicity = measure({
  id: "monotonicity",
  name: "Monotonicity",
  category: "faithfulness",
  reference:
    "Luss et al. 2021, KDD, “Leveraging Latent Features for Local Explanations”; Arya et al. 2019, arXiv:1909.03012",
  question: "Does the output rise with every feature that is added, from the least relevant to the most?",
  co12: ["correctness"],
  better: "higher",
  range: [0, 1],
  inputs: everyKind,
  needs: [],
  parameters: {
    steps: flippingSteps(32, "In how many steps everything is added"),
    strict: toggle(false, "Whether every step must hold, so that the value is 1 or 0, as published"),
    replacement: replacementOf("black"),
    channels: channelsRanked,
    output: outputScale("probability"),
    seed,
    memoryBudget,
  },
  measurer:
    (model, { steps, strict, channels, ...values }, context) =>
    (evidence, run) =>
      flippingCurves("Monotonicity", model, evidence, context, run, {
        ...values,
        order: "lerf",
        way: "kept",
        initial: "black",
        features: (x) => featuresOf(x, evidence.attribution, channels),
        flipped: (count) => evenSteps(count, steps),
        value(outputs) {
          let held = 0;
          for (let step = 1; step < outputs.length; step++) held += Number(outputs[step]! >= outputs[step - 1]!);
          const share = held / (outputs.length - 1);
          return strict ? Number(share === 1) : share;
        },
      }),
});
