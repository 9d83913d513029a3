import { memoryBudget } from "../../methods/perturbation/engine/parameters.js";
import { everyKind, seed } from "../../parameters.js";
import { measure } from "../measure.js";
import { auc, flippingCurves } from "../perturbing/curves.js";
import { channelsRanked, featuresOf } from "../perturbing/features.js";
import { evenSteps, flippingSteps } from "../perturbing/flipping.js";
import { replacementOf } from "../perturbing/replacement.js";
import { outputScale } from "../perturbing/scoring.js";

/**
 * Insertion (Petsiuk, Das & Saenko 2018): the picture is built up from what stands for nothing (a wide blur), from its most relevant
 * position to its least, and the value is the area under the curve of the class probability over the share that is there: higher is
 * better.
 *
 * @throws InputShapeError for an attribution of a layer or a model of several inputs; MissingEvidenceError where nothing says what
 *   was explained; ParameterError for a replacement that does not fit, and a blur of what is no picture
 * @example
 * const { values } = await insertion(model, { steps: 32 })({ x, attribution });
 */
export const insertion = measure({
  id: "insertion",
  name: "Insertion",
  category: "faithfulness",
  reference: "Petsiuk, Das & Saenko 2018, BMVC",
  question: "How soon is the class found when a picture is built up from what the explanation calls relevant?",
  co12: ["correctness", "completeness"],
  better: "higher",
  range: [-Infinity, Infinity],
  inputs: everyKind,
  needs: [],
  parameters: {
    steps: flippingSteps(64, "In how many steps everything is inserted (the authors take 224)"),
    replacement: replacementOf("blurred"),
    channels: channelsRanked,
    output: outputScale("probability"),
    seed,
    memoryBudget,
  },
  measurer:
    (model, { steps, channels, ...values }, context) =>
    (evidence, run) =>
      flippingCurves("Insertion", model, evidence, context, run, {
        ...values,
        order: "morf",
        way: "kept",
        initial: "blurred",
        features: (x) => featuresOf(x, evidence.attribution, channels),
        flipped: (count) => evenSteps(count, steps),
        value: auc,
      }),
});
