import * as tf from "@tensorflow/tfjs-core";
import { type Findings, method } from "../../../method.js";
import { everyKind, whole } from "../../../parameters.js";
import { follow } from "../../../progress.js";
import { findingsOf, onRecording } from "../engine/seeded.js";
import { background, backgroundRows } from "../paths/background.js";
import { completeness, type PathAttribution } from "../paths/completeness.js";
import { contributions, rule } from "./contributions.js";

/**
 * DeepLIFT-SHAP: the mean of DeepLIFT over references (Lundberg & Lee 2017); it sums to `f(x) − mean f(x')`, and
 * `baselineOutput` is that mean.
 *
 * @throws ParameterError for references of another shape than the input
 * @example
 * const result = await deepLiftShap(model, { references: training })(photo, { target: "top1" });
 */
export const deepLiftShap = method({
  id: "deeplift-shap",
  name: "DeepLIFT-SHAP",
  family: "gradient",
  reference: "Lundberg & Lee 2017, NeurIPS, section 4.2",
  question: "Which entries make the output differ from what it is on average over many references?",
  inputs: everyKind,
  signed: true,
  additive: true,
  result: "entries",
  parameters: { ...background, rule, seed: whole(0, "Seed of the noise", { minor: true }) },
  explainer:
    (model, { rule: multipliers, seed, ...rest }, context) =>
    (x, run = {}): Promise<Findings<PathAttribution>> =>
      onRecording(model, x, run, async (seeded) => {
        const { recording } = seeded;
        const input = recording.inputs[0]!;
        const [references, zeros] = tf.tidy(() => [
          backgroundRows(rest, seed, context, recording),
          tf.zerosLike(input),
        ]);
        const count = references!.shape[0]!;
        const gaps = new Array<number>(recording.batch).fill(0);
        const outputs = new Array<number>(recording.batch).fill(0);
        let sum = zeros!;
        try {
          const progress = follow(count, run);
          for (let index = 0; index < count; index++) {
            tf.tidy(() => {
              const place = tf.broadcastTo(tf.slice(references!, index, 1), input.shape as [number]);
              const { relevances, referenceOutput } = contributions(seeded, [place], multipliers);
              const one = findingsOf(seeded, relevances);
              const { completenessGap, baselineOutput } = completeness(seeded, one, referenceOutput);
              completenessGap.forEach((gap, sample) => {
                gaps[sample]! += gap / count;
                outputs[sample]! += baselineOutput[sample]! / count;
              });
              const next = tf.engine().keep(tf.add(sum, tf.div(relevances[0]!, count)));
              sum.dispose();
              sum = next;
            });
            await progress.step(1);
          }
          return { ...findingsOf(seeded, [sum]), baselineOutput: outputs, completenessGap: gaps };
        } finally {
          tf.dispose([sum, references!]);
        }
      }),
});
