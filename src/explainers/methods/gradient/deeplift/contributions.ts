import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { propagateRepeatedly, type Step } from "../../../network/index.js";
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

/** `Δx · multiplier` for each place, and the explained output at the reference; to be called inside `tidy`. */
export function contributions(
  seeded: SeededRecording,
  references: readonly Tensor[],
  multipliers: "rescale" | "reveal-cancel",
): { relevances: Tensor[]; referenceOutput: number[] } {
  const { recording, node } = seeded;
  const reference = seeded.replayAt(references);
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
    try {
      const factors = inputsOf(recording, results);
      const relevances = recording.inputs.map((input, index) => {
        const multiplier = factors[index]!;
        const difference = tf.sub(input, references[index]!);
        if (multiplier.rank === input.rank) return tf.mul(difference, multiplier);
        const [up, down] = tf.unstack(multiplier) as [Tensor, Tensor];
        return tf.add(tf.mul(tf.relu(difference), up), tf.mul(tf.minimum(difference, 0), down));
      });
      return { relevances, referenceOutput: seeded.score(reference.value(node), everySample(recording)) };
    } finally {
      for (const tensor of results.values()) tensor.dispose();
    }
  } finally {
    reference.dispose();
  }
}
