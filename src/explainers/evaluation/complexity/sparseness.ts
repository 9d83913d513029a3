import { everyKind } from "../../parameters.js";
import { measure } from "../measure.js";
import { complexityParameters, overSizes } from "./shares.js";

/**
 * Sparseness (Chalasani et al. 2020): the Gini index of `|R|`, `Σ (2k − n − 1) |R|₍ₖ₎ / (n Σ|R|)` with the sizes in order (Hurley &
 * Rickard 2009). It is 0 where all features have the same size, 1/3 of uniform noise, and 1 − 1/n where one has all; higher is sparser.
 * Quantus counts every entry: `channels: "apart"`.
 *
 * @example
 * const { values } = await sparseness(model)({ x, attribution });
 */
export const sparseness = measure({
  id: "sparseness",
  name: "Sparseness",
  short: "Sparseness (Gini)",
  category: "complexity",
  reference: "Chalasani et al. 2020, ICML; Hurley & Rickard 2009, IEEE Trans. Inf. Theory",
  question: "Is the relevance on few features?",
  co12: ["compactness"],
  better: "higher",
  range: [0, 1],
  inputs: everyKind,
  needs: [],
  parameters: complexityParameters,
  measurer: overSizes<typeof complexityParameters>(gini),
});

function gini(sizes: Float64Array): number {
  const { length } = sizes.sort();
  let [total, weighted] = [0, 0];
  sizes.forEach((size, at) => {
    total += size;
    weighted += (2 * at + 1 - length) * size;
  });
  return Math.max(0, weighted / (length * total));
}
