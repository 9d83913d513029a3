import { everyKind } from "../../parameters.js";
import { measure } from "../measure.js";
import { judged, reading, shareInside } from "./marked.js";

/**
 * Relevance mass accuracy (Arras, Osman & Samek 2022): the share of the map that lies inside the mask, Σ_{p ∈ mask} R_p / Σ_p R_p.
 * The paper compares ways of making one non-negative number of a position's channels; the default is its “pos, sum”. Quantus
 * takes maps as they are given: `{ pooling: "sum", values: "signed" }`.
 *
 * @throws MissingEvidenceError without masks; InputShapeError for an attribution of a layer
 * @example
 * const { values } = await relevanceMassAccuracy(model)({ x, attribution, masks });
 */
export const relevanceMassAccuracy = measure({
  id: "relevance-mass-accuracy",
  name: "Relevance mass accuracy",
  short: "Relevance mass",
  category: "localization",
  reference: "Arras, Osman & Samek 2022, Information Fusion 81, “CLEVR-XAI”",
  question: "Which share of the map is on the thing?",
  co12: ["coherence", "correctness"],
  better: "higher",
  range: [0, 1],
  inputs: everyKind,
  needs: ["masks"],
  parameters: reading("positive", "signed"),
  measurer: (_model, how) => async (evidence) => judged(evidence, how, shareInside),
});
