import { InputShapeError } from "../../../errors.js";
import { sameShape } from "../../../network/shapes.js";
import { everyKind, tensorOf } from "../../../parameters.js";
import { inputsOf } from "../../evidence.js";
import { explainedTarget } from "../../explaining.js";
import { measure } from "../../measure.js";

import { insideOf } from "../marked.js";
import { conceptAttribution, normalization } from "./concept-attribution.js";
import { whereMasked } from "./where-masked.js";

/**
 * BAM's input dependence rate (Yang & Kim 2019): 1 where a thing that does not matter to the model gets less attribution than what it
 * covers does, g(f, x with it) < g(f, x without it), 0 elsewhere; the mean over samples is the rate. On planted pictures: a model that
 * tells scenes, pictures with objects, and `without` the same with `object: false`.
 *
 * The paper takes pictures that are recognized with and without the thing; which these are is the caller's to know.
 *
 * @throws MissingEvidenceError without masks and the explainer; InputShapeError for another batch in `without`, or an attribution of a layer
 * @example
 * const { values } = await inputDependence(scenes, { without })({ x, attribution, explain, masks });
 */
export const inputDependence = measure({
  id: "input-dependence",
  name: "Input dependence rate",
  short: "Input dependence",
  category: "localization",
  reference:
    "Yang & Kim 2019, “Benchmarking Attribution Methods with Relative Feature Importance” (BAM), input dependence rate",
  question: "Does a thing that does not matter get less relevance than what it covers?",
  co12: ["contrastivity", "correctness"],
  better: "higher",
  range: [0, 1],
  inputs: everyKind,
  needs: ["explainer", "masks"],
  parameters: {
    without: tensorOf("The same batch without the thing", "required"),
    normalization,
  },
  measurer:
    (model, { without, normalization: normalized }) =>
    async (evidence, run) => {
      const { shape } = inputsOf(evidence.x)[0]!;
      if (!sameShape(without!.shape, shape)) throw new InputShapeError(`without [${shape}]`, `[${without!.shape}]`);
      const inside = insideOf(evidence.masks!);
      const covered = await evidence.explain!(model)(without!, {
        ...run,
        target: explainedTarget("Input dependence rate", evidence),
        output: evidence.output,
      });
      const withIt = conceptAttribution(evidence.attribution, shape, inside, normalized);
      const withoutIt = conceptAttribution(covered, shape, inside, normalized);
      return whereMasked(
        withIt.map((value, sample) => (Number.isNaN(value) ? NaN : Number(value < withoutIt[sample]!))),
      );
    },
});
