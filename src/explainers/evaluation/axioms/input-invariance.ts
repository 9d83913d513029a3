import * as tf from "@tensorflow/tfjs-core";
import { contextOf } from "../../context.js";
import { ParameterError } from "../../errors.js";
import { hasLedger } from "../../explanation.js";
import { afterShift } from "../../network/capture/model.js";
import { type Model, record, release } from "../../network/index.js";
import { everyKind, real } from "../../parameters.js";
import { explainAgain } from "../explaining.js";
import { measure, type ScoreWarning } from "../measure.js";
import { perSample } from "../perturbing/features.js";
import { continuousInput, rangeOf } from "../robustness/neighbors.js";
import { euclidean, length } from "../robustness/worst-neighbor.js";

/** By how much the two models' outputs may differ, relative to the output (or to 1). */
const SAME_OUTPUT = 1e-3;

/**
 * Input invariance (Kindermans et al. 2017): `‖Φ₂(x + m) − Φ(x)‖₂ / ‖Φ(x)‖₂`, where the second model takes the constant shift m off its input first, so
 * that both give the same outputs. 0 (but for rounding) of methods that do not depend on where the input's scale begins. As in the paper the first layer's bias
 * takes up the shift where it can; where that pads with zeros, the subtraction stays, so that the function is the same in any case. The bounds that the model
 * knows of its input move along: a black reference stays black, a zero does not.
 *
 * @throws MissingEvidenceError without `explain`; InputShapeError for several inputs; ParameterError for words, or a shift of 0
 * @example
 * const { values } = await inputInvariance(model, { shift: -1 })({ x, attribution, explain: (model) => gradientTimesInput(model) });
 */
export const inputInvariance = measure({
  id: "input-invariance",
  name: "Input invariance",
  category: "axioms",
  reference: "Kindermans et al. 2017, arXiv:1711.00867",
  question: "Does the explanation stay when the input's scale begins elsewhere and the model knows it?",
  co12: ["consistency"],
  better: "lower",
  range: [0, Infinity],
  inputs: everyKind,
  needs: ["explainer"],
  parameters: {
    shift: real(
      undefined,
      "What is added to every entry of the input, m; by default minus its range, −1 where that is not known",
    ),
  },
  measurer: (model, { shift: asked }, context) => {
    const shift = asked ?? -rangeOf(context);
    if (shift === 0) throw new ParameterError("shift", shift, "another number than 0: nothing would move");
    return async (evidence, run) => {
      const x = continuousInput("Input invariance", evidence);
      const { attribution } = evidence;
      const other = shiftedModel(model, shift);
      const moved = tf.add(x, shift);
      try {
        const found = await explainAgain("Input invariance", other, evidence, run)(moved);
        const batch = x.shape[0]!;
        const [own, others] = [attribution, found].map(({ relevance }) => perSample(relevance, batch)) as [
          Float32Array[],
          Float32Array[],
        ];
        const warnings: ScoreWarning[] = [];
        const values = Float64Array.from(own, (map, sample) => {
          const size = length(map);
          if (size > 0) return euclidean(map, others[sample]!) / size;
          warnings.push({
            kind: "constant",
            message: "The explanation is zero everywhere: no change is small or large beside it.",
            sample,
          });
          return Number.NaN;
        });
        for (const [sample, output] of attribution.output.entries()) {
          const gap = Math.abs(found.output[sample]! - output);
          if (gap > SAME_OUTPUT * Math.max(1, Math.abs(output)))
            warnings.push({
              kind: "meaningless",
              message: `The explained outputs are ${output} and ${found.output[sample]}, and should be the same: explain does not explain the model that it is given.`,
              sample,
            });
        }
        if (hasLedger(found) && stepsOf(other, moved) > stepsOf(model, x)) {
          warnings.push({
            kind: "meaningless",
            message:
              "The first layer pads with zeros, or is no convolution and no dense one, and cannot take up the shift: a subtraction stays in front of it. A method that goes from " +
              "layer to layer sends relevance through it by a rule, and treats the layer behind it as an inner one.",
            sample: null,
          });
        }
        return { values, parameters: { shift }, warnings };
      } finally {
        moved.dispose();
        release(other);
      }
    };
  },
});

/** The same function of inputs that were shifted, with the bounds that they have then. */
function shiftedModel(model: Model, shift: number): Model {
  const other = afterShift(model, shift);
  const { low, high } = contextOf(model);
  if (low === undefined && high === undefined) return other;
  const moved = (bound: typeof low) =>
    typeof bound === "number" ? bound + shift : bound?.map((value) => value + shift);
  const input = { ...(model as { readonly input?: object }).input, low: moved(low), high: moved(high) };
  return Object.create(other, { input: { value: input, enumerable: true } }) as Model;
}

/** Of how many operations a model's graph is. */
function stepsOf(model: Model, x: tf.Tensor): number {
  const recording = record(model, x);
  const { length: steps } = recording.graph.nodes;
  recording.dispose();
  return steps;
}
