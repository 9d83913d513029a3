import { ParameterError } from "../../errors.js";
import { record } from "../../network/index.js";
import { seededRandom } from "../../numerics/random.js";
import { everyKind, seed } from "../../parameters.js";
import { MissingEvidenceError } from "../evidence.js";
import { explainAgain } from "../explaining.js";
import { measure } from "../measure.js";
import { Comparison, nothingAlike, similarityParameters } from "./similarity.js";

/**
 * Random logit test (Sixt, Granz and Landgraf, ICML 2020): another class of the same model is explained, drawn at random. An explanation that stays
 * alike does not depend on what is explained: lower is better. The other class is as many places after the explained one for every sample.
 *
 * @throws MissingEvidenceError without `explain`, or where the explained classes are not known; ParameterError for a model of one output
 * @example
 * const { values } = await randomLogit(model)({ x, attribution, explain: (model) => lrp(model) });
 */
export const randomLogit = measure({
  id: "random-logit",
  name: "Random logit test",
  category: "randomization",
  reference: "Sixt, Granz and Landgraf 2020, ICML",
  question: "Does the explanation differ from that of another class?",
  co12: ["contrastivity"],
  better: "lower",
  range: [-1, 1],
  inputs: everyKind,
  needs: ["explainer"],
  parameters: { ...similarityParameters, seed },
  measurer:
    (model, { seed: first, ...compared }) =>
    async (evidence, run) => {
      const { attribution, x, output = 0 } = evidence;
      if (attribution.target.includes(null)) {
        throw new MissingEvidenceError("Random logit test", "target", "explain a class, by its index or name.");
      }
      const recording = record(model, x);
      const classes = recording.outputs[output]?.shape.at(-1) ?? 1;
      recording.dispose();
      if (classes < 2)
        throw new ParameterError("model", `one of ${classes} output`, "one of several outputs for another class");
      const step = 1 + seededRandom(first).integer(classes - 1);
      const others = attribution.target.map((index) => (index! + step) % classes);
      const comparison = new Comparison(attribution, compared);
      comparison.check(compared.similarity);
      const found = await explainAgain("Random logit test", model, evidence, run)(x, others);
      const similarities = comparison.with(found);
      const values = similarities[compared.absolute ? "absolute" : "signed"][compared.similarity]!;
      return { values, similarities, others, warnings: nothingAlike(values) };
    },
});
