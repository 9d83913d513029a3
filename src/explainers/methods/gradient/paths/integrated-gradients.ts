import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Attribution, Explain } from "../../../explanation.js";
import { type Model, type Recording, replay } from "../../../network/index.js";
import { scoped } from "../../../network/tensors.js";
import { type QuadratureRule, quadrature } from "../../../numerics/quadrature.js";
import { type Reference, referenceInputs } from "../engine/references.js";
import { attributionOf, type Explained, everySample, explain, rowFactors, sumRows } from "../engine/seeded.js";
import { type PointsOptions, visitPoints } from "../engine/points.js";

export interface IntegratedGradientsOptions extends PointsOptions {
  /** Where the path begins, x'; default 0. */
  readonly baseline?: Reference;
  /** Points on the path; default 50. */
  readonly steps?: number;
  /** How the integral is taken; default `"gauss-legendre"`. */
  readonly rule?: QuadratureRule;
}

export interface PathAttribution extends Attribution {
  /** The explained output at the baseline, for each sample. */
  readonly baselineOutput: readonly number[];
  /** `Σ R − (f(x) − f(x'))` of each sample: 0 where the integral is exact, and falling with `steps`. */
  readonly completenessGap: readonly number[];
}

/**
 * Integrated gradients: `(x − x')_i ∫₀¹ ∂f/∂x_i(x' + t(x − x')) dt`, which sums to `f(x) − f(x')`
 * (Sundararajan, Taly & Yan 2017, eq. 1).
 *
 * @throws ParameterError for steps below 1 or a baseline that does not fit; TargetError; AbortedError
 * @example
 * const result = await integratedGradients(model, { steps: 32 })(photo, { target: 282 });
 * result.completenessGap; // [0.002]
 */
export function integratedGradients(
  model: Model,
  { baseline = 0, steps = 50, rule = "gauss-legendre", ...points }: IntegratedGradientsOptions = {},
): Explain<PathAttribution> {
  const { nodes, weights } = quadrature(rule, steps);
  return (x, target = {}) =>
    explain(model, x, target, async (explained) => {
      const { recording } = explained;
      const references = tf.tidy(() =>
        referenceInputs("baseline", baseline, recording).map((tensor) => tensor.clone()),
      );
      const sums: Tensor[] = recording.inputs.map((input) => tf.zerosLike(input));
      try {
        await visitPoints(
          explained,
          {
            perSample: steps,
            at: (samples, numbers) =>
              recording.inputs.map((input, index) => {
                const rows = tf.tensor1d([...samples], "int32");
                const from = tf.gather(references[index]!, rows);
                const t = rowFactors(
                  numbers.map((number) => nodes[number]!),
                  from,
                );
                return tf.add(from, tf.mul(tf.sub(tf.gather(input, rows), from), t));
              }),
          },
          { ...points, ...target },
          ({ samples, numbers, gradient }) => {
            const factors = numbers.map((number) => weights[number]!);
            addTo(sums, recording, (id) => sumRows(gradient(id), samples, factors, recording.batch));
          },
        );
        return scoped(() => {
          const relevances = recording.inputs.map((input, index) =>
            tf.mul(tf.sub(input, references[index]!), sums[index]!),
          );
          const attribution = attributionOf(
            "integrated gradients",
            { baseline: typeof baseline === "number" ? baseline : "given", steps, rule },
            explained,
            relevances,
          );
          return { ...attribution, ...completeness(explained, attribution, outputsAt(explained, references)) };
        });
      } finally {
        for (const tensor of [...references, ...sums]) tensor.dispose();
      }
    });
}

/** Adds `part(input id)` to the running sum of each of the model's inputs, in place. */
export function addTo(sums: Tensor[], recording: Recording, part: (id: number) => Tensor): void {
  recording.graph.inputs.forEach((id, index) => {
    const next = tf.engine().keep(tf.add(sums[index]!, part(id)));
    sums[index]!.dispose();
    sums[index] = next;
  });
}

/** The explained output of each sample at other inputs of the same shapes. */
export function outputsAt({ recording, node, score }: Explained, inputs: readonly Tensor[]): number[] {
  const { values, pool } = replay(recording.graph, inputs, recording.weights);
  try {
    return score(values[node]!, everySample(recording));
  } finally {
    pool.dispose();
  }
}

/** What the relevance lacks of `f(x) − f(x')`, where `baselineOutput` is `f(x')`. */
export function completeness(
  { recording: { batch } }: Explained,
  { inputs, output }: Attribution,
  baselineOutput: number[],
): { baselineOutput: number[]; completenessGap: number[] } {
  const completenessGap = baselineOutput.map((reference, sample) => {
    const sum = inputs.reduce((total, { relevance }) => {
      const size = relevance.length / batch;
      return total + relevance.subarray(sample * size, (sample + 1) * size).reduce((a, b) => a + b, 0);
    }, 0);
    return sum - (output[sample]! - reference);
  });
  return { baselineOutput, completenessGap };
}
