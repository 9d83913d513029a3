import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { ParameterError } from "../../../errors.js";
import type { Explain } from "../../../explanation.js";
import { type Model, propagateRepeatedly, Recording, replay, type Step } from "../../../network/index.js";
import { scoped } from "../../../network/tensors.js";
import { follow } from "../../../progress.js";
import { type Reference, referenceInputs } from "../engine/references.js";
import { attributionOf, type Explained, everySample, explain, inputsOf } from "../engine/seeded.js";
import { completeness, type PathAttribution } from "../paths/integrated-gradients.js";
import { rescale } from "./rescale.js";
import { differenceParts, revealCancel } from "./reveal-cancel.js";

export interface DeepLiftOptions {
  /** The reference input x'; default 0. */
  readonly reference?: Reference;
  /** `"rescale"` (default) or `"reveal-cancel"`, which also sees what positive and negative parts hide from each other. */
  readonly rule?: "rescale" | "reveal-cancel";
}

/**
 * DeepLIFT: the difference to a reference, `f(x) − f(x')`, shared over the inputs by multipliers `Δy/Δx` in place of
 * derivatives (Shrikumar, Greenside & Kundaje 2017). `Σ R = f(x) − f(x')`; `completenessGap` is what rounding takes of it.
 *
 * @throws UnsupportedOperationError for an operation that has no multiplier; ParameterError for a reference that does not fit
 * @example
 * const result = await deepLift(model, { reference: 0 })(photo, { target: "top1" });
 */
export function deepLift(
  model: Model,
  { reference = 0, rule = "rescale" }: DeepLiftOptions = {},
): Explain<PathAttribution> {
  checkRule(rule);
  return (x, target = {}) =>
    explain(model, x, target, (explained) =>
      scoped(() => {
        const references = referenceInputs("reference", reference, explained.recording);
        const { relevances, referenceOutput } = contributions(explained, references, rule);
        const parameters = { reference: typeof reference === "number" ? reference : "given", rule };
        const attribution = attributionOf("DeepLIFT", parameters, explained, relevances);
        return { ...attribution, ...completeness(explained, attribution, referenceOutput) };
      }),
    );
}

export interface DeepLiftShapOptions extends Pick<DeepLiftOptions, "rule"> {
  /** The background data, `[count, …sample]`. */
  readonly references: Tensor;
}

/**
 * DeepLIFT-SHAP: the mean of DeepLIFT over references (Lundberg & Lee 2017); it sums to `f(x) − mean f(x')`, and
 * `baselineOutput` is that mean.
 *
 * @throws ParameterError for references of another shape than the input
 */
export function deepLiftShap(
  model: Model,
  { references, rule = "rescale" }: DeepLiftShapOptions,
): Explain<PathAttribution> {
  checkRule(rule);
  return (x, target = {}) =>
    explain(model, x, target, async (explained) => {
      const { recording } = explained;
      const [input, ...others] = recording.inputs;
      if (others.length > 0 || String(references?.shape?.slice(1)) !== String(input!.shape.slice(1))) {
        throw new ParameterError(
          "references",
          references?.shape ? `a tensor of shape [${references.shape.join(", ")}]` : references,
          `a tensor of shape [count, ${input!.shape.slice(1).join(", ")}], for a model of one input`,
        );
      }
      const count = references.shape[0]!;
      const progress = follow(count, target);
      let sum: Tensor = tf.zerosLike(input!);
      const gaps = new Array<number>(recording.batch).fill(0);
      const outputs = new Array<number>(recording.batch).fill(0);
      const parameters = { references: count, rule };
      try {
        for (let index = 0; index < count; index++) {
          tf.tidy(() => {
            const reference = tf.slice(references, index, 1);
            const places = referenceInputs("references", reference, recording);
            const { relevances, referenceOutput } = contributions(explained, places, rule);
            const one = attributionOf("DeepLIFT-SHAP", parameters, explained, relevances);
            const { completenessGap, baselineOutput } = completeness(explained, one, referenceOutput);
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
        const attribution = attributionOf("DeepLIFT-SHAP", parameters, explained, [sum]);
        return { ...attribution, baselineOutput: outputs, completenessGap: gaps };
      } finally {
        sum.dispose();
      }
    });
}

function checkRule(rule: unknown): void {
  if (rule !== "rescale" && rule !== "reveal-cancel") {
    throw new ParameterError("rule", rule, '"rescale" or "reveal-cancel"');
  }
}

/** `Δx · multiplier` for each input of the model, and the explained output at the reference; to be called inside `tidy`. */
function contributions(
  explained: Explained,
  references: readonly Tensor[],
  rule: "rescale" | "reveal-cancel",
): { relevances: Tensor[]; referenceOutput: number[] } {
  const { recording, node } = explained;
  const { values, pool } = replay(recording.graph, references, recording.weights);
  const reference = new Recording(recording.graph, values, recording.weights, pool, () => {});
  try {
    // A target function sends back what it says at x.
    const seed = explained.seedAt(explained.value, everySample(recording));
    const stepOf = (): Step =>
      rule === "rescale"
        ? rescale(recording, reference)
        : revealCancel(recording, reference, differenceParts(recording, reference));
    const seeds = new Map([[node, rule === "rescale" ? seed : tf.stack([seed, seed])]]);
    const results = propagateRepeatedly(recording, seeds, stepOf, { name: `DeepLIFT ${rule}`, beside: reference.kept });
    const multipliers = inputsOf(recording, results);
    const relevances = recording.inputs.map((input, index) => {
      const multiplier = multipliers[index]!;
      // Both parts of an input have the same multiplier.
      const one = multiplier.rank > input.rank ? tf.squeeze(tf.slice(multiplier, 0, 1), [0]) : multiplier;
      return tf.mul(tf.sub(input, references[index]!), one);
    });
    for (const tensor of results.values()) tensor.dispose();
    return { relevances, referenceOutput: explained.score(values[node]!, everySample(recording)) };
  } finally {
    reference.dispose();
  }
}
