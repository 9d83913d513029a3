import { ParameterError } from "../../errors.js";
import { memoryBudget } from "../../methods/perturbation/engine/parameters.js";
import { seed, whole } from "../../parameters.js";
import { measure } from "../measure.js";
import { flippingCurves } from "../perturbing/curves.js";
import { stepsOf } from "../perturbing/flipping.js";
import { betterByOrder, flippingOrder } from "../perturbing/order.js";
import { patches } from "../perturbing/patches.js";
import { replacementOf } from "../perturbing/replacement.js";
import { outputScale } from "../perturbing/scoring.js";

/**
 * Segment flipping: region perturbation of a signal `[batch, time, channels]`. Segments of `length` steps are replaced in the order of
 * the relevance that they hold, by default by a line between what is left beside them, and the value is the area over the curve of the
 * explained output, AOPC.
 *
 * @throws InputShapeError for an attribution of a layer or a model of several inputs; MissingEvidenceError where nothing says what
 *   was explained; ParameterError for an input that is no signal, or a replacement that does not fit
 * @example
 * const { values } = await segmentFlipping(model, { length: 8 })({ x: signals, attribution });
 */
export const segmentFlipping = measure({
  id: "segment-flipping",
  name: "Segment flipping",
  category: "faithfulness",
  reference: "Schlegel et al. 2019, ICCV Workshop XAIC; Samek et al. 2017, IEEE TNNLS, AOPC",
  question:
    "How fast does the output fall when the stretches of a signal that the explanation calls relevant are replaced?",
  co12: ["correctness"],
  better: "higher",
  betterWith: betterByOrder,
  range: [-Infinity, Infinity],
  inputs: ["sequence"],
  needs: [],
  parameters: {
    length: whole(undefined, "Steps of time in a segment; by default a thirty-second of the signal", {
      least: 1,
      unit: "steps",
    }),
    segments: whole(undefined, "How many segments are flipped; by default all", { least: 1, unit: "segments" }),
    order: flippingOrder,
    replacement: replacementOf("noisy-linear"),
    output: outputScale("logit"),
    seed,
    memoryBudget,
  },
  measurer:
    (model, { length, segments, ...values }, context) =>
    (evidence, run) =>
      flippingCurves("Segment flipping", model, evidence, context, run, {
        ...values,
        initial: "noisy-linear",
        features(x) {
          if (x.rank !== 3) {
            const expected = "a signal [batch, time, channels]: flip pixels, regions or words of other inputs";
            throw new ParameterError("x", `[${x.shape}]`, expected);
          }
          return patches(x, evidence.attribution, length ?? Math.max(1, Math.round(x.shape[1]! / 32)));
        },
        flipped: (count) => stepsOf(count, 1).slice(0, (segments ?? count) + 1),
      }),
});
