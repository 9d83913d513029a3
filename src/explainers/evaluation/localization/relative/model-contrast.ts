import { everyKind } from "../../../parameters.js";
import { inputsOf } from "../../evidence.js";
import { measure } from "../../measure.js";
import { insideOf } from "../marked.js";
import { conceptAttribution, normalization } from "./concept-attribution.js";
import { whereMasked } from "./where-masked.js";

/**
 * BAM's model contrast score (Yang & Kim 2019): how much more a method attributes to a thing in a model for which it matters than in a
 * second one for which it does not, g(f₁, x) − g(f₂, x), with g the mean attribution over the mask. Each model explains its own first
 * class. On planted pictures: `model` tells objects, `evidence.model` scenes.
 *
 * The paper takes pictures that both models recognize; which these are is the caller's to know.
 *
 * @throws MissingEvidenceError without masks, the explainer and the second model; InputShapeError for an attribution of a layer
 * @example
 * const explain = (model: Model) => gradientTimesInput(model);
 * const { values } = await modelContrast(objects)({ x, attribution, explain, masks, model: scenes });
 */
export const modelContrast = measure({
  id: "model-contrast",
  name: "Model contrast score",
  short: "Model contrast",
  category: "localization",
  reference:
    "Yang & Kim 2019, “Benchmarking Attribution Methods with Relative Feature Importance” (BAM), model contrast score",
  question: "Does the thing get more relevance from a model for which it matters than from one for which it does not?",
  co12: ["contrastivity", "correctness"],
  better: "higher",
  range: [-1, 1],
  inputs: everyKind,
  needs: ["explainer", "masks", "model"],
  parameters: { normalization },
  measurer:
    (_model, values) =>
    async ({ x, attribution, explain, masks, model: second }, run) => {
      const { shape } = inputsOf(x)[0]!;
      const inside = insideOf(masks!);
      const other = await explain!(second!)(x, { ...run, target: "top1" });
      const own = conceptAttribution(attribution, shape, inside, values.normalization);
      const theirs = conceptAttribution(other, shape, inside, values.normalization);
      return whereMasked(own.map((value, sample) => value - theirs[sample]!));
    },
});
