import { memoryBudget } from "../../methods/perturbation/engine/parameters.js";
import { sizedWindow, windowSize } from "../../methods/perturbation/windows/windows.js";
import { seed } from "../../parameters.js";
import { measure } from "../measure.js";
import { auc, flippingCurves } from "../perturbing/curves.js";
import { stepsOf } from "../perturbing/flipping.js";
import { patches } from "../perturbing/patches.js";
import { replacementOf } from "../perturbing/replacement.js";
import { outputScale } from "../perturbing/scoring.js";

/**
 * Selectivity (Montavon, Samek & Müller 2018): patches are removed from the most relevant to the least, all of them, and the value is
 * the area under the curve of the explained output over the share that is removed, in the output's unit: lower is better.
 *
 * @throws InputShapeError for an attribution of a layer or a model of several inputs; MissingEvidenceError where nothing says what
 *   was explained; ParameterError for a patch or a replacement that does not fit
 * @example
 * const { values } = await selectivity(model, { patch: 4, replacement: "black" })({ x, attribution });
 */
export const selectivity = measure({
  id: "selectivity",
  name: "Selectivity",
  category: "faithfulness",
  reference: "Montavon, Samek & Müller 2018, Digital Signal Processing, explanation selectivity",
  question: "How low does the output lie while regions are removed from the most relevant to the least?",
  co12: ["correctness"],
  better: "lower",
  range: [-Infinity, Infinity],
  inputs: ["image", "sequence"],
  needs: [],
  parameters: {
    patch: windowSize("a twenty-fifth of each side, at least 2"),
    replacement: replacementOf("black"),
    output: outputScale("logit"),
    seed,
    memoryBudget,
  },
  measurer:
    (model, { patch, ...values }, context) =>
    (evidence, run) =>
      flippingCurves("Selectivity", model, evidence, context, run, {
        ...values,
        order: "morf",
        initial: "black",
        features: (x) => patches(x, evidence.attribution, sizedWindow(patch, x, 25, 2)),
        flipped: (count) => stepsOf(count, 1),
        value: auc,
      }),
});
