import { everyKind, real, seed, tensorOf } from "../../../parameters.js";
import { inputsOf } from "../../evidence.js";
import { explainedTarget } from "../../explaining.js";
import { measure, type ScoreWarning } from "../../measure.js";
import { insideOf } from "../marked.js";
import { conceptAttribution, normalization } from "./concept-attribution.js";
import { insignificantPatch, patchParameters } from "./insignificant-patch.js";

/**
 * BAM's input independence rate (Yang & Kim 2019): 1 where a patch that changes the picture and not what the model computes from it leaves
 * the attribution of its place alone, |g(x + δ) − g(x)| ≤ threshold · g(x), 0 elsewhere; the mean over samples is the rate. The patch is
 * found for each sample by Adam: it fills the mask, the outputs stay those of x, and it lies as far from x as it can.
 *
 * Where no such patch is found, the value is NaN and a warning says so; `changes` and `distances` tell how good each patch is.
 *
 * @throws MissingEvidenceError without masks and the explainer; InputShapeError for an attribution of a layer
 * @example
 * const { values } = await inputIndependence(scenes, { start: withObject })({ x, attribution, explain, masks });
 */
export const inputIndependence = measure({
  id: "input-independence",
  name: "Input independence rate",
  short: "Input independence",
  category: "localization",
  reference:
    "Yang & Kim 2019, “Benchmarking Attribution Methods with Relative Feature Importance” (BAM), input independence rate",
  question: "Does the relevance of a place stay when a patch there changes nothing that the model computes?",
  co12: ["consistency", "correctness"],
  better: "higher",
  range: [0, 1],
  inputs: everyKind,
  needs: ["explainer", "masks"],
  parameters: {
    threshold: real(0.1, "By how much the attribution may change, in shares of itself", { least: 0 }),
    start: tensorOf("Where the search starts: the batch with the thing in it; by default noise", "optional"),
    ...patchParameters,
    normalization,
    seed,
  },
  measurer:
    (model, { threshold, normalization: normalized, ...search }, context) =>
    async (evidence, run) => {
      const { x, attribution, masks, explain } = evidence;
      const input = inputsOf(x)[0]!;
      const target = explainedTarget("Input independence rate", evidence);
      const patch = await insignificantPatch(model, input, masks!, context, search, run);
      try {
        const after = await explain!(model)(patch.x, { ...run, target, output: evidence.output });
        const inside = insideOf(masks!);
        const before = conceptAttribution(attribution, input.shape, inside, normalized);
        const changed = conceptAttribution(after, input.shape, inside, normalized);
        const warnings: ScoreWarning[] = [];
        const values = before.map((value, sample) => {
          const refused = Number.isNaN(value)
            ? "Its mask is empty: there is no place for a patch."
            : patch.refusals[sample];
          if (refused === undefined) return Number(Math.abs(changed[sample]! - value) <= threshold * value);
          warnings.push({ kind: "undefined", message: refused, sample });
          return NaN;
        });
        return { values, warnings, changes: patch.changes, distances: patch.distances };
      } finally {
        patch.x.dispose();
      }
    },
});
