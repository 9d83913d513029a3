import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { type Findings, method } from "../../../method.js";
import { scoped } from "../../../network/tensors.js";
import { everyKind, whole } from "../../../parameters.js";
import { follow } from "../../../progress.js";
import { addTo } from "../engine/points.js";
import { findingsAtInputs, onRecording } from "../engine/seeded.js";
import { background, backgroundPlaces } from "../paths/background.js";
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
        const { references, sums } = tf.tidy(() => ({
          references: backgroundPlaces(rest, seed, context, seeded),
          sums: recording.inputs.map((value): Tensor => tf.zeros(value.shape)),
        }));
        const count = references[0]!.shape[0]!;
        const gaps = new Array<number>(recording.batch).fill(0);
        const outputs = new Array<number>(recording.batch).fill(0);
        try {
          const progress = follow(count, run);
          for (let index = 0; index < count; index++) {
            tf.tidy(() => {
              const reference = recording.inputs.map((value, place) =>
                tf.broadcastTo(tf.slice(references[place]!, index, 1), value.shape as [number]),
              );
              const { relevances, referenceOutput } = contributions(seeded, reference, multipliers);
              const one = findingsAtInputs(seeded, relevances);
              const { completenessGap, baselineOutput } = completeness(seeded, one, referenceOutput);
              completenessGap.forEach((gap, sample) => {
                gaps[sample]! += gap / count;
                outputs[sample]! += baselineOutput[sample]! / count;
              });
              addTo(sums, recording, (_, place) => tf.div(relevances[place]!, count));
            });
            await progress.step(1);
          }
          return scoped(() => ({
            ...findingsAtInputs(seeded, sums),
            baselineOutput: outputs,
            completenessGap: gaps,
          }));
        } finally {
          tf.dispose([...sums, ...references]);
        }
      }),
});
