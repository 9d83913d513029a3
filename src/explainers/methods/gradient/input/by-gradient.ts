import type { Tensor } from "@tensorflow/tfjs-core";
import type { Explain } from "../../../explanation.js";
import type { Findings } from "../../../method.js";
import { gradients, type Model, propagate, type Recording, type Step } from "../../../network/index.js";
import { scoped } from "../../../network/tensors.js";
import { findingsOf, inputsOf, onRecording } from "../engine/seeded.js";

/**
 * Sends 1 back from the target by `stepOf` (default: the gradient) and combines what arrives with the input.
 *
 * @param ofWord what a word has of the entries of its vector
 */
export function byGradient(
  model: Model,
  combine: (gradient: Tensor, x: Tensor) => Tensor,
  stepOf?: (recording: Recording) => Step,
  ofWord: "sum" | "mean" = "sum",
): Explain<Findings> {
  return (x, run = {}) =>
    onRecording(model, x, run, (seeded) => {
      const { recording, node, seed } = seeded;
      const seeds = new Map([[node, seed]]);
      const results =
        stepOf === undefined ? gradients(recording, seeds) : propagate(recording, seeds, stepOf(recording));
      try {
        return scoped(() => {
          const relevances = inputsOf(recording, results).map((gradient, index) =>
            combine(gradient, recording.inputs[index]!),
          );
          return findingsOf(seeded, seeded.toInputs(relevances, ofWord));
        });
      } finally {
        for (const tensor of results.values()) tensor.dispose();
      }
    });
}
