import { method } from "../../../method.js";
import { everyKind } from "../../../parameters.js";
import { byPerturbation } from "../engine/by-perturbation.js";
import { memoryBudget } from "../engine/parameters.js";
import { allCoalitions } from "../features/coalitions.js";
import { perEntry } from "../features/features.js";
import { FEW, featureParameters, featuresOf, readFor } from "../features/parameters.js";
import { absent, backgroundCopies, backgroundsOf, meanOverBackground, shapleyResults } from "./background.js";

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
export const shapleyValues = method({
  id: "shapley-values",
  name: "Shapley values",
  family: "perturbation",
  reference: "Shapley 1953; Štrumbelj & Kononenko 2010, JMLR",
  question: "What is each feature's fair share in the output, exactly (up to 12 features)?",
  inputs: everyKind,
  signed: true,
  additive: false,
  channels: "repeated",
  result: "entries",
  parameters: { ...featureParameters(FEW, "grid"), ...absent, memoryBudget },
  parametersWith: readFor("grid"),
  explainer: (model, { baseline, background, memoryBudget: budget, ...kinds }, context) =>
    byPerturbation(
      model,
      budget,
      (batch) => {
        const { shape } = batch;
        const maps = featuresOf(kinds, "grid", batch);
        const rows = backgroundsOf({ baseline, background }, batch, context);
        const games = maps.map(({ map }) => allCoalitions(map.count));
        return {
          plan: ({ index, values }) => {
            const { map } = maps[index]!;
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
          },
          extras: shapleyResults,
        };
      },
      { several: "parts" },
    ),
});

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
