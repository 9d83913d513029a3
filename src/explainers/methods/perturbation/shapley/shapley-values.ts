import type { Tensor } from "@tensorflow/tfjs-core";
import type { Explain } from "../../../explanation.js";
import type { Model } from "../../../network/index.js";
import type { Baseline } from "../engine/baseline.js";
import { explainer, type PerturbationAttribution, type PerturbationOptions } from "../engine/by-perturbation.js";
import { allCoalitions } from "../features/coalitions.js";
import { type Features, featureMaps, perEntry } from "../features/features.js";
import { backgroundCopies, backgrounds, meanOverBackground } from "./background.js";

export interface ShapleyValuesOptions extends PerturbationOptions {
  /** The players, at most 12, default `"entries"`. */
  readonly features?: Features;
  /** What stands in for absent players, default 0. */
  readonly baseline?: Baseline;
  /** Rows `[rows, …sample]` over which absent players are averaged, instead of one baseline. */
  readonly background?: Tensor;
}

/**
 * Exact Shapley values (Shapley 1953; Štrumbelj & Kononenko 2010) by enumeration of all coalitions S of up to 12 features:
 * φ_j = Σ_S |S|! (n − |S| − 1)! / n! · (v(S ∪ j) − v(S)), with v(S) the explained output where features outside S take
 * the baseline, or its mean over a background. They sum to f(x) − v(∅), up to rounding.
 *
 * Every entry of a feature carries the feature's value; `features` has each value once.
 *
 * @throws ParameterError for more than 12 features, or where features, baseline or background do not fit the input.
 * @example
 * const { features } = await shapleyValues(model, { background: train })(x, { target: 0 });
 */
export function shapleyValues(model: Model, options: ShapleyValuesOptions = {}): Explain<PerturbationAttribution> {
  return explainer(model, "Shapley values", { features: "entries", ...options }, ({ batch, shape, values: all }) => {
    const maps = featureMaps(options.features ?? "entries", all, shape);
    const rows = backgrounds(options, batch, shape);
    const games = maps.map((map) => allCoalitions(map.count));
    return ({ index, values }) => {
      const map = maps[index]!;
      const game = { map, coalitions: games[index]!, background: rows[index]! };
      return {
        count: 2 ** map.count * game.background.length,
        make: (start, count) => backgroundCopies(values, shape, game, start, count),
        finish: (scores) => {
          const worth = meanOverBackground(scores, game.background.length);
          const phi = shapleyOf(worth, map.count);
          return { relevance: perEntry(phi, map), features: { ids: map.ids, values: phi }, expected: worth[0]! };
        },
      };
    };
  });
}

/** Shapley values of a game; `worth[S]` for every coalition S written as a bit mask. */
function shapleyOf(worth: Float64Array, players: number): Float32Array {
  // |S|! (n − |S| − 1)! / n! = 1 / (n · C(n − 1, |S|))
  const weights = new Float64Array(players);
  let choices = 1;
  for (let size = 0; size < players; size++) {
    weights[size] = 1 / (players * choices);
    choices = (choices * (players - 1 - size)) / (size + 1);
  }
  const phi = new Float64Array(players);
  for (let coalition = 0; coalition < worth.length; coalition++) {
    let size = 0;
    for (let rest = coalition; rest > 0; rest &= rest - 1) size++;
    for (let player = 0; player < players; player++) {
      if ((coalition >> player) & 1) continue;
      phi[player]! += weights[size]! * (worth[coalition | (1 << player)]! - worth[coalition]!);
    }
  }
  return Float32Array.from(phi);
}
