import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { openBlackBox } from "../../methods/perturbation/engine/black-box.js";
import { everyKind, real } from "../../parameters.js";
import { measure } from "../measure.js";
import { continuousInput, noiseParameters, noisyNeighbors, radiusOf } from "./neighbors.js";
import { overNeighbors, summaryOfNeighbors } from "./worst-neighbor.js";

const parameters = {
  ...noiseParameters,
  epsilon: real(1e-6, "ε, the least denominator, and what stands for entries that are 0", {
    least: 0,
    open: true,
    minor: true,
  }),
  summary: summaryOfNeighbors,
};

/** What the move of an explanation is divided by: that of the input, or of the logits. */
type Beside = "input" | "output";

/** `‖(e_x − e_x′) / e_x‖₂` beside a move of the input or the output. */
function stability(name: string, beside: Beside) {
  return measure({
    id: `relative-${beside}-stability`,
    name,
    category: "robustness",
    reference: `Agarwal et al. 2022, arXiv:2203.06877, equation ${beside === "input" ? 2 : 5}`,
    question: `How far does the explanation move, in proportion, beside how far the ${beside} does?`,
    co12: ["continuity"],
    better: "lower",
    range: [0, Infinity],
    inputs: everyKind,
    needs: ["explainer"],
    parameters,
    measurer: (model, { epsilon, summary, memoryBudget, radius: asked, ...noise }, context) => {
      const radius = radiusOf(asked, context);
      return async (evidence, run) => {
        const x = continuousInput(name, evidence);
        const neighbors = noisyNeighbors(x, { ...noise, radius }, radius);
        const batch = x.shape[0]!;
        const box = openBlackBox(model, x, evidence.output);
        const own = tf.tidy(() => tf.keep(rowsOf(box.run(x))));
        const moves = new Float64Array(batch * neighbors.count).fill(Number.NaN);
        const inspect = (inputs: Tensor, samples: Int32Array, numbers: Int32Array): void => {
          const [same, moved] = tf.tidy(() => {
            const places = tf.tensor1d(samples, "int32");
            const [outputs, before] = [rowsOf(box.run(inputs)), tf.gather(own, places)];
            const start = tf.gather(x, places);
            const move =
              beside === "output"
                ? tf.sub(outputs, before)
                : tf.reshape(
                    tf.div(tf.sub(inputs, start), tf.where(tf.equal(start, 0), tf.fill(start.shape, epsilon), start)),
                    [samples.length, -1],
                  );
            return [
              tf.equal(classOf(outputs), classOf(before)).dataSync(),
              tf.norm(move, "euclidean", 1).dataSync<"float32">(),
            ];
          });
          samples.forEach((sample, row) => {
            // A neighbor of another class may well be explained otherwise.
            if (same[row]) moves[numbers[row]! * batch + sample] = Math.max(moved[row]!, epsilon);
          });
        };
        try {
          const found = await overNeighbors(model, evidence, run, {
            name,
            neighbors,
            normalization: "none",
            summary,
            memoryBudget,
            inspect,
            of: (map, { relevance, sample, number }) => {
              const move = moves[number * batch + sample]!;
              return Number.isNaN(move) ? undefined : proportion(map, relevance, epsilon) / move;
            },
            none: "Every neighbor is classified otherwise: choose a smaller radius.",
          });
          return { ...found, parameters: { radius } };
        } finally {
          own.dispose();
          box.dispose();
          neighbors.dispose();
        }
      };
    },
  });
}

/** ‖(a − b) / a‖₂; entries of a that are 0 count as ε. */
function proportion(a: Float32Array, b: Float32Array, epsilon: number): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i]! - b[i]!) / (a[i] === 0 ? epsilon : a[i]!)) ** 2;
  return Math.sqrt(sum);
}

const rowsOf = (outputs: Tensor): Tensor => tf.reshape(outputs, [outputs.shape[0]!, -1]);

/** The class of each row; of a lone logit its sign. */
const classOf = (outputs: Tensor): Tensor =>
  outputs.shape[1] === 1 ? tf.cast(tf.greater(tf.reshape(outputs, [-1]), 0), "int32") : tf.argMax(outputs, 1);

/**
 * Relative input stability (Agarwal et al. 2022, equation 2): `max ‖(e_x − e_x′) / e_x‖₂ / max(‖(x − x′) / x‖₂, ε)` over neighbors of the same class. Lower
 * is steadier. Entries of the explanation or of the input that are 0 count as ε, as in Quantus: where there are many, they make the value.
 *
 * @throws MissingEvidenceError without `explain`; InputShapeError for several inputs; ParameterError for words
 * @example
 * const { values } = await relativeInputStability(model)({ x, attribution, explain: (model) => lrp(model) });
 */
export const relativeInputStability = stability("Relative input stability", "input");

/**
 * Relative output stability (Agarwal et al. 2022, equation 5): `max ‖(e_x − e_x′) / e_x‖₂ / max(‖h(x) − h(x′)‖₂, ε)` with the logits h, over neighbors of the same
 * class. Lower is steadier. Entries of the explanation that are 0 count as ε.
 *
 * @throws MissingEvidenceError without `explain`; InputShapeError for several inputs; ParameterError for words
 * @example
 * const { values } = await relativeOutputStability(model)({ x, attribution, explain: (model) => lrp(model) });
 */
export const relativeOutputStability = stability("Relative output stability", "output");
