import { seededRandom } from "../../../src/explainers/numerics/random.js";

/** A row that is 0 but at these places. */
export interface SparseRow {
  readonly places: readonly number[];
  readonly values: readonly number[];
}

interface SvmOptions {
  dimensions: number;
  cost: number;
  seed: number;
  epochs?: number;
  importance?: readonly number[];
}

/**
 * A linear support vector machine with squared hinge loss by coordinate descent in the dual (Hsieh et al. 2008, algorithm 1); the bias is a weight of a
 * constant feature.
 *
 * @param signs 1 or −1 a row
 * @param importance how much a row's loss counts; by default all count 1
 */
export function fitLinearSvm(
  rows: readonly SparseRow[],
  signs: readonly number[],
  { dimensions, cost, seed, epochs = 20, importance }: SvmOptions,
): { weights: Float64Array; bias: number } {
  const random = seededRandom(seed);
  const weights = new Float64Array(dimensions);
  const alphas = new Float64Array(rows.length);
  let bias = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const at of random.permutation(rows.length)) {
      const { places, values } = rows[at]!;
      const diagonal = 1 / (2 * cost * (importance?.[at] ?? 1));
      let [decision, squared] = [bias, 1 + diagonal];
      places.forEach((place, index) => {
        decision += weights[place]! * values[index]!;
        squared += values[index]! ** 2;
      });
      const next = Math.max(0, alphas[at]! - (signs[at]! * decision - 1 + diagonal * alphas[at]!) / squared);
      const step = (next - alphas[at]!) * signs[at]!;
      alphas[at] = next;
      if (step === 0) continue;
      places.forEach((place, index) => {
        weights[place]! += step * values[index]!;
      });
      bias += step;
    }
  }
  return { weights, bias };
}
