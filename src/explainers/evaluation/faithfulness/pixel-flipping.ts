import { memoryBudget } from "../../methods/perturbation/engine/parameters.js";
import { everyKind, seed, whole } from "../../parameters.js";
import { measure } from "../measure.js";
import { flippingCurves } from "../perturbing/curves.js";
import { channelsRanked, featuresOf } from "../perturbing/features.js";
import { evenSteps, flippingSteps, stepsOf } from "../perturbing/flipping.js";
import { betterByOrder, flippingOrder } from "../perturbing/order.js";
import { replacementOf } from "../perturbing/replacement.js";
import { outputScale } from "../perturbing/scoring.js";

/**
 * Pixel flipping (Bach et al. 2015; Samek et al. 2017): features are replaced in the order of their relevance, and the value is
 * the area over the curve of the explained output, AOPC = 1/(L+1) Σ_{k=0}^{L} f(x⁰) − f(xᵏ), in the output's unit. Where the most
 * relevant go first the output should fall early: higher is better; where the least relevant go first, lower.
 *
 * The score's `curves` hold f(xᵏ) against the share that is flipped, and `flips` the order, the steps and the picture at each.
 *
 * @throws InputShapeError for an attribution of a layer or a model of several inputs; MissingEvidenceError where nothing says what
 *   was explained; ParameterError for a replacement that does not fit
 * @example
 * const flips = pixelFlipping(model, { steps: 28, replacement: "blurred" });
 * const { values, curves } = await flips({ x, attribution });
 */
export const pixelFlipping = measure({
  id: "pixel-flipping",
  name: "Pixel flipping",
  category: "faithfulness",
  reference: "Bach et al. 2015, PLoS ONE, section 'Pixel-flipping'; Samek et al. 2017, IEEE TNNLS, AOPC",
  question: "How fast does the output fall when what the explanation calls relevant is replaced?",
  co12: ["correctness"],
  better: "higher",
  betterWith: betterByOrder,
  range: [-Infinity, Infinity],
  inputs: everyKind,
  needs: [],
  parameters: {
    order: flippingOrder,
    steps: flippingSteps(32, "L, in how many steps all features are flipped"),
    perStep: whole(undefined, "How many features are flipped in each step, in place of steps", {
      least: 1,
      unit: "features",
      minor: true,
    }),
    replacement: replacementOf("uniform"),
    channels: channelsRanked,
    output: outputScale("logit"),
    seed,
    memoryBudget,
  },
  measurer:
    (model, { steps, perStep, channels, ...values }, context) =>
    (evidence, run) =>
      flippingCurves("Pixel flipping", model, evidence, context, run, {
        ...values,
        initial: "uniform",
        features: (x) => featuresOf(x, evidence.attribution, channels),
        flipped: (count) => (perStep === undefined ? evenSteps(count, steps) : stepsOf(count, perStep)),
      }),
});
