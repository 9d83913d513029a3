import type { Tensor } from "@tensorflow/tfjs-core";
import type { Model } from "../../network/index.js";
import { choice, type ValuesOf } from "../../parameters.js";
import { type Evidence, inputsOf } from "../evidence.js";
import type { Found, ScoreWarning } from "../measure.js";
import { featuresOf, perSample } from "../perturbing/features.js";

/** The parameter that says what counts as one feature. */
export const complexityParameters = {
  channels: choice(
    ["together", "apart"],
    "together",
    "Whether a position's channels count as one feature, by their sum, or every entry",
    {
      minor: true,
    },
  ),
};

/**
 * Measures the sizes of a map's features, sample by sample.
 *
 * @param sizesTo from `|relevance|` of each feature, not all 0
 */
export function overSizes<P extends typeof complexityParameters>(
  sizesTo: (sizes: Float64Array, values: ValuesOf<P>) => number,
): (model: Model, values: ValuesOf<P>) => (evidence: Evidence) => Promise<Found> {
  return (_model, values) => async (evidence) => {
    const warnings: ScoreWarning[] = [];
    const { channels } = values as ValuesOf<typeof complexityParameters>;
    const found = relevanceOf(evidence, channels).map((relevance, sample) => {
      const sizes = Float64Array.from(relevance, Math.abs);
      if (sizes.some((size) => size > 0)) return sizesTo(sizes, values);
      warnings.push({
        kind: "undefined",
        message: "No feature has any relevance: there is nothing to spread.",
        sample,
      });
      return Number.NaN;
    });
    return { values: Float64Array.from(found), warnings };
  };
}

/** What speaks for each feature, `[batch][count]`; of a model of several inputs those of all of them, of a layer its units. */
function relevanceOf({ x, attribution }: Evidence, channels: "together" | "apart"): readonly Float32Array[] {
  const inputs = inputsOf(x);
  const isOfInput = (input: Tensor, shape: readonly number[]) =>
    shape.length === input.shape.length &&
    shape.every((size, axis) => size === input.shape[axis] || axis === shape.length - 1);
  if (!attribution.inputs.every(({ shape }, at) => inputs[at] !== undefined && isOfInput(inputs[at], shape))) {
    return perSample(attribution.relevance, attribution.shape[0]!);
  }
  const parts = attribution.inputs.map(
    (part, at) => featuresOf(inputs[at]!, { ...attribution, ...part }, channels).relevance,
  );
  return parts.length === 1 ? parts[0]! : parts[0]!.map((_, sample) => joined(parts.map((part) => part[sample]!)));
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
