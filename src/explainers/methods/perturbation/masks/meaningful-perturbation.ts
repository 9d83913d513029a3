import type { Scalar, Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { InputShapeError, LimpidError, ModelError, ParameterError } from "../../../errors.js";
import { inputOf, method } from "../../../method.js";
import { taping } from "../../../network/tensors.js";
import { adam } from "../../../numerics/adam.js";
import { gaussianBlur } from "../../../numerics/gaussian-blur.js";
import { seededRandom } from "../../../numerics/random.js";
import { powerVariation } from "../../../numerics/total-variation.js";
import {
  choice,
  extent,
  orTensor,
  type Parameter,
  real,
  seed,
  type ValuesOf,
  whole,
  without,
} from "../../../parameters.js";
import { follow } from "../../../progress.js";
import { baselines } from "../engine/baseline.js";
import { openBlackBox } from "../engine/black-box.js";
import { assemble, type SampleResult, scoredOutputs } from "../engine/by-perturbation.js";
import { draws } from "../engine/parameters.js";

const words = ["blur", "noise"] as const;

const perturbation: Parameter<(typeof words)[number] | number | Tensor> = orTensor({
  type: "reference",
  description:
    "What shows where the mask deletes: blur, noise (normal, with the image's mean and deviation), or a value",
  range: "blur, noise, a number",
  default: "blur" as (typeof words)[number] | number,
  choices: words,
  accepts: (value) => words.includes(value as "blur") || (typeof value === "number" && Number.isFinite(value)),
});

const parameters = {
  perturbation,
  blur: real(10, "Standard deviation of the blur", {
    least: 0,
    open: true,
    unit: "pixels",
    span: { from: 1, to: 40, step: 1 },
  }),
  mask: extent("Rows and columns of the coarse mask; by default an eighth of the image's", { minor: true }),
  area: real(1e-4, "λ₁, weight of the deleted area", {
    least: 0,
    label: "Area λ₁",
    span: { from: 1e-6, to: 0.1, step: 0.25, logarithmic: true },
  }),
  variation: real(1e-2, "λ₂, weight of the mask's total variation", {
    least: 0,
    label: "Variation λ₂",
    span: { from: 1e-4, to: 1, step: 0.25, logarithmic: true },
  }),
  beta: real(3, "β, exponent of the total variation", {
    least: 1,
    label: "β",
    minor: true,
    span: { from: 1, to: 6, step: 0.1 },
  }),
  jitter: whole(4, "How far the image moves at random in every iteration", {
    least: 0,
    unit: "pixels",
    minor: true,
    span: { from: 0, to: 16, step: 1 },
  }),
  iterations: whole(300, "Steps of Adam", draws(1, 10, 1000)),
  learningRate: real(0.1, "Adam's step size", {
    least: 0,
    open: true,
    label: "Step size",
    minor: true,
    span: { from: 0.001, to: 1, step: 0.25, logarithmic: true },
  }),
  initial: real(1, "The mask's first value: 1 deletes nothing", {
    least: 0,
    most: 1,
    label: "First mask",
    minor: true,
    span: { from: 0, to: 1, step: 0.05 },
  }),
  objective: choice(
    ["probability", "output"],
    "probability",
    "What is driven down: the class probability or the logit",
    { minor: true },
  ),
  seed,
};

type Settings = ValuesOf<typeof parameters>;

/**
 * Meaningful perturbation (Fong & Vedaldi 2017, eq. 5): the smallest smooth mask m whose deletion lowers the class most,
 * argmin_m λ₁ ‖1 − m‖₁ + λ₂ Σ |∇m|^β + E_τ f(Φ(x(· − τ), m)), with Φ(x, m) = m ⊙ x + (1 − m) ⊙ perturbed x, the mask coarse
 * and upsampled, found by Adam. Relevance is 1 − m: 1 where deleting matters, 0 where it does not.
 *
 * Samples are optimized one after the other; the gradient holds one image's activations. The model's operations must have
 * gradients in TensorFlow.js.
 *
 * @throws InputShapeError where inputs are not images; ParameterError for a parameter out of range; ModelError where the
 *   model has no gradient.
 * @example
 * const explain = meaningfulPerturbation(model, { perturbation: "blur", iterations: 300 });
 * const { relevance } = await explain(photo, { target: 281, onProgress: ({ done }) => bar.set(done) });
 */
export const meaningfulPerturbation = method({
  id: "meaningful-perturbation",
  name: "Meaningful perturbation",
  family: "perturbation",
  reference: "Fong & Vedaldi 2017, ICCV, eq. 5",
  question: "Which smallest smooth region must be deleted for the class to vanish?",
  inputs: ["image"],
  signed: false,
  additive: false,
  channels: "repeated",
  result: "entries",
  parameters,
  parametersWith: ({ perturbation: shown = "blur" }, all) => (shown === "blur" ? all : without(all, "blur")),
  explainer:
    (model, settings) =>
    async (given, run = {}) => {
      const x = inputOf(given);
      const box = openBlackBox(model, x, run.output);
      try {
        if (x.rank !== 4) throw new InputShapeError("[batch, height, width, channel]", `[${x.shape}]`);
        const [batch, height, width] = x.shape as [number, number, number, number];
        const { mask: wanted = [Math.max(1, Math.round(height / 8)), Math.max(1, Math.round(width / 8))] } = settings;
        const mask = typeof wanted === "number" ? [wanted, wanted] : wanted;
        if (mask.length !== 2) throw new ParameterError("mask", `[${mask}]`, "one number, or rows and columns");
        const link =
          settings.objective === "probability"
            ? (outputs: Tensor) =>
                box.tail === "sigmoid" || outputs.shape[1] === 1 ? tf.sigmoid(outputs) : tf.softmax(outputs)
            : (outputs: Tensor) => outputs;
        const compute = (input: Tensor) => link(box.run(input));
        const explained = scoredOutputs(model, x, compute, run.target ?? "top1");
        const progress = follow(settings.iterations * batch, run);
        const results: SampleResult[] = [];
        for (let index = 0; index < batch; index++) {
          const images = perturbedPair(x, index, settings);
          const score = (input: Tensor) => explained.score(compute(input), index);
          try {
            results.push({ relevance: await optimize(images, mask as [number, number], settings, score, progress) });
          } finally {
            tf.dispose([images.image, images.perturbed]);
          }
        }
        return { ...assemble(x.shape, explained, results), parameters: { mask } };
      } finally {
        box.dispose();
      }
    },
});

interface Pair {
  readonly image: Tensor4D;
  readonly perturbed: Tensor4D;
}

/** One sample and what shows where it is deleted. */
function perturbedPair(x: Tensor, index: number, settings: Settings): Pair {
  return tf.tidy(() => {
    const image = tf.slice(x, index, 1) as Tensor4D;
    const { perturbation } = settings;
    if (perturbation === "blur") return { image, perturbed: gaussianBlur(image, settings.blur) };
    if (perturbation === "noise") {
      const { mean, variance } = tf.moments(image, [1, 2], true);
      const noise = tf.tensor(seededRandom(settings.seed).gaussians(image.size), image.shape);
      return { image, perturbed: tf.add(mean, tf.mul(noise, tf.sqrt(variance))) as Tensor4D };
    }
    const base = baselines(perturbation, x.shape[0]!, x.shape.slice(1))[index]!;
    return { image, perturbed: tf.tensor(base, image.shape) as Tensor4D };
  });
}

/** Finds the mask of one image; returns 1 − mask for every entry. */
async function optimize(
  { image, perturbed }: Pair,
  size: readonly [number, number],
  settings: Settings,
  score: (input: Tensor) => Tensor,
  progress: ReturnType<typeof follow>,
): Promise<Float32Array> {
  const { area, variation, beta, jitter, iterations, learningRate, initial } = settings;
  const [, height, width, channels] = image.shape;
  const random = seededRandom(settings.seed + 1);
  const shape: [number, number, number, number] = [1, size[0], size[1], 1];
  const upsample = (mask: Tensor) => tf.image.resizeBilinear(mask as Tensor4D, [height, width], false, true);
  const loss = (mask: Tensor, moved: Pair): Scalar =>
    tf.tidy(() => {
      const large = upsample(mask);
      const composed = tf.add(tf.mul(large, moved.image), tf.mul(tf.sub(1, large), moved.perturbed));
      const deleted = tf.sum(tf.abs(tf.sub(1, mask)));
      const rough = tf.sum(powerVariation(mask as Tensor4D, beta));
      return tf.addN([tf.sum(score(composed)), tf.mul(area, deleted), tf.mul(variation, rough)]) as Scalar;
    });

  const optimizer = adam();
  let mask: Tensor = tf.fill(shape, initial);
  try {
    for (let step = 1; step <= iterations; step++) {
      const shift = [random.integer(jitter + 1), random.integer(jitter + 1)] as const;
      const old = mask;
      mask = tf.tidy(() => {
        const moved = { image: move(image, shift), perturbed: move(perturbed, shift) };
        const gradient = gradientOf((mask) => loss(mask, moved), old);
        // Down the loss: against its gradient.
        return tf.clipByValue(optimizer.ascend(old, gradient, -learningRate), 0, 1);
      });
      old.dispose();
      await progress.step(1);
    }
    return tf.tidy(() =>
      tf
        .tile(tf.sub(1, upsample(mask)), [1, 1, 1, channels])
        .dataSync<"float32">()
        .slice(),
    );
  } finally {
    mask.dispose();
    optimizer.dispose();
  }
}

function gradientOf(loss: (mask: Tensor) => Scalar, mask: Tensor): Tensor {
  try {
    return taping(() => tf.grad(loss)(mask));
  } catch (error) {
    if (error instanceof LimpidError) throw error;
    throw new ModelError(`The model cannot be differentiated: ${(error as Error).message}`, { cause: error });
  }
}

/** Moves an image down and right; the first row and column are repeated where nothing is left. */
function move(image: Tensor4D, [down, right]: readonly [number, number]): Tensor4D {
  const [, height, width] = image.shape;
  const rows = Int32Array.from({ length: height }, (_, row) => Math.max(0, row - down));
  const columns = Int32Array.from({ length: width }, (_, column) => Math.max(0, column - right));
  return tf.gather(tf.gather(image, tf.tensor1d(rows, "int32"), 1), tf.tensor1d(columns, "int32"), 2);
}
