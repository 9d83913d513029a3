import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { propagateRepeatedly, Recording, replay, type Step } from "../../../network/index.js";
import { choice } from "../../../parameters.js";
import { everySample, inputsOf, type SeededRecording } from "../engine/seeded.js";
import { rescale } from "./rescale.js";
import { differenceParts, revealCancel } from "./reveal-cancel.js";

export const rule = choice(
  ["rescale", "reveal-cancel"],
  "rescale",
  "Multipliers Δy/Δx, or of the positive and the negative part of Δx apart, which sees what they hide from each other",
  { notes: { rescale: { label: "Rescale" }, "reveal-cancel": { label: "RevealCancel" } } },
);

/** `Δx · multiplier` for each input of the model, and the explained output at the reference; to be called inside `tidy`. */
export function contributions(
  seeded: SeededRecording,
  references: readonly Tensor[],
  multipliers: "rescale" | "reveal-cancel",
): { relevances: Tensor[]; referenceOutput: number[] } {
  const { recording, node } = seeded;
  const { values, pool } = replay(recording.graph, references, recording.weights);
  const reference = new Recording(recording.graph, values, recording.weights, pool, () => {});
  try {
    // A target function sends back what it says at x.
    const seed = seeded.seedAt(seeded.value, everySample(recording));
    const stepOf = (): Step =>
      multipliers === "rescale"
        ? rescale(recording, reference)
        : revealCancel(recording, reference, differenceParts(recording, reference));
    const seeds = new Map([[node, multipliers === "rescale" ? seed : tf.stack([seed, seed])]]);
    const results = propagateRepeatedly(recording, seeds, stepOf, {
      name: `DeepLIFT ${multipliers}`,
      beside: reference.kept,
    });
    const factors = inputsOf(recording, results);
    const relevances = recording.inputs.map((input, index) => {
      const multiplier = factors[index]!;
      // Both parts of an input have the same multiplier.
      const one = multiplier.rank > input.rank ? tf.squeeze(tf.slice(multiplier, 0, 1), [0]) : multiplier;
      return tf.mul(tf.sub(input, references[index]!), one);
    });
    for (const tensor of results.values()) tensor.dispose();
    return { relevances, referenceOutput: seeded.score(values[node]!, everySample(recording)) };
  } finally {
    reference.dispose();
  }
}
