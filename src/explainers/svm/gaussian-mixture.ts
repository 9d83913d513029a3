import { ParameterError } from "../errors.js";
import { type Random, seededRandom } from "../numerics/random.js";
import { follow, type ProgressOptions } from "../progress.js";
import { type Rows, rowsOf } from "./kernels.js";

/** A mixture of Gaussians with diagonal covariances: p(x) = Σ_k weights_k N(x; means_k, variances_k). Plain data. */
export interface GaussianMixture {
  readonly components: number;
  readonly dimensions: number;
  /** `[components]`, of sum 1. */
  readonly weights: Float64Array;
  /** `[components, dimensions]` */
  readonly means: Float64Array;
  /** `[components, dimensions]`, > 0. */
  readonly variances: Float64Array;
}

export interface GaussianMixtureOptions extends ProgressOptions {
  /** How many Gaussians. */
  readonly components: number;
  /** Most rounds of expectation–maximization, default 100. */
  readonly iterations?: number;
  /** Stops when the mean log-likelihood grows by less, default 1e-4. */
  readonly tolerance?: number;
  /** Least variance, as a share of the data's own, default 1e-4. */
  readonly floor?: number;
  readonly seed?: number;
}

export interface FittedMixture {
  readonly mixture: GaussianMixture;
  /** Mean log-likelihood of the data after each round. */
  readonly logLikelihoods: readonly number[];
}

/**
 * Fits a Gaussian mixture to local descriptors by expectation–maximization (Dempster, Laird & Rubin 1977) from k-means++ seeds.
 *
 * @param descriptors Vectors of equal length, more than there are components.
 * @throws ParameterError for too few descriptors or fewer than one component; AbortedError.
 * @example
 * const { mixture } = await fitGaussianMixture(descriptors, { components: 16 });
 */
export async function fitGaussianMixture(
  descriptors: readonly ArrayLike<number>[],
  options: GaussianMixtureOptions,
): Promise<FittedMixture> {
  const { components, iterations = 100, tolerance = 1e-4, floor = 1e-4, seed = 0 } = options;
  if (!Number.isInteger(components) || components < 1)
    throw new ParameterError("components", components, "a whole number of at least 1");
  if (!Number.isInteger(iterations) || iterations < 1)
    throw new ParameterError("iterations", iterations, "a whole number of at least 1");
  const data = rowsOf(descriptors, "descriptors");
  if (data.rows < components)
    throw new ParameterError("descriptors.length", data.rows, `at least ${components}, the number of components`);
  const least = columnVariances(data).map((variance) => Math.max(variance * floor, 1e-12));
  let mixture = initial(data, components, least, seededRandom(seed));
  const logLikelihoods: number[] = [];
  const progress = follow(iterations, options);
  for (let round = 0; round < iterations; round++) {
    const { posteriors, logLikelihood } = expectation(mixture, data);
    const before = logLikelihoods.at(-1);
    logLikelihoods.push(logLikelihood);
    if (before !== undefined && logLikelihood - before < tolerance) break;
    mixture = maximization(mixture, data, posteriors, least);
    await progress.step(1);
  }
  return { mixture, logLikelihoods };
}

/** p(component | descriptor), `[rows, components]`. */
export function posteriorsOf(mixture: GaussianMixture, data: Rows): Float64Array {
  if (data.dimensions !== mixture.dimensions) {
    throw new ParameterError(
      "descriptors",
      `${data.dimensions} dimensions`,
      `of ${mixture.dimensions}, the mixture's dimensions`,
    );
  }
  return expectation(mixture, data).posteriors;
}

function expectation(mixture: GaussianMixture, data: Rows): { posteriors: Float64Array; logLikelihood: number } {
  const { components, dimensions, weights, means, variances } = mixture;
  // log w_k − ½ Σ log 2πσ²
  const constants = Float64Array.from({ length: components }, (_, k) => {
    let sum = Math.log(weights[k]!);
    for (let d = 0; d < dimensions; d++) sum -= 0.5 * Math.log(2 * Math.PI * variances[k * dimensions + d]!);
    return sum;
  });
  const precisions = variances.map((variance) => 0.5 / variance);
  const posteriors = new Float64Array(data.rows * components);
  let total = 0;
  for (let row = 0; row < data.rows; row++) {
    let largest = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < components; k++) {
      let log = constants[k]!;
      for (let d = 0; d < dimensions; d++) {
        const difference = data.values[row * dimensions + d]! - means[k * dimensions + d]!;
        log -= difference * difference * precisions[k * dimensions + d]!;
      }
      posteriors[row * components + k] = log;
      largest = Math.max(largest, log);
    }
    let sum = 0;
    for (let k = 0; k < components; k++) {
      const share = Math.exp(posteriors[row * components + k]! - largest);
      posteriors[row * components + k] = share;
      sum += share;
    }
    for (let k = 0; k < components; k++) posteriors[row * components + k]! /= sum;
    total += largest + Math.log(sum);
  }
  return { posteriors, logLikelihood: total / data.rows };
}

