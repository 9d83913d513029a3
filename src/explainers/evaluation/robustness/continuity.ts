import { everyKind, whole } from "../../parameters.js";
import { measure } from "../measure.js";
import {
  continuousInput,
  type Neighbors,
  neighborKinds,
  noiseParameters,
  noisyNeighbors,
  oneAfterTheOther,
  radiusOf,
  translatedNeighbors,
} from "./neighbors.js";
import { explanationScale, manhattan, overNeighbors, summaryOfNeighbors } from "./worst-neighbor.js";

/**
 * Continuity (Montavon, Samek and Müller 2018): `max ‖R(x) − R(x′)‖₁ / ‖x − x′‖₂` over inputs near x: x moved by up to `shift` positions, whose
 * border is repeated, and x with small noise. Lower is more continuous. Quantus moves an image out of the picture and in again on the other side, over black, and along one axis alone.
 *
 * @throws MissingEvidenceError without `explain`; InputShapeError for several inputs; ParameterError for words, or translations of a table
 * @example
 * const smooth = continuity(model, { neighbors: "translations", shift: 2 });
 * const { values } = await smooth({ x, attribution, explain: (model) => lrp(model) });
 */
export const continuity = measure({
  id: "continuity",
  name: "Continuity",
  category: "robustness",
  reference: "Montavon, Samek and Müller 2018, Digital Signal Processing 73, explanation continuity",
  question: "Do nearly equal inputs get nearly equal explanations?",
  co12: ["continuity"],
  better: "lower",
  range: [0, Infinity],
  inputs: everyKind,
  needs: ["explainer"],
  parameters: {
    neighbors: neighborKinds,
    shift: whole(1, "By how many positions the input moves at the most", { least: 1, unit: "positions" }),
    ...noiseParameters,
    normalization: explanationScale,
    summary: summaryOfNeighbors,
  },
  measurer: (
    model,
    { neighbors: kind, shift, normalization, summary, memoryBudget, radius: asked, ...noise },
    context,
  ) => {
    const radius = radiusOf(asked, context);
    return async (evidence, run) => {
      const x = continuousInput("Continuity", evidence);
      // A table has no positions to move along.
      const settled = kind ?? (x.rank < 3 ? "noise" : "both");
      const all: Neighbors[] = [];
      try {
        if (settled !== "noise") all.push(translatedNeighbors(x, shift));
        if (settled !== "translations") all.push(noisyNeighbors(x, { ...noise, radius }, radius));
        const found = await overNeighbors(model, evidence, run, {
          name: "Continuity",
          neighbors: oneAfterTheOther(all),
          normalization,
          summary,
          memoryBudget,
          of: (own, { relevance, distance }) => (distance === 0 ? undefined : manhattan(relevance, own) / distance),
          none: "No neighbor is another input: the input is the same everywhere.",
        });
        return { ...found, parameters: { radius, neighbors: settled } };
      } finally {
        for (const neighbors of all) neighbors.dispose();
      }
    };
  },
});
