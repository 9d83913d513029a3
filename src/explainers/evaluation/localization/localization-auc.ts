import { ranks } from "../../numerics/correlation.js";
import { everyKind } from "../../parameters.js";
import { measure } from "../measure.js";
import { byChance, judged, type Marked, reading } from "./marked.js";

/**
 * The area under the ROC curve of the map as a detector of the mask (Fawcett 2006): the probability that a position inside is more
 * relevant than one outside, equal ones counting half. A map without regard to the mask gives 0.5.
 *
 * @throws MissingEvidenceError without masks; InputShapeError for an attribution of a layer
 * @example
 * const { values } = await localizationAuc(model)({ x, attribution, masks });
 */
export const localizationAuc = measure({
  id: "localization-auc",
  name: "Localization AUC",
  category: "localization",
  reference: "Fawcett 2006, Pattern Recognition Letters 27, “An Introduction to ROC Analysis”",
  question: "Is a position on the thing more relevant than one beside it?",
  co12: ["coherence", "correctness"],
  better: "higher",
  range: [0, 1],
  inputs: everyKind,
  needs: ["masks"],
  parameters: reading("sum", "signed"),
  measurer: (_model, how) => async (evidence) =>
    judged(evidence, how, (marked) => {
      if (marked.size === marked.inside.length) {
        return {
          value: NaN,
          kind: "undefined",
          message: "Its mask covers everything: nothing is outside to compare with.",
        };
      }
      return marked.isConstant ? byChance(0.5) : areaUnderRoc(marked);
    }),
});

/** By the ranks of what is inside: the statistic of Mann and Whitney over its largest value. */
function areaUnderRoc({ relevance, inside, size }: Marked): number {
  const ranked = ranks(relevance);
  let sum = 0;
  for (let i = 0; i < inside.length; i++) if (inside[i] === 1) sum += ranked[i]!;
  return (sum - (size * (size + 1)) / 2) / (size * (inside.length - size));
}
