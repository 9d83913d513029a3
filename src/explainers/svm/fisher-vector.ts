import { ParameterError } from "../errors.js";
import { type GaussianMixture, posteriorsOf } from "./gaussian-mixture.js";
import { type Rows, rowsOf } from "./kernels.js";
import type { SupportVectorMachine } from "./svm.js";
import { explainSvm, type SvmOptions } from "./svm-relevance.js";

export interface FisherVectorOptions {
  /** Signed square root of every entry, then division by the Euclidean length ("improved" Fisher vectors), default true. */
  readonly improved?: boolean;
}

/** A Fisher vector's dimensions: `[weights (K), means (K·D), variances (K·D)]`. */
function fisherDimensions({ components, dimensions }: GaussianMixture): number {
  return components * (1 + 2 * dimensions);
}

/**
 * The Fisher vector of a bag of local descriptors under a Gaussian mixture (Perronnin, Sánchez & Mensink 2010), with γ_lk the
 * posteriors: means over descriptors l of
 * (γ_lk − w_k) / √w_k, γ_lk (x_l − μ_k) / (σ_k √w_k), γ_lk ((x_l − μ_k)² / σ_k² − 1) / √(2 w_k).
 *
 * @param descriptors `[descriptors][dimensions]`
 * @returns `[components · (1 + 2 · dimensions)]`
 * @throws ParameterError where there are no descriptors or their dimensions are not the mixture's.
 * @example
 * const vector = fisherVector(mixture, descriptors, { improved: true });
 */
export function fisherVector(
  mixture: GaussianMixture,
  descriptors: readonly ArrayLike<number>[],
  options: FisherVectorOptions = {},
): Float64Array {
  const data = rowsOf(descriptors, "descriptors");
  const sum = new Float64Array(fisherDimensions(mixture));
  visitContributions(mixture, data, (_, d, amount) => {
    sum[d]! += amount;
  });
  return normalized(
    sum.map((value) => value / data.rows),
    options,
  );
}

export interface FisherAttribution {
  /** Of each local descriptor, `[descriptors]`; Σ relevance = output. */
  readonly relevance: Float64Array;
  /** The decision value. */
  readonly output: number;
  /** Of each dimension of the Fisher vector. */
  readonly dimensions: Float64Array;
}

/**
 * Explains a classifier on Fisher vectors, down to the local descriptors (Lapuschkin et al. 2016): the machine's relevance by
 * dimension, then R_l = Σ_d R_d m_ld / Σ_l m_ld with m_ld what descriptor l put into dimension d before normalization.
 * `spreadToPixels` takes it on to pixels.
 *
 * Contributions of both signs may nearly cancel in a dimension and blow its shares up; with `stabilizer` ε the denominators
 * are Σ_l m_ld + ε sign(Σ_l m_ld) max_d |Σ_l m_ld|, and what that withholds is shared by all descriptors alike.
 *
 * @throws ParameterError where mixture, descriptors and machine do not fit each other, or `stabilizer` is negative.
 * @example
 * const { relevance } = explainFisherVector(mixture, svm, descriptors);
 * const heat = spreadToPixels(relevance, regions, [240, 320]);
 */
export function explainFisherVector(
  mixture: GaussianMixture,
  svm: SupportVectorMachine,
  descriptors: readonly ArrayLike<number>[],
  options: FisherVectorOptions & SvmOptions & { readonly stabilizer?: number } = {},
): FisherAttribution {
  const { stabilizer = 0 } = options;
  if (!(stabilizer >= 0)) throw new ParameterError("stabilizer", stabilizer, "at least 0");
  const data = rowsOf(descriptors, "descriptors");
  const totals = fisherVector(mixture, descriptors, { improved: false }).map((value) => value * data.rows);
  const { relevance: dimensions, output } = explainSvm(svm, fisherVector(mixture, descriptors, options), options);
  const guard = stabilizer * totals.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  // m_ld is never stored: it has descriptors · dimensions entries, and each is needed once.
  const factors = totals.map((total, d) => (total === 0 ? 0 : dimensions[d]! / (total + Math.sign(total) * guard)));
  const relevance = new Float64Array(data.rows);
  visitContributions(mixture, data, (l, d, amount) => {
    relevance[l]! += factors[d]! * amount;
  });
  let rest = output;
  for (const value of relevance) rest -= value;
  return { relevance: relevance.map((value) => value + rest / data.rows), output, dimensions };
}

/** Calls `visit(l, d, m_ld)` for every contribution. */
function visitContributions(
  mixture: GaussianMixture,
  data: Rows,
  visit: (descriptor: number, dimension: number, amount: number) => void,
): void {
  const { components, dimensions, weights, means, variances } = mixture;
  const posteriors = posteriorsOf(mixture, data);
  const deviations = variances.map(Math.sqrt);
  const meansAt = components;
  const variancesAt = components + components * dimensions;
  for (let l = 0; l < data.rows; l++) {
    for (let k = 0; k < components; k++) {
      const posterior = posteriors[l * components + k]!;
      const scale = 1 / Math.sqrt(weights[k]!);
      visit(l, k, scale * (posterior - weights[k]!));
      if (posterior === 0) continue;
      for (let d = 0; d < dimensions; d++) {
        const at = k * dimensions + d;
        const standard = (data.values[l * dimensions + d]! - means[at]!) / deviations[at]!;
        visit(l, meansAt + at, scale * posterior * standard);
        visit(l, variancesAt + at, (scale * posterior * (standard * standard - 1)) / Math.SQRT2);
      }
    }
  }
}

function normalized(vector: Float64Array, { improved = true }: FisherVectorOptions): Float64Array {
  if (!improved) return vector;
  const rooted = vector.map((value) => Math.sign(value) * Math.sqrt(Math.abs(value)));
  const length = Math.sqrt(rooted.reduce((sum, value) => sum + value * value, 0));
  return length === 0 ? rooted : rooted.map((value) => value / length);
}
