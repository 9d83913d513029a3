import { memoryBudget } from "../../methods/perturbation/engine/parameters.js";
import { everyKind, real, seed, whole } from "../../parameters.js";
import { measure } from "../measure.js";
import { constantWarnings } from "../perturbing/curves.js";
import { channelsRanked, featuresOf } from "../perturbing/features.js";
import { opened } from "../perturbing/opened.js";
import { replacementOf } from "../perturbing/replacement.js";
import { outputScale } from "../perturbing/scoring.js";
import { subsetCorrelations } from "../perturbing/subsets.js";

/**
 * Sensitivity-n (Ancona et al. 2018): the correlation, over random subsets of n features, between the sum of their relevance and the
 * fall of the output when they are removed; 1 for every n where the explanation is exact. `curves` hold it against n, from 1 to `most`
 * of the features, evenly on a logarithmic scale; the value is the mean over them.
 *
 * Quantus' measure of this name removes the most relevant features step by step and correlates over the images of a batch; this is
 * the paper's, one correlation for each image and n.
 *
 * @throws InputShapeError for an attribution of a layer or a model of several inputs; MissingEvidenceError where nothing says what
 *   was explained; ParameterError for a replacement that does not fit
 * @example
 * const { values, curves } = await sensitivityN(model, { sizes: 6, draws: 100 })({ x, attribution });
 */
export const sensitivityN = measure({
  id: "sensitivity-n",
  name: "Sensitivity-n",
  category: "faithfulness",
  reference: "Ancona et al. 2018, ICLR",
  question: "Does the relevance of some features say how far the output falls without them?",
  co12: ["correctness", "completeness"],
  better: "higher",
  range: [-1, 1],
  inputs: everyKind,
  needs: [],
  parameters: {
    sizes: whole(6, "How many values n has", { least: 1, span: { from: 2, to: 20, step: 1 } }),
    most: real(0.8, "The largest n, as a share of all features", { least: 0, most: 1 }),
    draws: whole(100, "How many subsets of each size", {
      least: 2,
      unit: "subsets",
      span: { from: 20, to: 400, step: 20 },
    }),
    replacement: replacementOf("zero"),
    channels: channelsRanked,
    output: outputScale("logit"),
    seed,
    memoryBudget,
  },
  measurer:
    (model, { sizes: wanted, most, draws, channels, ...values }, context) =>
    (evidence, run) =>
      opened(
        "Sensitivity-n",
        model,
        evidence,
        context,
        { ...values, initial: "zero" },
        async (scoring, replacement) => {
          const features = featuresOf(scoring.x, evidence.attribution, channels);
          const sizes = sizesUpTo(Math.max(1, Math.min(features.count - 1, Math.round(most * features.count))), wanted);
          const plan = { features, sizes, draws, replacement, seed: values.seed, memoryBudget: values.memoryBudget };
          const found = await subsetCorrelations(scoring, plan, run);
          const n = Float64Array.from(sizes);
          return {
            values: Float64Array.from(found, (curve) => curve.reduce((sum, value) => sum + value, 0) / curve.length),
            curves: found.map((y, sample) => ({ sample, x: n, y })),
            warnings: constantWarnings(features),
          };
        },
      ),
});

/** Whole numbers from 1 to `most`, evenly on a logarithmic scale, none twice. */
function sizesUpTo(most: number, count: number): number[] {
  const at = (i: number) => Math.round(most ** (count === 1 ? 1 : i / (count - 1)));
  return [...new Set(Array.from({ length: count }, (_, i) => at(i)))];
}