function maximization(
  { components, dimensions, means: oldMeans, variances: oldVariances }: GaussianMixture,
  data: Rows,
  posteriors: Float64Array,
  least: Float64Array,
): GaussianMixture {
  const masses = new Float64Array(components);
  const means = new Float64Array(components * dimensions);
  const variances = new Float64Array(components * dimensions);
  for (let row = 0; row < data.rows; row++) {
    for (let k = 0; k < components; k++) {
      const share = posteriors[row * components + k]!;
      masses[k]! += share;
      for (let d = 0; d < dimensions; d++) means[k * dimensions + d]! += share * data.values[row * dimensions + d]!;
    }
  }
  for (let i = 0; i < means.length; i++) {
    const mass = masses[Math.floor(i / dimensions)]!;
    // A component that lost all its descriptors stays where it was.
    means[i] = mass > 1e-10 ? means[i]! / mass : oldMeans[i]!;
  }
  for (let row = 0; row < data.rows; row++) {
    for (let k = 0; k < components; k++) {
      const share = posteriors[row * components + k]!;
      if (share < 1e-300) continue;
      for (let d = 0; d < dimensions; d++) {
        const difference = data.values[row * dimensions + d]! - means[k * dimensions + d]!;
        variances[k * dimensions + d]! += share * difference * difference;
      }
    }
  }
  for (let i = 0; i < variances.length; i++) {
    const mass = masses[Math.floor(i / dimensions)]!;
    variances[i] = mass > 1e-10 ? Math.max(variances[i]! / mass, least[i % dimensions]!) : oldVariances[i]!;
  }
  const total = masses.reduce((sum, mass) => sum + Math.max(mass, 1e-10), 0);
  return { components, dimensions, weights: masses.map((mass) => Math.max(mass, 1e-10) / total), means, variances };
}

/** Means by k-means++ (Arthur & Vassilvitskii 2007): each next one drawn in proportion to its squared distance from the others. */
function initial(data: Rows, components: number, least: Float64Array, random: Random): GaussianMixture {
  const { values, rows, dimensions } = data;
  const spread = columnVariances(data);
  const means = new Float64Array(components * dimensions);
  const distances = new Float64Array(rows).fill(Number.POSITIVE_INFINITY);
  let chosen = random.integer(rows);
  for (let k = 0; k < components; k++) {
    means.set(values.subarray(chosen * dimensions, (chosen + 1) * dimensions), k * dimensions);
    let total = 0;
    for (let row = 0; row < rows; row++) {
      let distance = 0;
      for (let d = 0; d < dimensions; d++) {
        distance += (values[row * dimensions + d]! - means[k * dimensions + d]!) ** 2 / Math.max(spread[d]!, 1e-12);
      }
      distances[row] = Math.min(distances[row]!, distance);
      total += distances[row]!;
    }
    let draw = random.uniform() * total;
    chosen = random.integer(rows);
    for (let row = 0; row < rows && total > 0; row++) {
      draw -= distances[row]!;
      if (draw < 0) {
        chosen = row;
        break;
      }
    }
  }
  const share = 1 / components ** (2 / dimensions);
  return {
    components,
    dimensions,
    weights: new Float64Array(components).fill(1 / components),
    means,
    variances: Float64Array.from(means, (_, i) => Math.max(spread[i % dimensions]! * share, least[i % dimensions]!)),
  };
}

function columnVariances({ values, rows, dimensions }: Rows): Float64Array {
  return Float64Array.from({ length: dimensions }, (_, d) => {
    let sum = 0;
    let squares = 0;
    for (let row = 0; row < rows; row++) {
      sum += values[row * dimensions + d]!;
    }
    const mean = sum / rows;
    for (let row = 0; row < rows; row++) squares += (values[row * dimensions + d]! - mean) ** 2;
    return squares / rows;
  });
}
