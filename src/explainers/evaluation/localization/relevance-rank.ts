import { everyKind } from "../../parameters.js";
import { measure } from "../measure.js";
import { byChance, hitsAmongTop, judged, reading } from "./marked.js";

/**
 * Relevance rank accuracy (Arras, Osman & Samek 2022): of the K most relevant positions, K the size of the mask, the share that lies
 * inside it. Positions that are equally relevant count as on average over all their orders.
 *
 * @throws MissingEvidenceError without masks; InputShapeError for an attribution of a layer
 * @example
 * const { values } = await relevanceRankAccuracy(model)({ x, attribution, masks });
 */
export const relevanceRankAccuracy = measure({
  id: "relevance-rank-accuracy",
  name: "Relevance rank accuracy",
  short: "Relevance rank",
  category: "localization",
  reference: "Arras, Osman & Samek 2022, Information Fusion 81, “CLEVR-XAI”",
  question: "How many of as many most relevant positions as the thing has are on it?",
  co12: ["coherence", "correctness"],
  better: "higher",
  range: [0, 1],
  inputs: everyKind,
  needs: ["masks"],
  parameters: reading("positive", "signed"),
  measurer: (_model, how) => async (evidence) =>
    judged(evidence, how, (marked) => {
      const value = hitsAmongTop(marked, marked.size) / marked.size;
      return marked.isConstant ? byChance(value) : value;
    }),
});
