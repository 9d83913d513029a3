import { ParameterError } from "../../errors.js";
import { everyKind, toggle, whole } from "../../parameters.js";
import { measure } from "../measure.js";
import { byChance, hitsAmongTop, judged, reading } from "./marked.js";

/**
 * Top-k intersection (Theiner, Müller-Budack & Ewerth 2022): of the k most relevant positions, the share that lies inside the mask.
 * `weighted` is the paper's concept influence: that share over the share of the picture that the mask covers. Positions that
 * are equally relevant count as on average over all their orders.
 *
 * @throws MissingEvidenceError without masks; InputShapeError for an attribution of a layer; ParameterError for more positions than
 *   there are
 * @example
 * const { values } = await topKIntersection(model, { k: 100 })({ x, attribution, masks });
 */
export const topKIntersection = measure({
  id: "top-k-intersection",
  name: "Top-k intersection",
  category: "localization",
  reference: "Theiner, Müller-Budack & Ewerth 2022, WACV, “Interpretable Semantic Photo Geolocation”",
  question: "How many of the most relevant positions are on the thing?",
  co12: ["coherence", "correctness"],
  better: "higher",
  range: [0, Infinity],
  inputs: everyKind,
  needs: ["masks"],
  parameters: {
    k: whole(undefined, "How many positions; by default a twentieth of them", { least: 1, unit: "positions" }),
    weighted: toggle(false, "Over the share of the picture that the mask covers"),
    ...reading("sum", "signed"),
  },
  measurer:
    (_model, { k: stated, weighted, ...how }) =>
    async (evidence) => {
      let settled = stated;
      const found = judged(evidence, how, (marked) => {
        const count = marked.inside.length;
        const k = stated ?? Math.max(1, Math.round(count / 20));
        if (k > count) throw new ParameterError("k", k, `at most ${count}: there are no more positions`);
        settled = k;
        const value = (hitsAmongTop(marked, k) / k) * (weighted ? count / marked.size : 1);
        return marked.isConstant ? byChance(value) : value;
      });
      return { ...found, parameters: { k: settled } };
    },
});
