import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { type Findings, method } from "../../../method.js";
import { scoped } from "../../../network/tensors.js";
import { quadrature, quadratureRules } from "../../../numerics/quadrature.js";
import { choice, everyKind, whole } from "../../../parameters.js";
import { memoryBudget, pathStart, pointCount, quadratureNotes } from "../engine/parameters.js";
import { addTo, visitPoints } from "../engine/points.js";
import { referencePlaces, references } from "../engine/references.js";
import { findingsAtInputs, onRecording, rowFactors, sumRows } from "../engine/seeded.js";
import { completeness, outputsAt, type PathAttribution } from "./completeness.js";

/**
 * Integrated gradients: `(x − x')_i ∫₀¹ ∂f/∂x_i(x' + t(x − x')) dt`, which sums to `f(x) − f(x')`
 * (Sundararajan, Taly & Yan 2017, eq. 1).
 *
 * @throws ParameterError for steps below 1 or a baseline that does not fit; TargetError; AbortedError
 * @example
 * const result = await integratedGradients(model, { steps: 32 })(photo, { target: 282 });
 * result.completenessGap; // [0.002]
 */
export const integratedGradients = method({
  id: "integrated-gradients",
  name: "Integrated gradients",
  family: "gradient",
  reference: "Sundararajan, Taly & Yan 2017, ICML, eq. 1",
  question: "What did each entry add to the output on the way from a reference to this input?",
  inputs: everyKind,
  signed: true,
  additive: true,
  result: "entries",
  parameters: {
    baseline: references(...pathStart),
    steps: whole(50, "Points on the path", pointCount),
    rule: choice(quadratureRules, "gauss-legendre", "How the integral is taken", { notes: quadratureNotes }),
    memoryBudget,
  },
  explainer: (model, { baseline, steps, rule, memoryBudget: budget }, context) => {
    const { nodes, weights } = quadrature(rule, steps);
    return (x, run = {}): Promise<Findings<PathAttribution>> =>
      onRecording(model, x, run, async (seeded) => {
        const { recording } = seeded;
        const { starts, sums } = tf.tidy(() => ({
          starts: referencePlaces("baseline", baseline, "black", context, seeded),
          sums: recording.inputs.map((input): Tensor => tf.zerosLike(input)),
        }));
        try {
          await visitPoints(
            seeded,
            {
              perSample: steps,
              at: (samples, numbers) =>
                recording.inputs.map((input, index) => {
                  const rows = tf.tensor1d([...samples], "int32");
                  const from = tf.gather(starts[index]!, rows);
                  const t = rowFactors(
                    numbers.map((number) => nodes[number]!),
                    from,
                  );
                  return tf.add(from, tf.mul(tf.sub(tf.gather(input, rows), from), t));
                }),
            },
            { ...run, memoryBudget: budget },
            ({ samples, numbers, gradient }) => {
              const factors = numbers.map((number) => weights[number]!);
              addTo(sums, recording, (id) => sumRows(gradient(id), samples, factors, recording.batch));
            },
          );
          return scoped(() => {
            const relevances = recording.inputs.map((input, index) =>
              tf.mul(tf.sub(input, starts[index]!), sums[index]!),
            );
            const found = findingsAtInputs(seeded, relevances);
            return { ...found, ...completeness(seeded, found, outputsAt(seeded, starts)) };
          });
        } finally {
          for (const tensor of [...starts, ...sums]) tensor.dispose();
        }
      });
  },
});
