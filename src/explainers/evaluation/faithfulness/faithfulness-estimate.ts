import { memoryBudget } from "../../methods/perturbation/engine/parameters.js";
import { pearson } from "../../numerics/correlation.js";
import { everyKind, seed, whole } from "../../parameters.js";
import { measure } from "../measure.js";
import { constantWarnings } from "../perturbing/curves.js";
import { channelsRanked, featuresOf } from "../perturbing/features.js";
import { evenSteps, flip, stepsOf } from "../perturbing/flipping.js";
import { opened } from "../perturbing/opened.js";
import { orderer } from "../perturbing/order.js";
import { replacementOf } from "../perturbing/replacement.js";
import { outputScale } from "../perturbing/scoring.js";

/** More features than this are removed in groups, unless asked otherwise. */
const MOST_GROUPS = 256;

/**
 * Faithfulness estimate (Alvarez-Melis & Jaakkola 2018): the correlation between the relevance of each feature and the fall of the
 * output when it alone is removed. Features of much the same relevance may be removed together, `perStep` at a time; with more than
 * 256 features so many groups are made of them.
 *
 * @throws InputShapeError for an attribution of a layer or a model of several inputs; MissingEvidenceError where nothing says what
 *   was explained; ParameterError for a replacement that does not fit
 * @example
 * const { values } = await faithfulnessEstimate(model, { perStep: 28 })({ x, attribution });
 */
export const faithfulnessEstimate = measure({
  id: "faithfulness-estimate",
  name: "Faithfulness estimate",
  category: "faithfulness",
  reference: "Alvarez-Melis & Jaakkola 2018, NeurIPS",
  question: "Is the relevance of each feature in proportion to the fall of the output without it?",
  co12: ["correctness"],
  better: "higher",
  range: [-1, 1],
  inputs: everyKind,
  needs: [],
  parameters: {
    perStep: whole(
      undefined,
      "How many features of adjacent ranks are removed together; by default one, of more than 256 a 256th",
      {
        least: 1,
        unit: "features",
      },
    ),
    replacement: replacementOf("black"),
    channels: channelsRanked,
    output: outputScale("logit"),
    seed,
    memoryBudget,
  },
  measurer:
    (model, { perStep, channels, ...values }, context) =>
    (evidence, run) =>
      opened(
        "Faithfulness estimate",
        model,
        evidence,
        context,
        { ...values, initial: "black" },
        async (scoring, replacement) => {
          const features = featuresOf(scoring.x, evidence.attribution, channels);
          const { count, relevance } = features;
          const flipped = perStep === undefined ? evenSteps(count, MOST_GROUPS) : stepsOf(count, perStep);
          const orders = relevance.map(orderer(count, "morf", values.seed));
          const plan = {
            features,
            orders,
            flipped,
            way: "alone",
            replacement,
            memoryBudget: values.memoryBudget,
          } as const;
          const { outputs } = await flip(scoring, plan, run);
          return {
            values: Float64Array.from(outputs, ([untouched, ...without], sample) =>
              pearson(
                groupSums(relevance[sample]!, orders[sample]!, flipped),
                without.map((output) => untouched! - output),
              ),
            ),
            warnings: constantWarnings(features),
          };
        },
      ),
});

/** The relevance of each group of features. */
function groupSums(relevance: Float32Array, order: Int32Array, flipped: readonly number[]): Float64Array {
  return Float64Array.from({ length: flipped.length - 1 }, (_, group) => {
    let sum = 0;
    for (let place = flipped[group]!; place < flipped[group + 1]!; place++) sum += relevance[order[place]!]!;
    return sum;
  });
}
