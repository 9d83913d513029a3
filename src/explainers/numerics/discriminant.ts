import { Matrix, solve } from "ml-matrix";
import { ParameterError } from "../errors.js";

/** Samples with a class each. */
export interface LabeledFeatures {
  /** `[samples, size]`. */
  readonly features: Float64Array;
  readonly size: number;
  /** Index of each one's class. */
  readonly labels: ArrayLike<number>;
}

/** Scores of classes as linear functions: `offsets[class] + Σ weights[class][at] · feature[at]`. */
export interface Discriminant {
  readonly weights: readonly (readonly number[])[];
  readonly offsets: readonly number[];
}

/**
 * Linear discriminant analysis whose covariance is shrunk towards a multiple of the identity (Ledoit & Wolf 2004, on standardized features): the
 * classical baseline beside networks, where samples are few and features move together.
 *
 * @param classes how many there are; each has a sample
 * @throws ParameterError
 * @see Ledoit & Wolf 2004, doi:10.1016/S0047-259X(03)00096-4; for EEG: Blankertz et al. 2011, doi:10.1016/j.neuroimage.2010.06.048
 * @example
 * const found = fitDiscriminant({ features: Float64Array.of(0, 1, 10, 11), size: 1, labels: [0, 0, 1, 1] }, 2);
 * discriminantScores(found, Float64Array.of(2)); // the first class has more
 */
export function fitDiscriminant({ features, size, labels }: LabeledFeatures, classes: number): Discriminant {
  const count = labels.length;
  if (size < 1 || count < 2 || features.length !== count * size) {
    throw new ParameterError("features", `${features.length} values`, `[${count} samples, ${size}]`);
  }
  for (let label = 0; label < classes; label++) {
    if (!Array.prototype.includes.call(labels, label))
      throw new ParameterError("labels", `no sample of class ${label}`, "some of each");
  }
  const scale = scaleOf(features, size);
  const x = Matrix.from1DArray(
    count,
    size,
    features.map((value, at) => (value - scale.mean[at % size]!) / scale.deviation[at % size]!),
  );
  const own = Array.from({ length: classes }, (_, label) =>
    Array.from({ length: count }, (_one, row) => row).filter((row) => labels[row] === label),
  );
  const means = own.map((rows) =>
    Array.from({ length: size }, (_, at) => rows.reduce((sum, row) => sum + x.get(row, at), 0) / rows.length),
  );
  const centered = x.clone();
  for (let row = 0; row < count; row++)
    centered.setRow(
      row,
      centered.getRow(row).map((value, at) => value - means[labels[row]!]![at]!),
    );
  const covariance = centered.transpose().mmul(centered).div(count);
  const level = covariance.trace() / size;
  const toIdentity = squaredNorm(covariance.clone().sub(Matrix.eye(size).mul(level)));
  // Σ‖xxᵀ − S‖² = Σ‖x‖⁴ − n‖S‖²
  let fourth = 0;
  for (let row = 0; row < count; row++)
    fourth += centered.getRow(row).reduce((sum, value) => sum + value * value, 0) ** 2;
  const noise = Math.max(0, fourth / count - squaredNorm(covariance)) / count;
  const shrinkage = Math.min(1, noise / toIdentity);
  const shrunk = covariance.mul(1 - shrinkage).add(Matrix.eye(size).mul(shrinkage * level));
  const standard = means.map((mean) => solve(shrunk, Matrix.columnVector(mean)).to1DArray());
  // Of the features as they are: (x − mean) / deviation put in.
  const weights = standard.map((weight) => weight.map((value, at) => value / scale.deviation[at]!));
  const offsets = standard.map((weight, label) => {
    const squared = weight.reduce((sum, value, at) => sum + value * means[label]![at]!, 0);
    const shift = weights[label]!.reduce((sum, value, at) => sum + value * scale.mean[at]!, 0);
    return Math.log(own[label]!.length / count) - squared / 2 - shift;
  });
  return { weights, offsets };
}

/** The scores of each class, sample by sample. */
export function discriminantScores({ weights, offsets }: Discriminant, features: Float64Array): number[][] {
  const size = weights[0]!.length;
  return Array.from({ length: features.length / size }, (_, row) =>
    weights.map((weight, label) =>
      weight.reduce((sum, value, at) => sum + value * features[row * size + at]!, offsets[label]!),
    ),
  );
}

function squaredNorm(matrix: Matrix): number {
  return matrix.to1DArray().reduce((sum, value) => sum + value * value, 0);
}

function scaleOf(features: Float64Array, size: number): { mean: Float64Array; deviation: Float64Array } {
  const count = features.length / size;
  const [mean, deviation] = [new Float64Array(size), new Float64Array(size)];
  features.forEach((value, at) => {
    mean[at % size]! += value / count;
  });
  features.forEach((value, at) => {
    deviation[at % size]! += (value - mean[at % size]!) ** 2 / count;
  });
  return { mean, deviation: deviation.map((variance) => Math.sqrt(variance) || 1) };
}
