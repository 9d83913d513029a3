import { everyKind } from "../../parameters.js";
import { measure } from "../measure.js";
import { complexityParameters, overSizes } from "./shares.js";

/**
 * Complexity (Bhatt et al. 2020): the entropy `−Σ p ln p` of the features' shares `p = |R| / Σ|R|`, in nats. It is 0 where one
 * feature has all relevance and ln n where all n have the same; lower is simpler. Quantus counts every entry: `channels: "apart"`.
 *
 * @example
 * const { values } = await complexity(model)({ x, attribution });
 */
export const complexity = measure({
  id: "complexity",
  name: "Complexity",
  category: "complexity",
  reference: "Bhatt et al. 2020, IJCAI, complexity",
  question: "Over how many features does the explanation spread?",
  co12: ["compactness"],
  better: "lower",
  range: [0, Infinity],
  unit: "nats",
  inputs: everyKind,
  needs: [],
  parameters: complexityParameters,
  measurer: overSizes<typeof complexityParameters>(entropy),
});

/** The entropy of shares of a whole; 0 · ln 0 is 0. */
function entropy(sizes: Float64Array): number {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const sum = sizes.reduce((found, size) => (size > 0 ? found - (size / total) * Math.log(size / total) : found), 0);
  return Math.max(0, sum);
}
