import { memoryBudget } from "../../methods/perturbation/engine/parameters.js";
import { sizedWindow, windowSize } from "../../methods/perturbation/windows/windows.js";
import { seed, whole } from "../../parameters.js";
import { measure } from "../measure.js";
import { flippingCurves } from "../perturbing/curves.js";
import { stepsOf } from "../perturbing/flipping.js";
import { betterByOrder, flippingOrder } from "../perturbing/order.js";
import { patches } from "../perturbing/patches.js";
import { replacementOf } from "../perturbing/replacement.js";
import { outputScale } from "../perturbing/scoring.js";

/**
 * Region perturbation (Samek et al. 2017): patches of a picture are replaced one after the other in the order of the relevance that
 * they hold, and the value is the area over the curve of the explained output, AOPC = 1/(L+1) Σ_{k=0}^{L} f(x⁰) − f(xᵏ). Where
 * the most relevant go first higher is better, where the least relevant go first lower.
 *
 * Patches lie in a grid; where a side is no multiple of theirs, those at its ends are cut.
 *
 * @throws InputShapeError for an attribution of a layer or a model of several inputs; MissingEvidenceError where nothing says what
 *   was explained; ParameterError for a patch or a replacement that does not fit
 * @example
 * const { values } = await regionPerturbation(model, { patch: 9, regions: 100 })({ x, attribution });
 */
export const regionPerturbation = measure({
  id: "region-perturbation",
  name: "Region perturbation",
  category: "faithfulness",
  reference: "Samek et al. 2017, IEEE TNNLS, AOPC",
  question: "How fast does the output fall when the regions that the explanation calls relevant are replaced?",
  co12: ["correctness"],
  better: "higher",
  betterWith: betterByOrder,
  range: [-Infinity, Infinity],
  inputs: ["image", "sequence"],
  needs: [],
  parameters: {
    patch: windowSize("a twenty-fifth of each side, at least 2: 9 pixels of 224"),
    regions: whole(100, "L, how many regions are replaced; all where there are fewer", {
      least: 1,
      unit: "regions",
      span: { from: 10, to: 200, step: 10 },
    }),
    order: flippingOrder,
    replacement: replacementOf("uniform"),
    output: outputScale("logit"),
    seed,
    memoryBudget,
  },
  measurer:
    (model, { patch, regions, ...values }, context) =>
    (evidence, run) =>
      flippingCurves("Region perturbation", model, evidence, context, run, {
        ...values,
        initial: "uniform",
        features: (x) => patches(x, evidence.attribution, sizedWindow(patch, x, 25, 2)),
        flipped: (count) => stepsOf(count, 1).slice(0, regions + 1),
      }),
});
