import { ParameterError } from "../../../errors.js";
import { lassoPath } from "../../../numerics/lasso-path.js";
import { type LinearFit, lasso, type Moments, moments, ridge } from "../../../numerics/regression.js";
import { checked } from "../../../parameters.js";
import type { FeatureAttribution, FeatureResults, SampleResult } from "../engine/by-perturbation.js";
import { type SurrogateValues, surrogateParameters } from "./parameters.js";

export interface Surrogate extends LinearFit {
  /** The surrogate's prediction for the explained sample. */
  readonly localPrediction: number;
  /** Columns in use, the first chosen first. */
  readonly chosen: readonly number[];
}

/** What LIME's result says of each sample beyond its relevance. */
export interface SurrogateResults extends FeatureResults {
  /** The linear model. */
  readonly surrogates: readonly Surrogate[];
}

interface SurrogateSample extends SampleResult {
  readonly features: FeatureAttribution;
  readonly surrogate: Surrogate;
}

export const surrogateResults = (results: readonly SurrogateSample[]): SurrogateResults => ({
  features: results.map(({ features }) => features),
  surrogates: results.map(({ surrogate }) => surrogate),
});

/** The neighborhood that a surrogate is fitted to. */
export interface Neighborhood {
  /** `[rows, columns]`; the first row is the explained sample itself. */
  readonly design: ArrayLike<number>;
  readonly columns: number;
  /** The model's outputs `[rows]`. */
  readonly outputs: ArrayLike<number>;
  /** How near each row is, ≥ 0, `[rows]`. */
  readonly weights: ArrayLike<number>;
}

/**
 * Fits the weighted linear model that stands for a network near one sample (Ribeiro, Singh & Guestrin 2016, Algorithm 1).
 *
 * @throws ParameterError for a negative `alpha`, `numFeatures` below 1, or a neighborhood without weight.
 * @example
 * fitSurrogate({ design: [1, 1, 0, 1, 1, 0], columns: 2, outputs: [3, 2, 1], weights: [1, 0.5, 0.5] }, { numFeatures: 1 });
 */
export function fitSurrogate(neighborhood: Neighborhood, options: Partial<SurrogateValues> = {}): Surrogate {
  const { design, columns, outputs, weights } = neighborhood;
  const {
    surrogate,
    featureSelection,
    numFeatures = columns,
    alpha = surrogate === "lasso" ? 0.01 : 1,
  } = checked("fitSurrogate", surrogateParameters, options);
  const data = moments(design, columns, outputs, weights);
  if (!(data.weight > 0)) throw new ParameterError("weights", data.weight, "of a positive sum");

  const chosen = selectFeatures(data, featureSelection, numFeatures, design);
  const fit = fitColumns(data, surrogate, alpha, chosen);
  let localPrediction = fit.intercept;
  for (let j = 0; j < columns; j++) localPrediction += fit.coefficients[j]! * design[j]!;
  return { ...fit, localPrediction, chosen };
}

function fitColumns(
  data: Moments,
  surrogate: SurrogateValues["surrogate"],
  alpha: number,
  chosen: readonly number[],
): LinearFit {
  switch (surrogate) {
    case "ridge":
      return ridge(data, alpha, chosen);
    case "leastSquares":
      return ridge(data, 0, chosen);
    case "lasso":
      return lasso(data, alpha, chosen);
  }
}

function selectFeatures(
  data: Moments,
  method: SurrogateValues["featureSelection"],
  count: number,
  sample: ArrayLike<number>,
): readonly number[] {
  const all = Array.from({ length: data.columns }, (_, j) => j);
  switch (method) {
    case "none":
      return all;
    case "auto":
      if (count >= data.columns) return all;
      return selectFeatures(data, count <= 6 ? "forward_selection" : "highest_weights", count, sample);
    case "forward_selection":
      return forwardSelection(data, count);
    case "highest_weights": {
      const { coefficients } = ridge(data, 0.01);
      const size = (j: number) => Math.abs(coefficients[j]! * sample[j]!);
      return all.sort((p, q) => size(q) - size(p) || p - q).slice(0, count);
    }
    case "lasso_path": {
      const knots = lassoPath(data);
      // The latest knot with few enough columns; the first column to enter where there is none.
      let used: number[] = all;
      for (let i = knots.length - 1; i > 0; i--) {
        used = all.filter((j) => knots[i]![j] !== 0);
        if (used.length <= count) break;
      }
      return used;
    }
  }
}

/** Adds, one after the other, the column with which least squares explains most. */
function forwardSelection(data: Moments, count: number): readonly number[] {
  const chosen: number[] = [];
  while (chosen.length < Math.min(count, data.columns)) {
    let best = -1;
    let bestScore = Number.NEGATIVE_INFINITY;
    for (let j = 0; j < data.columns; j++) {
      if (chosen.includes(j)) continue;
      const { score } = ridge(data, 0, [...chosen, j]);
      if (score > bestScore) {
        best = j;
        bestScore = score;
      }
    }
    chosen.push(best);
  }
  return chosen;
}

/** The authors' kernel √exp(−d² / width²). */
export function exponentialKernel(distances: ArrayLike<number>, width: number): Float64Array {
  return Float64Array.from(distances, (distance) => Math.sqrt(Math.exp(-(distance ** 2) / width ** 2)));
}

/** Cosine distance of each row of `design` `[rows, columns]` to its first row; 1 for a row of zeros. */
export function cosineDistances(design: ArrayLike<number>, columns: number): Float64Array {
  const rows = design.length / columns;
  let reference = 0;
  for (let j = 0; j < columns; j++) reference += design[j]! ** 2;
  return Float64Array.from({ length: rows }, (_, i) => {
    let product = 0;
    let square = 0;
    for (let j = 0; j < columns; j++) {
      const value = design[i * columns + j]!;
      product += value * design[j]!;
      square += value * value;
    }
    return square === 0 || reference === 0 ? 1 : Math.max(0, 1 - product / Math.sqrt(square * reference));
  });
}
