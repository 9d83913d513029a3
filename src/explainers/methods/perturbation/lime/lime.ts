import { ParameterError } from "../../../errors.js";
import type { Explain } from "../../../explanation.js";
import type { Model } from "../../../network/index.js";
import { type Random, seededRandom } from "../../../numerics/random.js";
import { type Baseline, baselines, featureMeans } from "../engine/baseline.js";
import { explainer, type PerturbationAttribution, type PerturbationOptions } from "../engine/by-perturbation.js";
import { allCoalitions, type Coalitions, coalitionCopies } from "../features/coalitions.js";
import { defaultFeatures, type Features, featureMaps, oneOf, perEntry } from "../features/features.js";
import { cosineDistances, exponentialKernel, fitSurrogate, type SurrogateOptions } from "./surrogate.js";

export interface LimeOptions extends PerturbationOptions, SurrogateOptions {
  /** What is present or absent together; default superpixels of an image, positions of a sequence of vectors, entries of a vector. */
  readonly features?: Features;
  /** What stands in for absent features: a value, e.g. the id of an unknown token, or `"mean"`, each feature's own mean. Default `"mean"` for images, 0 otherwise. */
  readonly baseline?: Baseline | "mean";
  /** How many perturbed copies, the sample itself included, default 1000. */
  readonly samples?: number;
  /**
   * How copies are drawn: `"independent"`, each feature present with probability ½ (the authors' way for images, default);
   * `"count"`, a uniformly drawn number of features absent (their way for text); `"all"`, every coalition of up to 12 features.
   */
  readonly sampling?: "independent" | "count" | "all";
  /** Width of the kernel √exp(−d² / width²) on the cosine distance d to the sample, > 0, default 0.25. */
  readonly kernelWidth?: number;
  /** Seed of the copies, default 0. */
  readonly seed?: number;
}

/**
 * LIME (Ribeiro, Singh & Guestrin 2016): the coefficients of a linear model of which features are present, fitted near the
 * sample. For images by superpixels, for text by tokens; `limeTable` is for tables.
 *
 * The result's `surrogates` say how well the linear model fits. Text: `{ features: "entries", baseline: unknownToken,
 * sampling: "count" }` on token ids.
 *
 * @throws ParameterError for a sample count below 2, a kernel width that is not positive, or features that do not fit.
 * @example
 * const explain = lime(model, { features: { segments: 50 }, samples: 1000, seed: 1 });
 * const { relevance, surrogates } = await explain(photo, { target: "top1" });
 */
export function lime(model: Model, options: LimeOptions = {}): Explain<PerturbationAttribution> {
  const { samples = 1000, sampling = "independent", kernelWidth = 0.25, seed = 0 } = options;
  if (!Number.isInteger(samples) || samples < 2)
    throw new ParameterError("samples", samples, "a whole number of at least 2");
  if (!(kernelWidth > 0)) throw new ParameterError("kernelWidth", kernelWidth, "positive");
  oneOf("sampling", sampling, ["independent", "count", "all"]);
  return explainer(
    model,
    "LIME",
    { samples, sampling, kernelWidth, seed, ...options },
    ({ batch, shape, values: all }) => {
      const maps = featureMaps(options.features ?? defaultFeatures(shape), all, shape);
      const { baseline = shape.length === 3 ? "mean" : 0 } = options;
      const fixed = baseline === "mean" ? undefined : baselines(baseline, batch, shape);
      const channels = shape.length > 1 ? shape[shape.length - 1]! : 1;
      return ({ index, values }) => {
        const map = maps[index]!;
        const hidden = fixed?.[index] ?? featureMeans(values, map, channels);
        const coalitions = drawCoalitions(map.count, samples, sampling, seededRandom(seed));
        return {
          count: coalitions.length / map.count,
          make: (start, rows) =>
            coalitionCopies(
              values,
              hidden,
              shape,
              map,
              coalitions.slice(start * map.count, (start + rows) * map.count),
            ),
          finish: (scores) => {
            const weights = exponentialKernel(cosineDistances(coalitions, map.count), kernelWidth);
            const surrogate = fitSurrogate(
              { design: coalitions, columns: map.count, outputs: scores, weights },
              options,
            );
            const coefficients = Float32Array.from(surrogate.coefficients);
            return {
              relevance: perEntry(coefficients, map),
              features: { ids: map.ids, values: coefficients },
              surrogate,
            };
          },
        };
      };
    },
  );
}

/** Rows of present features; the first row has all of them. */
function drawCoalitions(
  features: number,
  samples: number,
  sampling: NonNullable<LimeOptions["sampling"]>,
  random: Random,
): Coalitions {
  // The last row of an enumeration has all features: reversed, the first one.
  if (sampling === "all") return allCoalitions(features).reverse();
  const rows = new Float32Array(samples * features).fill(1);
  for (let row = 1; row < samples; row++) {
    if (sampling === "independent") {
      for (let j = 0; j < features; j++) rows[row * features + j] = random.uniform() < 0.5 ? 1 : 0;
    } else {
      const absent = 1 + random.integer(features);
      for (const j of random.permutation(features).subarray(0, absent)) rows[row * features + j] = 0;
    }
  }
  return rows;
}
