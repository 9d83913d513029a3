import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { InputShapeError, ParameterError } from "../errors.js";
import { scoped } from "../network/tensors.js";
import { seededRandom } from "../numerics/random.js";
import { symmetricEigen } from "../numerics/symmetric-eigen.js";
import type { Density } from "./density.js";

/** Parameters of a normal density with covariance `U diag(λ − σ²) Uᵀ + σ² I`. */
export interface GaussianParameters {
  /** `[dimension]`. */
  mean: Tensor1D;
  /** Orthonormal principal axes `U`, `[dimension, rank]`. */
  axes: Tensor2D;
  /** Variances `λ` along them, `[rank]`, in squared input units. */
  variances: Tensor1D;
  /** Variance `σ²` in every other direction. */
  noise: number;
}

/** A normal density, with the parameters that it was made of. */
export interface GaussianDensity extends Density {
  readonly parameters: GaussianParameters;
}

/**
 * The normal density with the given parameters, which it owns from then on: `log p(x) = −½ dᵀC⁻¹d` up to a constant, `d = x − mean`,
 * where `C⁻¹ = (I − U diag(1 − σ²/λ) Uᵀ)/σ²` needs no inversion.
 */
export function gaussianDensity(parameters: GaussianParameters): GaussianDensity {
  const { mean, axes, variances, noise } = parameters;
  const shares = tf.tidy(() => tf.sub(1, tf.div(noise, variances)));
  return {
    name: "Gaussian",
    parameters,
    logDensity: (x) =>
      tf.tidy(() => {
        const deviation = tf.sub(flattened(x, mean.shape[0]), mean) as Tensor2D;
        const along = tf.square(tf.matMul(deviation, axes));
        const distance = tf.sub(tf.sum(tf.square(deviation), 1), tf.sum(tf.mul(along, shares), 1));
        return tf.mul(distance, -0.5 / noise) as Tensor1D;
      }),
    dispose: () => tf.dispose([mean, axes, variances, shares]),
  };
}

/**
 * Fits a normal density to data by probabilistic principal components (Tipping & Bishop 1999): the `rank` largest variances are kept,
 * the others replaced by their mean. `rank = dimension − 1` is the full covariance.
 *
 * @param data `[sample, …]`, at least two samples.
 * @param options.rank Default 64, at most dimension − 1.
 * @throws ParameterError when there are fewer than two samples or no variance.
 * @example const density = fitGaussian(digits, { rank: 64 });
 */
export function fitGaussian(
  data: Tensor,
  { rank = 64, seed = 0 }: { rank?: number; seed?: number } = {},
): GaussianDensity {
  const samples = data.shape[0] ?? 0;
  if (samples < 2) throw new ParameterError("data", `${samples} samples`, "at least two samples");
  const dimension = data.size / samples;
  if (!Number.isInteger(rank) || rank < 1) throw new ParameterError("rank", rank, "a whole number of at least 1");
  const kept = Math.max(1, Math.min(rank, dimension - 1));

  const { mean, axes, variances, total } = scoped(() => {
    const rows = tf.reshape(data, [samples, dimension]) as Tensor2D;
    const mean = tf.mean(rows, 0) as Tensor1D;
    const centered = tf.sub(rows, mean) as Tensor2D;
    const covarianceTimes = (q: Tensor2D) =>
      tf.tidy(() => tf.div(tf.matMul(centered, tf.matMul(centered, q), true), samples - 1) as Tensor2D);
    let basis = tf.tensor2d(seededRandom(seed).gaussians(dimension * kept), [dimension, kept]);
    // Subspace iteration: the error falls with the ratio of the first variance left out to the last one kept, each time.
    for (let iteration = 0; iteration < 30; iteration++) basis = tf.tidy(() => orthonormal(covarianceTimes(basis)));
    const inside = tf.matMul(basis, covarianceTimes(basis), true);
    const { values, vectors } = symmetricEigen(Float64Array.from(inside.dataSync()), kept);
    const rotated = tf.matMul(basis, tf.tensor2d(Float32Array.from(vectors), [kept, kept]));
    return {
      mean: tf.keep(mean),
      axes: tf.keep(rotated) as Tensor2D,
      variances: tf.keep(tf.tensor1d(Float32Array.from(values))),
      total: tf.div(tf.sum(tf.square(centered)), samples - 1).dataSync<"float32">()[0]!,
    };
  });
  const explained = variances.dataSync<"float32">().reduce((sum, value) => sum + value, 0);
  // Not below a millionth of the mean variance: pixels that never change would make the density infinitely sharp.
  const noise = Math.max((total - explained) / Math.max(1, dimension - kept), (1e-6 * total) / dimension);
  if (!(noise > 0)) {
    tf.dispose([mean, axes, variances]);
    throw new ParameterError("data", "without variance", "samples that differ");
  }
  return gaussianDensity({ mean, axes, variances, noise });
}

/** `[batch, dimension]`, after checking that a sample has so many entries. */
export function flattened(x: Tensor, dimension: number): Tensor2D {
  const batch = x.shape[0] ?? 0;
  if (x.size !== batch * dimension)
    throw new InputShapeError(`[batch, …] with ${dimension} entries a sample`, `[${x.shape}]`);
  return tf.reshape(x, [batch, dimension]) as Tensor2D;
}

/** An orthonormal basis of the columns: `A V Λ^−½` with the eigenvectors of `AᵀA`. */
function orthonormal(columns: Tensor2D): Tensor2D {
  const size = columns.shape[1];
  // Twice, since forming AᵀA squares the condition number.
  let result = columns;
  for (let pass = 0; pass < 2; pass++) {
    const gram = Float64Array.from(tf.matMul(result, result, true).dataSync());
    const { values, vectors } = symmetricEigen(gram, size);
    const floor = 1e-12 * values[0]!;
    const whitening = Float32Array.from(
      vectors,
      (value, index) => value / Math.sqrt(Math.max(values[index % size]!, floor)),
    );
    result = tf.matMul(result, tf.tensor2d(whitening, [size, size]));
  }
  return result;
}
