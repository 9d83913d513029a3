import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { ParameterError } from "../../../errors.js";
import { method } from "../../../method.js";
import { scoped } from "../../../network/tensors.js";
import { seededRandom } from "../../../numerics/random.js";
import { dataOf, everyKind, seed, whole } from "../../../parameters.js";
import { memoryBudget, pointCount } from "../engine/parameters.js";
import { addTo, visitPoints } from "../engine/points.js";
import { findingsAtInputs, onRecording, rowFactors, sumRows } from "../engine/seeded.js";
import { background, backgroundPlaces } from "./background.js";

/** Which reference and which place on the path each draw takes, the draws of one sample one after another. */
export interface PathDraws {
  /** In [0, 1], `batch · samples` of them. */
  readonly alphas: readonly number[];
  /** Rows of the references, as many. */
  readonly baselineIndices: readonly number[];
}

const isDraws = (value: unknown): value is PathDraws => {
  const { alphas, baselineIndices } = (value ?? {}) as Partial<PathDraws>;
  return Array.isArray(alphas) && Array.isArray(baselineIndices);
};

/**
 * Expected gradients, also called GradientSHAP: `E[(x − x')_i ∂f/∂x_i(x' + α(x − x'))]` over references x' and α uniform in
 * [0, 1] (Erion et al. 2021, eq. 3; Lundberg & Lee 2017). In expectation it sums to `f(x) − E[f(x')]`.
 *
 * @throws ParameterError for references of another shape than the input, or samples below 1
 * @example
 * const result = await expectedGradients(model, { references: training })(photo, { target: "top1" });
 */
export const expectedGradients = method({
  id: "expected-gradients",
  name: "Expected gradients (GradientSHAP)",
  family: "gradient",
  reference: "Erion et al. 2021, Nature Machine Intelligence, eq. 3; Lundberg & Lee 2017, NeurIPS",
  question: "What did each entry add to the output, on average over many references?",
  inputs: everyKind,
  signed: true,
  additive: true,
  result: "entries",
  parameters: {
    ...background,
    samples: whole(50, "Draws of a reference and a place on the path", pointCount),
    draws: dataOf(
      "The draws themselves, instead of random ones",
      "{ alphas, baselineIndices }, samples of each for every input",
      isDraws,
    ),
    seed,
    memoryBudget,
  },
  explainer:
    (model, { samples: count, draws: given, seed: first, memoryBudget: budget, ...rest }, context) =>
    (x, run = {}) =>
      onRecording(model, x, run, async (seeded) => {
        const { recording } = seeded;
        const { references, sums } = tf.tidy(() => ({
          references: backgroundPlaces(rest, first, context, seeded),
          sums: recording.inputs.map((value): Tensor => tf.zeros(value.shape)),
        }));
        try {
          const { alphas, baselineIndices } =
            given ?? drawPaths(count, recording.batch, references[0]!.shape[0]!, first);
          if (alphas.length !== count * recording.batch || baselineIndices.length !== alphas.length) {
            throw new ParameterError("draws", alphas.length, `${count} for each of the ${recording.batch} inputs`);
          }
          const pathOf = (samples: readonly number[], numbers: readonly number[]) => {
            const rows = samples.map((sample, row) => sample * count + numbers[row]!);
            const indices = tf.tensor1d(
              rows.map((row) => baselineIndices[row]!),
              "int32",
            );
            const own = tf.tensor1d([...samples], "int32");
            const from = references.map((tensor) => tf.gather(tensor, indices));
            const way = recording.inputs.map((value, place) => tf.sub(tf.gather(value, own), from[place]!));
            return { rows, from, way };
          };
          await visitPoints(
            seeded,
            {
              perSample: count,
              at(samples, numbers) {
                const { rows, from, way } = pathOf(samples, numbers);
                const places = rows.map((row) => alphas[row]!);
                return from.map((start, place) => tf.add(start, tf.mul(way[place]!, rowFactors(places, start))));
              },
            },
            { ...run, memoryBudget: budget },
            ({ samples, numbers, gradient }) => {
              const { way } = pathOf(samples, numbers);
              const weights = samples.map(() => 1 / count);
              addTo(sums, recording, (id, place) =>
                sumRows(tf.mul(way[place]!, gradient(id)), samples, weights, recording.batch),
              );
            },
          );
          return scoped(() => findingsAtInputs(seeded, sums));
        } finally {
          for (const tensor of [...references, ...sums]) tensor.dispose();
        }
      }),
});

/** Every sample gets the same draws, so that a batch gives the numbers of its samples. */
function drawPaths(count: number, batch: number, baselineCount: number, seed: number): PathDraws {
  const random = seededRandom(seed);
  const draws = Array.from({ length: count }, () => [random.uniform(), random.integer(baselineCount)] as const);
  const repeated = Array.from({ length: batch }, () => draws).flat();
  return { alphas: repeated.map(([alpha]) => alpha), baselineIndices: repeated.map(([, index]) => index) };
}
