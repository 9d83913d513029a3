import { choice, everyKind, real } from "../../parameters.js";
import { measure } from "../measure.js";
import { complexityParameters, overSizes } from "./shares.js";

const parameters = {
  ...complexityParameters,
  threshold: real(0.05, "How large a feature's relevance must be to count", {
    least: 0,
    span: { from: 0, to: 0.5, step: 0.01 },
  }),
  relativeTo: choice(["largest", "nothing"], "largest", "What the threshold is a share of", {
    minor: true,
    notes: { largest: { label: "the sample's largest" }, nothing: { label: "a relevance itself" } },
  }),
};

/**
 * The effective number of features (after Nguyen & Martínez 2020): how many have a relevance above a share of the largest; lower is
 * simpler. The paper asks for how many features the model must be told until the rest changes its output by less than a
 * tolerance; counting features above a threshold is how Quantus made a measure of the map alone of it, and so is this one. Quantus counts
 * every entry (`channels: "apart"`) above `eps` after dividing by the largest of the whole batch, so that a sample's number depends on the
 * others': here it is the sample's own, or with `relativeTo: "nothing"` what the map was divided by before.
 *
 * @example
 * const { values } = await effectiveFeatures(model, { threshold: 0.1 })({ x, attribution });
 */
export const effectiveFeatures = measure({
  id: "effective-features",
  name: "Effective number of features",
  short: "Effective features",
  category: "complexity",
  reference: "Nguyen & Martínez 2020, arXiv:2007.07584, as Quantus' effective complexity",
  question: "How many features does a reader have to look at?",
  co12: ["compactness"],
  better: "lower",
  range: [0, Infinity],
  unit: "features",
  inputs: everyKind,
  needs: [],
  parameters,
  measurer: overSizes<typeof parameters>((sizes, { threshold, relativeTo }) => {
    const scale = relativeTo === "nothing" ? 1 : sizes.reduce((most, size) => Math.max(most, size), 0);
    return sizes.reduce((count, size) => count + Number(size > threshold * scale), 0);
  }),
});
