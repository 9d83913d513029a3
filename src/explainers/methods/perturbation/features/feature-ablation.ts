import type { Explain } from "../../../explanation.js";
import type { Model } from "../../../network/index.js";
import { type Baseline, baselines } from "../engine/baseline.js";
import { explainer, type PerturbationAttribution, type PerturbationOptions } from "../engine/by-perturbation.js";
import { coalitionCopies } from "./coalitions.js";
import { type Features, featureMaps, perEntry } from "./features.js";

export interface FeatureAblationOptions extends PerturbationOptions {
  /** What is taken away together, default `"entries"`. */
  readonly features?: Features;
  /** What takes its place, default 0. */
  readonly baseline?: Baseline;
}

/**
 * Feature ablation: how much the explained output falls when one feature is replaced by the baseline,
 * R_j = f(x) − f(x without j). Every entry of a feature carries the feature's value; `features` has each value once.
 *
 * @throws ParameterError where features or baseline do not fit the input.
 * @example
 * const { features } = await featureAblation(model, { features: "positions" })(sentence, { target: 1 });
 */
export function featureAblation(model: Model, options: FeatureAblationOptions = {}): Explain<PerturbationAttribution> {
  return explainer(
    model,
    "feature ablation",
    { features: "entries", baseline: 0, ...options },
    ({ batch, shape, values: all }) => {
      const maps = featureMaps(options.features ?? "entries", all, shape);
      const base = baselines(options.baseline ?? 0, batch, shape);
      return ({ index, values, output }) => {
        const map = maps[index]!;
        return {
          count: map.count,
          make: (start, rows) => {
            const coalitions = new Float32Array(rows * map.count).fill(1);
            for (let row = 0; row < rows; row++) coalitions[row * map.count + start + row] = 0;
            return coalitionCopies(values, base[index]!, shape, map, coalitions);
          },
          finish: (scores) => {
            const falls = scores.map((score) => output - score);
            return { relevance: perEntry(falls, map), features: { ids: map.ids, values: falls } };
          },
        };
      };
    },
  );
}
