import { ParameterError } from "../../errors.js";
import { memoryBudget } from "../../methods/perturbation/engine/parameters.js";
import { everyKind, seed, whole } from "../../parameters.js";
import { measure } from "../measure.js";
import { constantWarnings } from "../perturbing/curves.js";
import { channelsRanked, featuresOf } from "../perturbing/features.js";
import { opened } from "../perturbing/opened.js";
import { replacementOf } from "../perturbing/replacement.js";
import { outputScale } from "../perturbing/scoring.js";
import { subsetCorrelations } from "../perturbing/subsets.js";

/**
 * Faithfulness correlation (Bhatt, Weller & Moura 2020): over random subsets of one size, the correlation between the sum of their
 * relevance and the fall of the output when they are set to a baseline. It is sensitivity-n at one n.
 *
 * @throws InputShapeError for an attribution of a layer or a model of several inputs; MissingEvidenceError where nothing says what
 *   was explained; ParameterError for a subset larger than a sample or a replacement that does not fit
 * @example
 * const { values } = await faithfulnessCorrelation(model, { subset: 64, draws: 100 })({ x, attribution });
 */
export const faithfulnessCorrelation = measure({
  id: "faithfulness-correlation",
  name: "Faithfulness correlation",
  category: "faithfulness",
  reference: "Bhatt, Weller & Moura 2020, IJCAI, faithfulness",
  question: "Does the relevance of a random subset say how far the output falls without it?",
  co12: ["correctness"],
  better: "higher",
  range: [-1, 1],
  inputs: everyKind,
  needs: [],
  parameters: {
    subset: whole(undefined, "|S|, how many features are removed at once; by default a quarter of all", {
      least: 1,
      unit: "features",
    }),
    draws: whole(100, "How many subsets", { least: 2, unit: "subsets", span: { from: 20, to: 400, step: 20 } }),
    replacement: replacementOf("black"),
    channels: channelsRanked,
    output: outputScale("logit"),
    seed,
    memoryBudget,
  },
  measurer:
    (model, { subset, draws, channels, ...values }, context) =>
    (evidence, run) =>
      opened(
        "Faithfulness correlation",
        model,
        evidence,
        context,
        { ...values, initial: "black" },
        async (scoring, replacement) => {
          const features = featuresOf(scoring.x, evidence.attribution, channels);
          const size = subset ?? Math.max(1, Math.round(features.count / 4));
          if (size >= features.count) {
            const expected = `below ${features.count}, the features of a sample: of all of them there is one subset`;
            throw new ParameterError("subset", size, expected);
          }
          const plan = {
            features,
            sizes: [size],
            draws,
            replacement,
            seed: values.seed,
            memoryBudget: values.memoryBudget,
          };
          const found = await subsetCorrelations(scoring, plan, run);
          return {
            values: Float64Array.from(found, ([correlation]) => correlation!),
            parameters: { subset: size },
            warnings: constantWarnings(features),
          };
        },
      ),
});
