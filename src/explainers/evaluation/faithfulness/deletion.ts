import { memoryBudget } from "../../methods/perturbation/engine/parameters.js";
import { everyKind, seed } from "../../parameters.js";
import { measure } from "../measure.js";
import { auc, flippingCurves } from "../perturbing/curves.js";
import { channelsRanked, featuresOf } from "../perturbing/features.js";
import { evenSteps, flippingSteps } from "../perturbing/flipping.js";
import { replacementOf } from "../perturbing/replacement.js";
import { outputScale } from "../perturbing/scoring.js";

/**
 * Deletion (Petsiuk, Das & Saenko 2018): positions are replaced from the most relevant to the least, and the value is the area under
 * the curve of the class probability over the share that is replaced: lower is better.
 *
 * @throws InputShapeError for an attribution of a layer or a model of several inputs; MissingEvidenceError where nothing says what
 *   was explained; ParameterError for a replacement that does not fit
 * @example
 * const { values } = await deletion(model, { steps: 32 })({ x, attribution });
 */
export const deletion = measure({
  id: "deletion",
  name: "Deletion",
  category: "faithfulness",
  reference: "Petsiuk, Das & Saenko 2018, BMVC",
  question: "How soon is the class lost when what the explanation calls relevant is deleted?",
  co12: ["correctness"],
  better: "lower",
  range: [-Infinity, Infinity],
  inputs: everyKind,
  needs: [],
  parameters: {
    steps: flippingSteps(64, "In how many steps everything is deleted (the authors take 224)"),
    replacement: replacementOf("gray"),
    channels: channelsRanked,
    output: outputScale("probability"),
    seed,
    memoryBudget,
  },
  measurer:
    (model, { steps, channels, ...values }, context) =>
    (evidence, run) =>
      flippingCurves("Deletion", model, evidence, context, run, {
        ...values,
        order: "morf",
        initial: "gray",
        features: (x) => featuresOf(x, evidence.attribution, channels),
        flipped: (count) => evenSteps(count, steps),
        value: auc,
      }),
});
