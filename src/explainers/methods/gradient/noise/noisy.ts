import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { ParameterError } from "../../../errors.js";
import type { Explain } from "../../../explanation.js";
import type { Findings } from "../../../method.js";
import { gradients, type Model, type Recording } from "../../../network/index.js";
import { scoped } from "../../../network/tensors.js";
import { seededRandom } from "../../../numerics/random.js";
import { orTensor, real, seed, type ValuesOf, whole } from "../../../parameters.js";
import { memoryBudget, pointCount } from "../engine/parameters.js";
import { addTo, visitPoints } from "../engine/points.js";
import { findingsAtInputs, onRecording, sumRows } from "../engine/seeded.js";

/** The parameters of methods that average over noisy copies. */
export const noisy = {
  samples: whole(50, "Noisy copies of the input", pointCount),
  // A tensor [batch · samples, …] is the noise itself, the copies of one input one after another.
  noise: orTensor(
    real(0.15, "Standard deviation σ of the noise", {
      least: 0,
      unit: "share of max x − min x",
      label: "Noise σ",
      span: { from: 0, to: 1, step: 0.01 },
    }),
  ),
  seed,
  memoryBudget,
};

/** Moments of `g − around`. */
interface Moments {
  readonly mean: Tensor;
  readonly meanSquare: Tensor;
}

/**
 * Combines the moments of the gradient over noisy copies of the input.
 *
 * @param around `"input"` takes the moments of the difference to the gradient at the input itself: in those a small variance
 *   of large gradients is not lost to rounding
 */
export function overNoise(
  model: Model,
  { samples: copies, noise, seed: first, memoryBudget: budget }: ValuesOf<typeof noisy>,
  combine: (moments: Moments) => Tensor,
  around: "zero" | "input" = "zero",
): Explain<Findings> {
  return (x, run = {}) =>
    onRecording(model, x, run, async (seeded) => {
      const { recording, node, seed } = seeded;
      const draw = typeof noise === "number" ? gaussian(recording, noise, first) : given(recording, noise, copies);
      const [sums, squares] = tf.tidy(() =>
        [0, 1].map(() => recording.inputs.map((input): Tensor => tf.zerosLike(input))),
      ) as [Tensor[], Tensor[]];
      let middle = new Map<number, Tensor>();
      const shifted = (gradient: Tensor, id: number, samples: readonly number[]): Tensor => {
        const shift = middle.get(id);
        return shift === undefined ? gradient : tf.sub(gradient, tf.gather(shift, tf.tensor1d([...samples], "int32")));
      };
      try {
        if (around === "input") middle = gradients(recording, new Map([[node, seed]]));
        await visitPoints(
          seeded,
          {
            perSample: copies,
            at: (samples, numbers) =>
              recording.inputs.map((input, index) => {
                const rows = tf.gather(input, tf.tensor1d([...samples], "int32"));
                return tf.add(rows, draw(rows, index, samples, numbers));
              }),
          },
          { ...run, memoryBudget: budget },
          ({ samples, gradient }) => {
            const weights = samples.map(() => 1 / copies);
            const part = (id: number) => shifted(gradient(id), id, samples);
            addTo(sums, recording, (id) => sumRows(part(id), samples, weights, recording.batch));
            addTo(squares, recording, (id) => sumRows(tf.square(part(id)), samples, weights, recording.batch));
          },
        );
        return scoped(() =>
          findingsAtInputs(
            seeded,
            sums.map((mean, index) => combine({ mean, meanSquare: squares[index]! })),
          ),
        );
      } finally {
        for (const tensor of [...sums, ...squares, ...middle.values()]) tensor.dispose();
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
