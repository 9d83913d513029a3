import { choice, everyKind } from "../../parameters.js";
import { measure } from "../measure.js";
import { continuousInput, noiseParameters, noisyNeighbors, radiusOf } from "./neighbors.js";
import { euclidean, explanationScale, overNeighbors, summaryOfNeighbors } from "./worst-neighbor.js";

/**
 * Local Lipschitz estimate (Alvarez-Melis and Jaakkola 2018): `max ‖Φ(x′) − Φ(x)‖₂ / ‖x′ − x‖₂` over `samples` draws around x, a lower bound of
 * the maximum that the paper looks for by Bayesian optimization. Lower is steadier. It has a unit, the explanation's per the input's: compare methods of one
 * scale, or with `normalization: "max"`. Quantus draws normal noise of deviation 0.1 (`noise: "gaussian", radius: 0.1`) and divides by the maximum.
 *
 * @throws MissingEvidenceError without `explain`; InputShapeError for several inputs; ParameterError for words
 * @example
 * const steep = localLipschitz(model, { samples: 20 });
 * const { values } = await steep({ x, attribution, explain: (model) => lrp(model) });
 */
export const localLipschitz = measure({
  id: "local-lipschitz",
  name: "Local Lipschitz estimate",
  short: "Local Lipschitz",
  category: "robustness",
  reference: "Alvarez-Melis and Jaakkola 2018, ICML WHI",
  question: "How steeply does the explanation change around the input?",
  co12: ["continuity"],
  better: "lower",
  range: [0, Infinity],
  inputs: everyKind,
  needs: ["explainer"],
  parameters: {
    ...noiseParameters,
    noise: choice(
      ["uniform", "gaussian"],
      "uniform",
      "Whether entries move evenly up to radius, or normally with that deviation",
    ),
    normalization: explanationScale,
    summary: summaryOfNeighbors,
  },
  measurer: (model, { noise: kind, normalization, summary, memoryBudget, radius: asked, ...noise }, context) => {
    const radius = radiusOf(asked, context);
    return async (evidence, run) => {
      const neighbors = noisyNeighbors(
        continuousInput("Local Lipschitz", evidence),
        { ...noise, radius },
        radius,
        kind,
      );
      try {
        const found = await overNeighbors(model, evidence, run, {
          name: "Local Lipschitz estimate",
          neighbors,
          normalization,
          summary,
          memoryBudget,
          of: (own, { relevance, distance }) => (distance === 0 ? undefined : euclidean(relevance, own) / distance),
          none: "No neighbor is another input.",
        });
        return { ...found, parameters: { radius } };
      } finally {
        neighbors.dispose();
      }
    };
  },
});
