import { method } from "../../method.js";
import { patternParameters, patternParametersWith, patternsOf } from "./parameters.js";
import { throughPatterns } from "./propagate.js";

/**
 * PatternNet: the signal in the input that a unit responded to. The gradient's backward pass, from the output itself, with
 * patterns `a` in place of weights `w` (Kindermans et al. 2017, section 4). A signal that would grow out of bounds is scaled
 * down on the way, each sample by a positive factor.
 *
 * @throws PatternsError for patterns of another model; ParameterError where there is nothing to fit to
 * @example
 * const patterns = await fitPatterns(model, [digits]);
 * const result = await patternNet(model, { patterns })(digit, { target: 3 });
 */
export const patternNet = method({
  id: "pattern-net",
  name: "PatternNet",
  family: "patterns",
  reference: "Kindermans et al. 2017, arXiv:1705.05598, section 4",
  question: "Which signal in the input did the network respond to, distractors left out?",
  inputs: ["image", "table"],
  signed: true,
  additive: false,
  result: "entries",
  parameters: patternParameters,
  parametersWith: patternParametersWith,
  explainer:
    (model, values, context) =>
    async (x, run = {}) => {
      const patterns = await patternsOf(model, values, context, x, run);
      return throughPatterns(model, x, run, patterns, (pattern) => pattern);
    },
});
