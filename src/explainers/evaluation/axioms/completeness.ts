import * as tf from "@tensorflow/tfjs-core";
import { reference, referenceOf } from "../../methods/reference.js";
import { everyKind } from "../../parameters.js";
import { measure } from "../measure.js";
import { openScoring, outputScale } from "../perturbing/scoring.js";
import { gapScale, gapsOf, notAdditive, sumsOf } from "./sums.js";

/**
 * Completeness (Sundararajan, Taly and Yan 2017; summation to delta): the values add up to the output's difference from that of a baseline,
 * `|Σ R − (f(x) − f(x′))| / |f(x) − f(x′)|`, 0 where they do. Give the baseline that the method had; of methods without one `conservation` asks for f(x).
 *
 * @throws MissingEvidenceError where nothing says what was explained; InputShapeError for several inputs; ParameterError for a baseline that does not fit
 * @example
 * const { values } = await completeness(model, { baseline: "black" })({ x, attribution: await integratedGradients(model)(x) });
 */
export const completeness = measure({
  id: "completeness",
  name: "Completeness",
  category: "axioms",
  reference: "Sundararajan, Taly and Yan 2017, ICML, axiom completeness; Shrikumar et al. 2017, summation to delta",
  question: "Do the values add up to the difference from the baseline's output?",
  co12: ["completeness"],
  better: "lower",
  range: [0, Infinity],
  inputs: everyKind,
  needs: [],
  parameters: {
    baseline: reference("black", "What the method compared the input with, x'"),
    scale: gapScale,
    output: outputScale("logit"),
  },
  measurer:
    (model, { baseline, scale, output }, context) =>
    async (evidence) => {
      const { attribution } = evidence;
      const scoring = openScoring("Completeness", model, evidence, output);
      try {
        const { x } = scoring;
        const differences = tf.tidy(() => {
          const rows = tf.range(0, x.shape[0]!, 1, "int32").dataSync<"int32">();
          const value = referenceOf("baseline", baseline, "black", context, x);
          const there = tf.broadcastTo(
            typeof value === "number" ? tf.scalar(value, x.dtype as "float32") : value,
            x.shape,
          );
          return tf.sub(scoring.score(x, rows), scoring.score(there, rows)).dataSync<"float32">();
        });
        const { values, warnings } = gapsOf(sumsOf(attribution), differences, scale);
        return { values, warnings: [...warnings, ...notAdditive(attribution)] };
      } finally {
        scoring.dispose();
      }
    },
});
