import { ParameterError } from "../../../errors.js";
import { method } from "../../../method.js";
import { type Random, seededRandom } from "../../../numerics/random.js";
import { choice, everyKind, type Parameter, real, seed, whole } from "../../../parameters.js";
import type { Reference } from "../../reference.js";
import { featureMeans, hiddenIn } from "../engine/baseline.js";
import { byPerturbation, type Part } from "../engine/by-perturbation.js";
import { sampleOf, sideBySide } from "../engine/joined.js";
import { draws, hidden, memoryBudget } from "../engine/parameters.js";
import { allCoalitions, type Coalitions, coalitionCopies } from "../features/coalitions.js";
import { type FeatureMap, perEntry } from "../features/features.js";
import { featureParameters, featuresOf, MANY, readFor } from "../features/parameters.js";
import { surrogateParameters } from "./parameters.js";
import { cosineDistances, exponentialKernel, fitSurrogate, surrogateResults } from "./surrogate.js";

const own = hidden("zero");

const baseline: Parameter<"feature-means" | Reference | readonly Reference[] | undefined> = {
  ...own,
  range: `feature-means, ${own.range}`,
  choices: ["feature-means", ...own.choices!],
  default: undefined,
  description:
    "What shows in the place of absent features: each feature's own mean (by default, in a picture), a reference, or a value " +
    "such as the id of an unknown token (by default 0, in what is no picture)",
  accepts: (value) => value === "feature-means" || own.accepts(value),
};

/**
 * LIME (Ribeiro, Singh & Guestrin 2016): the coefficients of a linear model of which features are present, fitted near the
 * sample. For images by superpixels, for text by tokens; `limeTable` is for tables.
 *
 * The result's `surrogates` say how well the linear model fits. Text: `{ features: "entries", baseline: unknownToken,
 * sampling: "count" }` on token ids.
 *
 * @throws ParameterError for a sample count below 2, a kernel width that is not positive, or features that do not fit.
 * @example
 * const explain = lime(model, { segments: 50, samples: 1000, seed: 1 });
 * const { relevance, surrogates } = await explain(photo, { target: "top1" });
 */
export const lime = method({
  id: "lime",
  name: "LIME",
  family: "perturbation",
  reference: "Ribeiro, Singh & Guestrin 2016, KDD",
  question: "Which features would a linear model, fitted around this input, weigh most?",
  inputs: everyKind,
  signed: true,
  additive: false,
  channels: "repeated",
  result: "entries",
  parameters: {
    ...featureParameters(MANY, "superpixels"),
    baseline,
    samples: whole(1000, "Perturbed copies, the input itself included", draws(2, 100, 5000)),
    sampling: choice(
      ["independent", "count", "all"],
      "independent",
      "Each feature present with probability ½; a uniformly drawn number absent; or all coalitions of up to 12",
      { minor: true },
    ),
    kernelWidth: real(0.25, "Width of the kernel √exp(−d² / width²)", {
      least: 0,
      open: true,
      unit: "cosine distance",
      minor: true,
      span: { from: 0.05, to: 2, step: 0.05 },
    }),
    ...surrogateParameters,
    seed,
    memoryBudget,
  },
  parametersWith: readFor("superpixels"),
  explainer(
    model,
    {
      baseline: wanted,
      samples,
      sampling,
      kernelWidth,
      surrogate: kind,
      alpha,
      featureSelection,
      numFeatures,
      seed: first,
      ...rest
    },
    context,
  ) {
    const linear = { surrogate: kind, alpha, featureSelection, numFeatures };
    return byPerturbation(
      model,
      rest.memoryBudget,
      (batch) => {
        const { shape, parts } = batch;
        const maps = featuresOf(rest, "superpixels", batch);
        // By input, `undefined` where features have their own means.
        const fixed = parts.map((part, input) => {
          const chosen = wanted ?? (part.shape.length === 3 ? "feature-means" : "zero");
          if (chosen === "feature-means" && part.isWords) {
            throw new ParameterError("baseline", chosen, "the number of a word, or padding: words have no mean");
          }
          return chosen === "feature-means" ? undefined : hiddenIn(parts, input, chosen, "zero", context);
        });
        return {
          plan: ({ index, values }) => {
            const { map, parts: own } = maps[index]!;
            const covers = sideBySide(
              parts.map((part, input) => fixed[input]?.[index] ?? meansOf(part, own[input]!, index)),
            );
            const coalitions = drawCoalitions(map.count, samples, sampling, seededRandom(first));
            const rowsOf = (start: number, rows: number) =>
              coalitions.slice(start * map.count, (start + rows) * map.count);
            return {
              count: coalitions.length / map.count,
              make: (start, rows) => coalitionCopies(values, covers, shape, map, rowsOf(start, rows)),
              finish: (scores) => {
                const weights = exponentialKernel(cosineDistances(coalitions, map.count), kernelWidth);
                const surrogate = fitSurrogate(
                  { design: coalitions, columns: map.count, outputs: scores, weights },
                  linear,
                );
                const coefficients = Float32Array.from(surrogate.coefficients);
                return {
                  relevance: perEntry(coefficients, map),
                  features: { ids: map.ids, values: coefficients },
                  surrogate,
                };
              },
            };
          },
          extras: surrogateResults,
        };
      },
      { several: "parts" },
    );
  },
});

/** The features' own means in one sample of an input. */
function meansOf({ shape, values }: Part, map: FeatureMap, sample: number): Float32Array {
  const channels = shape.length > 1 ? shape[shape.length - 1]! : 1;
  return featureMeans(sampleOf(values, shape, sample), map, channels);
}

/** Rows of present features; the first row has all of them. */
function drawCoalitions(
  features: number,
  samples: number,
  sampling: "independent" | "count" | "all",
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
