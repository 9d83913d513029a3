import type { Tensor } from "@tensorflow/tfjs-core";
import { ParameterError } from "../../errors.js";
import { memoryBudget } from "../../methods/perturbation/engine/parameters.js";
import { real, seed, whole } from "../../parameters.js";
import { measure } from "../measure.js";
import { flippingCurves } from "../perturbing/curves.js";
import { featuresOf, perSample } from "../perturbing/features.js";
import { betterByOrder, flippingOrder } from "../perturbing/order.js";
import { outputScale } from "../perturbing/scoring.js";

/**
 * Word deletion (Arras et al. 2017): words are blanked one after the other in the order of their relevance, and the curve holds whether
 * the explained class is still decided for, its mean over texts the authors' accuracy. The value is the mean fall of it over the steps,
 * AOPC: where the most relevant go first higher is better. Of texts that are classified wrongly the authors explain the true class and
 * delete the least relevant first (`order: "lerf"`): the decision comes back, which is a negative value, and lower is better.
 *
 * A word is a number `[batch, words]`, or a vector `[batch, words, entries]` that an embedding gave; in its place stands the padding, or
 * zeros. Padding is no word: it is never deleted, and a text of fewer words than steps stays as its last one left it.
 *
 * @throws InputShapeError for an attribution of a layer or a model of several inputs; MissingEvidenceError where nothing says what
 *   was explained; ParameterError for an input that is no text
 * @example
 * const { values, curves } = await wordDeletion(model, { words: 10 })({ x: texts, attribution });
 */
export const wordDeletion = measure({
  id: "word-deletion",
  name: "Word deletion",
  category: "faithfulness",
  reference: "Arras et al. 2017, PLoS ONE, section 'Measuring model explanatory power'; Arras et al. 2017, WASSA",
  question: "How soon does the decision change when the words that the explanation calls relevant are deleted?",
  co12: ["correctness"],
  better: "higher",
  betterWith: betterByOrder,
  range: [-Infinity, Infinity],
  inputs: ["sequence"],
  needs: [],
  parameters: {
    words: whole(10, "How many words are deleted", { least: 1, unit: "words", span: { from: 1, to: 50, step: 1 } }),
    order: flippingOrder,
    padding: real(0, "What stands for no word: its number, or what all entries of its vector are", { minor: true }),
    output: outputScale("decision"),
    seed,
    memoryBudget,
  },
  measurer:
    (model, { words, padding, ...values }, context) =>
    (evidence, run) =>
      flippingCurves("Word deletion", model, evidence, context, run, {
        ...values,
        replacement: padding,
        initial: padding,
        features(x) {
          if (x.rank !== 2 && x.rank !== 3) {
            throw new ParameterError("x", `[${x.shape}]`, "words, [batch, words] or [batch, words, entries]");
          }
          return { ...featuresOf(x, evidence.attribution, "together"), absent: paddedPlaces(x, padding) };
        },
        flipped: (count) => Array.from({ length: Math.min(words, count) + 1 }, (_, step) => step),
      }),
});

/** Whether each place of each text holds no word. */
function paddedPlaces(x: Tensor, padding: number): Uint8Array[] {
  const [batch, length] = x.shape as [number, number];
  const entries = x.size / (batch * length);
  return perSample(Float32Array.from(x.dataSync()), batch).map((values) =>
    Uint8Array.from({ length }, (_, place) =>
      Number(values.subarray(place * entries, (place + 1) * entries).every((value) => value === padding)),
    ),
  );
}
