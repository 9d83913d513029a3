import { method } from "../../../method.js";
import { solveSymmetric } from "../../../numerics/linear-algebra.js";
import { type Random, seededRandom } from "../../../numerics/random.js";
import { everyKind, seed, whole } from "../../../parameters.js";
import { byPerturbation } from "../engine/by-perturbation.js";
import { memoryBudget } from "../engine/parameters.js";
import { allCoalitions, type Coalitions, MOST_ENUMERATED } from "../features/coalitions.js";
import { perEntry } from "../features/features.js";
import { featureParameters, featuresOf, MANY, readFor } from "../features/parameters.js";
import { absent, backgroundCopies, backgroundsOf, meanOverBackground, shapleyResults } from "./background.js";

/**
 * Kernel SHAP (Lundberg & Lee 2017, Theorem 2): Shapley values as the weighted linear regression of the worth of
 * coalitions, with weights (n − 1) / (C(n, s) s (n − s)), solved under the constraint that they sum to f(x) − v(∅).
 * Beyond an exact enumeration, coalitions are drawn by these weights, each together with its complement.
 *
 * @throws ParameterError where features, baseline or background do not fit the input, or `samples` is below 2.
 * @example
 * const { features } = await kernelShap(model, { background: train, samples: 4096 })(x, { target: 0 });
 */
export const kernelShap = method({
  id: "kernel-shap",
  name: "Kernel SHAP",
  family: "perturbation",
  reference: "Lundberg & Lee 2017, NeurIPS, theorem 2",
  question: "What is each feature's fair share in the output (approximately, for many features)?",
  inputs: everyKind,
  signed: true,
  additive: false,
  channels: "repeated",
  result: "entries",
  parameters: {
    ...featureParameters(MANY, "superpixels"),
    ...absent,
    samples: whole(2048, "Coalitions to draw; exact where all of up to 12 features' are no more", {
      least: 2,
      span: { from: 256, to: 8192, step: 256 },
    }),
    seed,
    memoryBudget,
  },
  parametersWith: readFor("superpixels"),
  explainer: (model, { baseline, background, samples, seed: first, memoryBudget: budget, ...kinds }, context) =>
    byPerturbation(
      model,
      budget,
      (batch) => {
        const { shape } = batch;
        const maps = featuresOf(kinds, "superpixels", batch);
        const rows = backgroundsOf({ baseline, background }, batch, context);
        return {
          plan: ({ index, values }) => {
            const { map } = maps[index]!;
            const { coalitions, weights } = weightedCoalitions(map.count, samples, seededRandom(first));
            const game = { map, coalitions, background: rows[index]! };
            return {
              count: weights.length * game.background.length,
              make: (start, count) => backgroundCopies(values, shape, game, start, count),
              finish: (scores) => {
                const worth = meanOverBackground(scores, game.background.length);
                const phi = constrainedRegression(coalitions, map.count, worth, weights);
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

/** The empty coalition, the full one, and those between with their weights; the first two weigh nothing: they are the constraint. */
function weightedCoalitions(
  players: number,
  samples: number,
  random: Random,
): { coalitions: Coalitions; weights: Float64Array } {
  if (players <= MOST_ENUMERATED && 2 ** players - 2 <= samples) {
    const all = allCoalitions(players);
    const rows = Array.from({ length: 2 ** players }, (_, row) => all.subarray(row * players, (row + 1) * players));
    const order = [rows[0]!, rows[rows.length - 1]!, ...rows.slice(1, -1)];
    const weights = order.map((row, i) => (i < 2 ? 0 : shapleyKernel(players, sum(row))));
    return { coalitions: flatten(order), weights: Float64Array.from(weights) };
  }
  // The kernel's weight of all coalitions of one size, and how many are drawn of each.
  const cumulative = new Float64Array(players - 1);
  for (let size = 1, total = 0; size < players; size++) {
    total += (players - 1) / (size * (players - size));
    cumulative[size - 1] = total;
  }
  const rows = [new Float32Array(players), new Float32Array(players).fill(1)];
  while (rows.length < samples + 2) {
    const draw = random.uniform() * cumulative[players - 2]!;
    const size = 1 + cumulative.findIndex((limit) => draw < limit);
    const row = new Float32Array(players);
    for (const player of random.permutation(players).subarray(0, size)) row[player] = 1;
    rows.push(row);
    if (rows.length < samples + 2) rows.push(row.map((present) => 1 - present));
  }
  return { coalitions: flatten(rows), weights: Float64Array.from(rows, (_, i) => (i < 2 ? 0 : 1)) };
}

function shapleyKernel(players: number, size: number): number {
  let choices = 1;
  for (let i = 0; i < size; i++) choices = (choices * (players - i)) / (i + 1);
  return (players - 1) / (choices * size * (players - size));
}

/** argmin Σ_z w(z) (v(z) − v(∅) − Σ_j φ_j z_j)² under Σ_j φ_j = v(all) − v(∅), by elimination of the last φ. */
function constrainedRegression(
  coalitions: Coalitions,
  players: number,
  worth: Float64Array,
  weights: Float64Array,
): Float32Array {
  const empty = worth[0]!;
  const total = worth[1]! - empty;
  if (players === 1) return Float32Array.of(total);
  const free = players - 1;
  const gram = new Float64Array(free * free);
  const product = new Float64Array(free);
  const row = new Float64Array(free);
  for (let i = 2; i < worth.length; i++) {
    const last = coalitions[i * players + free]!;
    for (let j = 0; j < free; j++) row[j] = coalitions[i * players + j]! - last;
    const target = worth[i]! - empty - last * total;
    for (let j = 0; j < free; j++) {
      const weighted = weights[i]! * row[j]!;
      if (weighted === 0) continue;
      product[j]! += weighted * target;
      for (let k = 0; k < free; k++) gram[j * free + k]! += weighted * row[k]!;
    }
  }
  const phi = solveSymmetric(gram, free, product);
  return Float32Array.of(...phi, total - sum(phi));
}

const sum = (values: ArrayLike<number>): number =>
  Array.prototype.reduce.call(values, (a, b) => (a as number) + (b as number), 0) as number;

function flatten(rows: readonly Float32Array[]): Float32Array {
  const length = rows[0]!.length;
  const result = new Float32Array(rows.length * length);
  rows.forEach((row, i) => {
    result.set(row, i * length);
  });
  return result;
}
