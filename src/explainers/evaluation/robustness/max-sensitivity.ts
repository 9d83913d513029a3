import { choice, everyKind } from "../../parameters.js";
import { measure } from "../measure.js";
import { continuousInput, noiseParameters, noisyNeighbors, radiusOf } from "./neighbors.js";
import { euclidean, explanationScale, length, overNeighbors, summaryOfNeighbors } from "./worst-neighbor.js";

/**
 * Max-sensitivity (Yeh et al., NeurIPS 2019): how far the explanation moves at the most when the input moves by no more than
 * `radius` in any entry, `max ‖Φ(x′) − Φ(x)‖₂ / ‖Φ(x)‖₂` over `samples` draws. The paper's formula lacks the denominator, its authors' code, Captum and
 * Quantus have it (`scale: "absolute"` leaves it out). Lower is steadier, and a constant map is the steadiest: read it beside faithfulness.
 *
 * @throws MissingEvidenceError without `explain`; InputShapeError for several inputs; ParameterError for words
 * @example
 * const steady = maxSensitivity(model, { samples: 20 });
 * const { values } = await steady({ x, attribution, explain: (model) => lrp(model) });
 */
export const maxSensitivity = measure({
  id: "max-sensitivity",
  name: "Max-sensitivity",
  category: "robustness",
  reference: "Yeh et al. 2019, NeurIPS, max-sensitivity",
  question: "How far does the explanation move when the input hardly moves?",
  co12: ["continuity"],
  better: "lower",
  range: [0, Infinity],
  inputs: everyKind,
  needs: ["explainer"],
  parameters: {
    ...noiseParameters,
    scale: choice(["relative", "absolute"], "relative", "Whether the move is divided by the length of the explanation"),
    normalization: explanationScale,
    summary: summaryOfNeighbors,
  },
  measurer: (model, { scale, normalization, summary, memoryBudget, radius: asked, ...noise }, context) => {
    const radius = radiusOf(asked, context);
    return async (evidence, run) => {
      const neighbors = noisyNeighbors(continuousInput("Max-sensitivity", evidence), { ...noise, radius }, radius);
      try {
        const found = await overNeighbors(model, evidence, run, {
          name: "Max-sensitivity",
          neighbors,
          normalization,
          summary,
          memoryBudget,
          of: (own, { relevance }) => {
            const moved = euclidean(relevance, own);
            if (scale === "absolute") return moved;
            const size = length(own);
            return size === 0 ? undefined : moved / size;
          },
          none: "The explanation is zero everywhere: no move is small or large beside it.",
        });
        return { ...found, parameters: { radius } };
      } finally {
        neighbors.dispose();
      }
    };
  },
});
