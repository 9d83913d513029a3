import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { ParameterError } from "../../../errors.js";
import type { Explain } from "../../../explanation.js";
import type { Model, Recording } from "../../../network/index.js";
import { scoped } from "../../../network/tensors.js";
import { seededRandom } from "../../../numerics/random.js";
import { attributionOf, explain, sumRows } from "../engine/seeded.js";
import { addTo } from "../paths/integrated-gradients.js";
import { type PointsOptions, visitPoints } from "../engine/points.js";

export interface SmoothGradOptions extends PointsOptions {
  /** Noisy copies of each input; default 50. */
  readonly samples?: number;
  /**
   * Standard deviation of the Gaussian noise as a share of `max(x) − min(x)` of each input; default 0.15. A tensor
   * `[batch · samples, …]` is taken as the noise itself, the copies of one input one after another.
   */
  readonly noise?: number | Tensor;
  /** The same seed gives the same noise; default 0. */
  readonly seed?: number;
}

/** SmoothGrad: the mean gradient over noisy copies of the input, `E[∂f/∂x(x + n)]` (Smilkov et al. 2017). */
export function smoothGrad(model: Model, options: SmoothGradOptions = {}): Explain {
  return overNoise(model, "SmoothGrad", options, ({ mean }) => mean);
}

/** SquareGrad: the mean squared gradient over noisy copies, `E[(∂f/∂x)²]` (Hooker et al. 2019). */
export function squareGrad(model: Model, options: SmoothGradOptions = {}): Explain {
  return overNoise(model, "SquareGrad", options, ({ meanSquare }) => meanSquare);
}

/** VarGrad: the variance of the gradient over noisy copies, `E[g²] − E[g]²` (Adebayo et al. 2018). */
export function varGrad(model: Model, options: SmoothGradOptions = {}): Explain {
  return overNoise(model, "VarGrad", options, ({ mean, meanSquare }) => tf.sub(meanSquare, tf.square(mean)));
}

interface Moments {
  readonly mean: Tensor;
  readonly meanSquare: Tensor;
}

function overNoise(
  model: Model,
  method: string,
  { samples: copies = 50, noise = 0.15, seed = 0, ...points }: SmoothGradOptions,
  combine: (moments: Moments) => Tensor,
): Explain {
  if (!Number.isInteger(copies) || copies < 1) {
    throw new ParameterError("samples", copies, "a whole number of at least 1");
  }
  if (typeof noise === "number" && !(noise >= 0)) throw new ParameterError("noise", noise, "a number of at least 0");
  return (x, target = {}) =>
    explain(model, x, target, async (explained) => {
      const { recording } = explained;
      const draw = typeof noise === "number" ? gaussian(recording, noise, seed) : given(recording, noise, copies);
      const sums = recording.inputs.map((input) => tf.zerosLike(input));
      const squares = recording.inputs.map((input) => tf.zerosLike(input));
      try {
        await visitPoints(
          explained,
          {
            perSample: copies,
            at: (samples, numbers) =>
              recording.inputs.map((input, index) => {
                const rows = tf.gather(input, tf.tensor1d([...samples], "int32"));
                return tf.add(rows, draw(rows, index, samples, numbers));
              }),
          },
          { ...points, ...target },
          ({ samples, gradient }) => {
            const weights = samples.map(() => 1 / copies);
            addTo(sums, recording, (id) => sumRows(gradient(id), samples, weights, recording.batch));
            addTo(squares, recording, (id) => sumRows(tf.square(gradient(id)), samples, weights, recording.batch));
          },
        );
        return scoped(() =>
          attributionOf(
            method,
            { samples: copies, noise: typeof noise === "number" ? noise : "given", seed },
            explained,
            sums.map((mean, index) => combine({ mean, meanSquare: squares[index]! })),
          ),
        );
      } finally {
        for (const tensor of [...sums, ...squares]) tensor.dispose();
      }
    });
}

type Draw = (rows: Tensor, input: number, samples: readonly number[], numbers: readonly number[]) => Tensor;

/** Every copy has a stream of its own, so that its noise does not depend on how copies are batched. */
function gaussian(recording: Recording, level: number, seed: number): Draw {
  const deviations = recording.inputs.map((input) =>
    tf.tidy(() => {
      const flat = tf.reshape(input, [recording.batch, -1]);
      return Array.from(tf.mul(tf.sub(tf.max(flat, 1), tf.min(flat, 1)), level).dataSync());
    }),
  );
  return (rows, input, samples, numbers) => {
    const size = rows.size / samples.length;
    const noise = new Float32Array(rows.size);
    samples.forEach((sample, row) => {
      const random = seededRandom(seed * 1_000_003 + numbers[row]! * 8191 + input);
      const deviation = deviations[input]![sample]!;
      for (let i = 0; i < size; i++) noise[row * size + i] = deviation * random.gaussian();
    });
    return tf.tensor(noise, rows.shape);
  };
}

function given(recording: Recording, noise: Tensor, copies: number): Draw {
  const shape = [recording.batch * copies, ...recording.inputs[0]!.shape.slice(1)];
  if (recording.inputs.length > 1 || String(noise.shape) !== String(shape)) {
    throw new ParameterError(
      "noise",
      `a tensor of shape [${noise.shape.join(", ")}]`,
      `a share of the input's range, or a tensor of shape [${shape.join(", ")}]`,
    );
  }
  return (_rows, _input, samples, numbers) =>
    tf.gather(
      noise,
      tf.tensor1d(
        samples.map((sample, row) => sample * copies + numbers[row]!),
        "int32",
      ),
    );
}
