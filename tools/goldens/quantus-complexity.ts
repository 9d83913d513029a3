import {
  type Attribution,
  complexity,
  effectiveFeatures,
  type Measurer,
  sparseness,
} from "../../src/explainers/index.js";
import type { Adapter, Adapters, CaseContext } from "./adapter.js";
import { choiceIn, expectIn, numberIn } from "./parameters.js";
import { statedAttribution } from "./stated-attribution.js";

/** Quantus counts every entry of a map. */
const apart = { channels: "apart" } as const;

/** Quantus' measures of complexity. */
export const quantusComplexity: Adapters = {
  Complexity: ofMap(({ model }) => complexity(model(), apart)),
  Sparseness: ofMap(({ model }) => sparseness(model(), apart)),
  EffectiveComplexity: ofMap(({ model, golden }) =>
    effectiveFeatures(model(), {
      ...apart,
      threshold: numberIn(golden.params, "eps", 1e-5),
      relativeTo: "nothing",
    }),
  ),
};

function ofMap(measurerOf: (context: CaseContext) => Measurer): Adapter {
  return async (context) => {
    const { params } = context.golden;
    // Sizes alone count.
    expectIn(params, "abs", true);
    const isNormalized = choiceIn(params, "normalise", { true: true, false: false }, "true");
    expectIn(params, "normalise_func", "normalise_by_max");
    const x = context.input();
    const stated = statedAttribution(context);
    const { values } = await measurerOf(context)({ x, attribution: isNormalized ? byLargest(stated) : stated });
    return { roles: { scores: Float32Array.from(values) } };
  };
}

/** The peer divides by the largest size of the whole batch. */
function byLargest(attribution: Attribution): Attribution {
  const largest = attribution.relevance.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const relevance = attribution.relevance.map((value) => value / largest);
  return { ...attribution, relevance, inputs: [{ relevance, shape: attribution.shape }] };
}
