import * as tf from "@tensorflow/tfjs-core";
import { memoryBudget } from "../../methods/perturbation/engine/parameters.js";
import { everyKind, real, seed, whole } from "../../parameters.js";
import { follow } from "../../progress.js";
import { measure } from "../measure.js";
import { channelsRanked, featuresOf } from "../perturbing/features.js";
import { scoreRemovals } from "../perturbing/removals.js";
import { openReplacement, replacementOf } from "../perturbing/replacement.js";
import { openScoring, outputScale } from "../perturbing/scoring.js";

/**
 * Non-sensitivity (Nguyen and Rodríguez Martínez 2020): features without relevance should be those that the output does not depend on. The value is the number of
 * features of which only one of the two is true, |A₀ Δ X₀|: A₀ has no relevance, X₀ changes the output in none of `draws` replacements, each feature alone.
 * `epsilon` says, as a share of the largest, what counts as none. Quantus replaces several features at once and compares predictions after rounding.
 *
 * @throws InputShapeError for an attribution of a layer or a model of several inputs; MissingEvidenceError where nothing says what was explained
 * @example
 * const { values } = await nonSensitivity(model)({ x, attribution });
 */
export const nonSensitivity = measure({
  id: "non-sensitivity",
  name: "Non-sensitivity",
  category: "axioms",
  reference: "Nguyen and Rodríguez Martínez 2020, arXiv:2007.07584",
  question: "Are the features without relevance those that the output does not depend on?",
  co12: ["correctness"],
  better: "lower",
  range: [0, Infinity],
  unit: "features",
  inputs: everyKind,
  needs: [],
  parameters: {
    draws: whole(3, "How many times each feature is replaced", { least: 1 }),
    epsilon: real(
      1e-5,
      "What counts as none, as a share of the largest relevance and of the largest change of the output",
      { least: 0, minor: true },
    ),
    replacement: replacementOf("uniform"),
    channels: channelsRanked,
    output: outputScale("logit"),
    seed,
    memoryBudget,
  },
  measurer:
    (model, { draws, epsilon, replacement: kind, channels, output, seed: first, memoryBudget: budget }, context) =>
    async (evidence, run) => {
      const scoring = openScoring("Non-sensitivity", model, evidence, output);
      try {
        const { x } = scoring;
        const { count, shape, relevance } = featuresOf(x, evidence.attribution, channels);
        const batch = x.shape[0]!;
        const progress = follow(draws * batch * count, run);
        const own = tf.tidy(() =>
          scoring
            .score(
              x,
              Int32Array.from({ length: batch }, (_, i) => i),
            )
            .dataSync<"float32">(),
        );
        const changes = new Float64Array(batch * count);
        for (let draw = 0; draw < draws; draw++) {
          const replacement = openReplacement(kind, "uniform", x, context, first + draw);
          try {
            const scores = await scoreRemovals(
              scoring,
              {
                count: batch * count,
                sampleOf: (row) => Math.floor(row / count),
                removed: (start, rows) => {
                  const indices = Int32Array.from({ length: rows }, (_, row) => (start + row) % count);
                  const ones = tf.equal(
                    tf.expandDims(tf.tensor1d(indices, "int32"), 1),
                    tf.range(0, count, 1, "int32"),
                  );
                  return tf.reshape(tf.cast(ones, "float32"), [rows, ...shape]);
                },
              },
              replacement,
              budget,
              progress,
            );
            scores.forEach((score, place) => {
              changes[place] = Math.max(changes[place]!, Math.abs(score - own[Math.floor(place / count)]!));
            });
          } finally {
            replacement.dispose();
          }
        }
        const values = Float64Array.from({ length: batch }, (_, sample) => {
          const none = [relevance[sample]!, changes.subarray(sample * count, (sample + 1) * count)].map((sizes) => {
            const largest = Array.from(sizes, Math.abs).reduce((most, size) => Math.max(most, size), 0);
            return Array.from(sizes, (size) => Math.abs(size) <= epsilon * largest);
          }) as [boolean[], boolean[]];
          return none[0].filter((isNone, feature) => isNone !== none[1][feature]).length;
        });
        return { values };
      } finally {
        scoring.dispose();
      }
    },
});
