import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { ParameterError } from "../../../errors.js";
import type { Explain } from "../../../explanation.js";
import type { Model } from "../../../network/index.js";
import { seededRandom } from "../../../numerics/random.js";
import { attributionOf, explain, rowFactors, sumRows } from "../engine/seeded.js";
import { addTo } from "./integrated-gradients.js";
import { type PointsOptions, visitPoints } from "../engine/points.js";

/** Which baseline and which place on the path each draw takes, the draws of one sample one after another. */
export interface PathDraws {
  /** In [0, 1], `batch · samples` of them. */
  readonly alphas: readonly number[];
  /** Rows of `baselines`, as many. */
  readonly baselineIndices: readonly number[];
}

export interface ExpectedGradientsOptions extends PointsOptions {
  /** The background data, `[count, …sample]`. */
  readonly baselines: Tensor;
  /** Draws for each input; default 50. */
  readonly samples?: number;
  /** The same seed gives the same draws; default 0. */
  readonly seed?: number;
  /** Draws to use instead of random ones. */
  readonly draws?: PathDraws;
}

/**
 * Expected gradients, also called GradientSHAP: `E[(x − x')_i ∂f/∂x_i(x' + α(x − x'))]` over baselines x' and α uniform in
 * [0, 1] (Erion et al. 2021, eq. 3; Lundberg & Lee 2017). In expectation it sums to `f(x) − E[f(x')]`.
 *
 * @throws ParameterError for baselines of another shape than the input, or samples below 1
 */
export function expectedGradients(model: Model, options: ExpectedGradientsOptions): Explain {
  const { baselines, samples: draws = 50, seed = 0, draws: given, ...points } = options;
  if (!Number.isInteger(draws) || draws < 1) throw new ParameterError("samples", draws, "a whole number of at least 1");
  return (x, target = {}) =>
    explain(model, x, target, async (explained) => {
      const { recording } = explained;
      const [input, ...others] = recording.inputs;
      if (others.length > 0) {
        throw new ParameterError(
          "model",
          `${others.length + 1} inputs`,
          "a model of one input: baselines are one tensor",
        );
      }
      if (String(baselines?.shape?.slice(1)) !== String(input!.shape.slice(1))) {
        throw new ParameterError(
          "baselines",
          baselines?.shape ? `a tensor of shape [${baselines.shape.join(", ")}]` : baselines,
          `a tensor of shape [count, ${input!.shape.slice(1).join(", ")}]`,
        );
      }
      const { alphas, baselineIndices } = given ?? drawPaths(draws, recording.batch, baselines.shape[0]!, seed);
      if (alphas.length !== draws * recording.batch || baselineIndices.length !== alphas.length) {
        throw new ParameterError("draws", alphas.length, `${draws} for each of the ${recording.batch} inputs`);
      }
      const sums = [tf.zerosLike(input!)];
      const pathOf = (samples: readonly number[], numbers: readonly number[]) => {
        const rows = samples.map((sample, row) => sample * draws + numbers[row]!);
        const from = tf.gather(
          baselines,
          tf.tensor1d(
            rows.map((row) => baselineIndices[row]!),
            "int32",
          ),
        );
        const way = tf.sub(tf.gather(input!, tf.tensor1d([...samples], "int32")), from);
        return { rows, from, way };
      };
      try {
        await visitPoints(
          explained,
          {
            perSample: draws,
            at(samples, numbers) {
              const { rows, from, way } = pathOf(samples, numbers);
              return [
                tf.add(
                  from,
                  tf.mul(
                    way,
                    rowFactors(
                      rows.map((row) => alphas[row]!),
                      from,
                    ),
                  ),
                ),
              ];
            },
          },
          { ...points, ...target },
          ({ samples, numbers, gradient }) => {
            const { way } = pathOf(samples, numbers);
            const weights = samples.map(() => 1 / draws);
            addTo(sums, recording, (id) => sumRows(tf.mul(way, gradient(id)), samples, weights, recording.batch));
          },
        );
        return attributionOf(
          "expected gradients",
          { baselines: baselines.shape[0]!, samples: draws, seed },
          explained,
          sums,
        );
      } finally {
        for (const tensor of sums) tensor.dispose();
      }
    });
}

/** Every sample gets the same draws, so that a batch gives the numbers of its samples. */
function drawPaths(count: number, batch: number, baselineCount: number, seed: number): PathDraws {
  const random = seededRandom(seed);
  const draws = Array.from({ length: count }, () => [random.uniform(), random.integer(baselineCount)] as const);
  const repeated = Array.from({ length: batch }, () => draws).flat();
  return { alphas: repeated.map(([alpha]) => alpha), baselineIndices: repeated.map(([, index]) => index) };
}
