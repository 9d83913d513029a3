import { everyKind, toggle } from "../../parameters.js";
import { measure } from "../measure.js";
import { judged, reading, shareInside } from "./marked.js";

/**
 * The inside-total relevance ratio (Lapuschkin et al. 2016; Kohlbrenner et al. 2020): the share of positive relevance that lies inside
 * the mask, µ = R_in / R_tot. `weighted` multiplies it by S_tot / S_in, so that relevance spread evenly gives 1 whatever the size
 * of the thing. Quantus calls it attribution localization and counts sizes (`values: "absolute"`).
 *
 * @throws MissingEvidenceError without masks; InputShapeError for an attribution of a layer
 * @example
 * const { values } = await insideTotalRatio(model, { weighted: true })({ x, attribution, masks });
 */
export const insideTotalRatio = measure({
  id: "inside-total-ratio",
  name: "Inside-total relevance ratio",
  short: "Inside-total ratio",
  category: "localization",
  reference:
    "Lapuschkin et al. 2016, CVPR; Kohlbrenner et al. 2020, IJCNN, “Towards Best Practice in Explaining Neural Network Decisions with LRP”",
  question: "Which share of the positive relevance is on the thing?",
  co12: ["coherence", "correctness"],
  better: "higher",
  range: [0, Infinity],
  inputs: everyKind,
  needs: ["masks"],
  parameters: {
    weighted: toggle(false, "Multiplied by how many times larger than the thing the picture is"),
    ...reading("sum", "positive"),
  },
  measurer:
    (_model, { weighted, ...how }) =>
    async (evidence) =>
      judged(evidence, how, (marked) => {
        const share = shareInside(marked);
        const weight = weighted ? marked.inside.length / marked.size : 1;
        return typeof share === "number" ? share * weight : { ...share, value: share.value * weight };
      }),
});
