import { memoryBudget } from "../../methods/perturbation/engine/parameters.js";
import { seed } from "../../parameters.js";
import { measure } from "../measure.js";
import { aopc, flippingCurves } from "../perturbing/curves.js";
import { channelsRanked, featuresOf } from "../perturbing/features.js";
import { evenSteps, flippingSteps } from "../perturbing/flipping.js";
import { betterByOrder, flippingOrder } from "../perturbing/order.js";
import { replacementOf } from "../perturbing/replacement.js";
import { outputScale } from "../perturbing/scoring.js";

/**
 * ROAD, remove and debias (Rong et al. 2022): pixels are replaced by the weighted mean of their neighbors and a little noise, so that
 * the shape of what is missing says nothing. The curve holds whether the class is still decided for, its mean over samples the
 * authors' accuracy; the value is the mean fall of it, AOPC: where the most relevant go first higher is better.
 *
 * @throws InputShapeError for an attribution of a layer or a model of several inputs; MissingEvidenceError where nothing says what
 *   was explained; ParameterError for an input whose entries have no neighbors
 * @example
 * const { values, curves } = await road(model, { steps: 10, output: "probability" })({ x, attribution });
 */
export const road = measure({
  id: "road",
  name: "ROAD: remove and debias",
  short: "ROAD",
  category: "faithfulness",
  reference: "Rong et al. 2022, ICML",
  question: "Is the class lost when relevant pixels are replaced by what their neighbors suggest?",
  co12: ["correctness"],
  better: "higher",
  betterWith: betterByOrder,
  range: [-Infinity, Infinity],
  inputs: ["image", "sequence"],
  needs: [],
  parameters: {
    order: flippingOrder,
    steps: flippingSteps(10, "In how many steps all pixels are replaced"),
    replacement: replacementOf("noisy-linear"),
    channels: channelsRanked,
    output: outputScale("decision"),
    seed,
    memoryBudget,
  },
  measurer:
    (model, { steps, channels, ...values }, context) =>
    (evidence, run) =>
      flippingCurves("ROAD", model, evidence, context, run, {
        ...values,
        initial: "noisy-linear",
        features: (x) => featuresOf(x, evidence.attribution, channels),
        // Of a picture without a pixel nothing can be guessed.
        flipped: (count) => evenSteps(count, steps).slice(0, -1),
        value: aopc,
      }),
});
