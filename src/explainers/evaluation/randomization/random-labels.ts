import { everyKind } from "../../parameters.js";
import { explainAgain } from "../explaining.js";
import { measure } from "../measure.js";
import { Comparison, nothingAlike, similarityParameters } from "./similarity.js";

/**
 * Data randomization test (Adebayo et al., NeurIPS 2018): the same class is explained of a second model of the same architecture that was trained on
 * random labels, which says nothing of the classes. An explanation that stays alike does not depend on what there was to learn: lower is better.
 *
 * @throws MissingEvidenceError without `explain` or without `model`, the one that was trained on random labels
 * @example
 * const { values } = await randomLabels(model)({ x, attribution, explain, model: trainedOnRandomLabels });
 */
export const randomLabels = measure({
  id: "random-labels",
  name: "Random-label check",
  category: "randomization",
  reference: "Adebayo et al. 2018, NeurIPS, data randomization test",
  question: "Does the explanation differ from that of a model that learned random labels?",
  co12: ["correctness"],
  better: "lower",
  range: [-1, 1],
  inputs: everyKind,
  needs: ["explainer", "model"],
  parameters: similarityParameters,
  measurer: (_, compared) => async (evidence, run) => {
    const comparison = new Comparison(evidence.attribution, compared);
    comparison.check(compared.similarity);
    const found = await explainAgain("Random-label check", evidence.model!, evidence, run)(evidence.x);
    const similarities = comparison.with(found);
    const values = similarities[compared.absolute ? "absolute" : "signed"][compared.similarity]!;
    return { values, similarities, warnings: nothingAlike(values) };
  },
});
