import * as tf from "@tensorflow/tfjs-core";
import { method } from "../../method.js";
import { patternParameters, patternParametersWith, patternsOf } from "./parameters.js";
import { throughPatterns } from "./propagate.js";

/**
 * PatternAttribution: how much each entry of the signal contributed. The same with `w ∘ a` (Kindermans et al. 2017,
 * section 4), i.e. deep Taylor decomposition with root points in the direction of the patterns.
 *
 * @throws PatternsError for patterns of another model; ParameterError where there is nothing to fit to
 * @example
 * const patterns = await fitPatterns(model, [digits]);
 * const result = await patternAttribution(model, { patterns })(digit, { target: 3 });
 */
export const patternAttribution = method({
  id: "pattern-attribution",
  name: "PatternAttribution",
  family: "patterns",
  reference: "Kindermans et al. 2017, arXiv:1705.05598, section 4",
  question: "How much did each entry of the signal contribute to the output?",
  inputs: ["image", "table"],
  signed: true,
  additive: true,
  result: "entries",
  parameters: patternParameters,
  parametersWith: patternParametersWith,
  explainer:
    (model, values, context) =>
    async (x, run = {}) => {
      const patterns = await patternsOf(model, values, context, x, run);
      return throughPatterns(model, x, run, patterns, (pattern, weights) => tf.mul(pattern, weights));
    },
});
