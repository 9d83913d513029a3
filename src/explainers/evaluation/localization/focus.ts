import { measure } from "../measure.js";
import { judged, reading, shareInside } from "./marked.js";

/**
 * Focus (Arias-Duart et al. 2022): on a mosaic of pictures, some of them of the explained class, the share of positive relevance that lies
 * on these. `mosaics` makes mosaics of 2 × 2 pictures and their masks; with two cells of the class, a map that does not care gives 0.5.
 *
 * @throws MissingEvidenceError without masks; InputShapeError for an attribution of a layer
 * @example
 * const { x, masks, targets } = mosaics(pictures, labels, { count: 20 });
 * const attribution = await lrp(model)(x, { target: targets });
 * const { values } = await focus(model)({ x, attribution, masks });
 */
export const focus = measure({
  id: "focus",
  name: "Focus",
  category: "localization",
  reference:
    "Arias-Duart, Parés, Garcia-Gasulla & Giménez-Ábalos 2022, FUZZ-IEEE, “Focus! Rating XAI Methods and Finding Biases”",
  question: "Which share of the positive relevance is on the pictures of the class, in a mosaic with others?",
  co12: ["contrastivity", "correctness"],
  better: "higher",
  range: [0, 1],
  inputs: ["image"],
  needs: ["masks"],
  parameters: reading("sum", "positive"),
  measurer: (_model, how) => async (evidence) => judged(evidence, how, shareInside),
});
