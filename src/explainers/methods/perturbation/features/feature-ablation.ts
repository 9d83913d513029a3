import { method } from "../../../method.js";
import { everyKind } from "../../../parameters.js";
import { hiddenValues } from "../engine/baseline.js";
import { byPerturbation, type FeatureResults } from "../engine/by-perturbation.js";
import { hidden, memoryBudget } from "../engine/parameters.js";
import { coalitionCopies } from "./coalitions.js";
import { perEntry } from "./features.js";
import { featureParameters, featuresOf, MANY, readFor } from "./parameters.js";

/**
 * Feature ablation: how much the explained output falls when one feature is replaced by the baseline,
 * R_j = f(x) − f(x without j). Every entry of a feature carries the feature's value; `features` has each value once.
 *
 * @throws ParameterError where features or baseline do not fit the input.
 * @example
 * const { features } = await featureAblation(model, { features: "positions" })(sentence, { target: 1 });
 */
export const featureAblation = method({
  id: "feature-ablation",
  name: "Feature ablation",
  family: "perturbation",
  reference: "Robnik-Šikonja & Kononenko 2008, IEEE TKDE; Merrick 2019, arXiv:1908.08474",
  question: "How much does the output fall when one feature is taken away?",
  inputs: everyKind,
  signed: true,
  additive: false,
  channels: "repeated",
  result: "entries",
  parameters: { ...featureParameters(MANY, "superpixels"), baseline: hidden("zero"), memoryBudget },
  parametersWith: readFor("superpixels"),
  explainer: (model, { baseline, memoryBudget: budget, ...kinds }, context) =>
    byPerturbation(
      model,
      budget,
      (batch) => {
        const { shape, parts } = batch;
        const maps = featuresOf(kinds, "superpixels", batch);
        const covers = hiddenValues(baseline, "zero", parts, context);
        return {
          plan: ({ index, values, output }) => {
            const { map } = maps[index]!;
            return {
              count: map.count,
              make: (start, rows) => {
                const coalitions = new Float32Array(rows * map.count).fill(1);
                for (let row = 0; row < rows; row++) coalitions[row * map.count + start + row] = 0;
                return coalitionCopies(values, covers[index]!, shape, map, coalitions);
              },
              finish: (scores) => {
                const falls = scores.map((score) => output - score);
                return { relevance: perEntry(falls, map), features: { ids: map.ids, values: falls } };
              },
            };
          },
          extras: (results): FeatureResults => ({ features: results.map(({ features }) => features) }),
        };
      },
      { several: "parts" },
    ),
});
