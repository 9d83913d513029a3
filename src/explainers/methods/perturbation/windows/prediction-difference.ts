import { clipByValue, sigmoid, softmax, type Tensor, tensor } from "@tensorflow/tfjs-core";
import { ParameterError } from "../../../errors.js";
import type { Explain } from "../../../explanation.js";
import type { Model } from "../../../network/index.js";
import { sizeOf } from "../../../network/shapes.js";
import { type Random, seededRandom } from "../../../numerics/random.js";
import { explainer, type PerturbationAttribution, type PerturbationOptions } from "../engine/by-perturbation.js";
import { oneOf } from "../features/features.js";
import { backgrounds } from "../shapley/background.js";
import { boxEntries } from "./boxes.js";
import { type Conditional, conditionOn, type PatchGaussian } from "./patch-gaussian.js";
import { type Extent, meanOverWindows, type WindowAxis, windowAxes, windowCount } from "./windows.js";

export interface PredictionDifferenceOptions extends PerturbationOptions {
  /** Size of the window whose entries are unknown at once, default 4. */
  readonly window?: Extent;
  /** How far it moves, default half of it; the paper moves by 1. */
  readonly strides?: Extent;
  /** Marginal sampling: other inputs `[rows, …sample]`, whose entries at the same place are drawn. */
  readonly background?: Tensor;
  /** Conditional sampling: how patches are distributed, from `fitPatchGaussian`; entries are drawn given those around them. */
  readonly gaussian?: PatchGaussian;
  /** How often each window is filled, default 10. */
  readonly samples?: number;
  /** Keeps drawn values in the range of the Gaussian's data, default true. */
  readonly clip?: boolean;
  /** How outputs become probabilities where the model has no softmax itself: default `"softmax"`, for one output `"sigmoid"`. */
  readonly probability?: "softmax" | "sigmoid" | "identity";
  /** N of the Laplace correction (p N + 1) / (N + K), the size of the training set, default 1 000 000; K counts the classes. */
  readonly trainingSize?: number;
  /** Seed of the draw, default 0. */
  readonly seed?: number;
}

/**
 * Prediction difference analysis (Zintgraf, Cohen & Welling 2016; Robnik-Šikonja & Kononenko 2008): the weight of evidence
 * of a window, log₂ odds(c | x) − log₂ odds(c | x without it), where p(c | x without it) is the mean over fillings of the
 * window, drawn from other inputs (marginal) or given what surrounds it (conditional). An entry carries the mean over the
 * windows that cover it; the result's `output` is the class probability.
 *
 * @throws ParameterError unless exactly one of `background` and `gaussian` is given and fits the input.
 * @example
 * const explain = predictionDifference(model, { gaussian: fitPatchGaussian(images, { patch: 12 }), window: 8 });
 * const { relevance } = await explain(photo, { target: 281 });
 */
export function predictionDifference(
  model: Model,
  options: PredictionDifferenceOptions,
): Explain<PerturbationAttribution> {
  const { window = 4, samples = 10, clip = true, probability, trainingSize = 1e6, seed = 0 } = options;
  if (!Number.isInteger(samples) || samples < 1)
    throw new ParameterError("samples", samples, "a whole number of at least 1");
  if (!(trainingSize > 0)) throw new ParameterError("trainingSize", trainingSize, "positive");
  if (probability !== undefined) oneOf("probability", probability, ["softmax", "sigmoid", "identity"]);
  if ((options.background === undefined) === (options.gaussian === undefined)) {
    throw new ParameterError(
      "background and gaussian",
      options.background === undefined ? "neither" : "both",
      "given one of them",
    );
  }
  let classes = 0;
  const settings = { ...options, window, samples, clip, trainingSize, seed };
  const method: Parameters<typeof explainer>[3] = ({ shape }) => {
    const axes = windowAxes(shape, window, options.strides);
    const fill =
      options.gaussian === undefined
        ? marginal(options.background!, shape)
        : conditional(options.gaussian, shape, clip);
    const evidence = (p: number) => {
      const corrected = (p * trainingSize + 1) / (trainingSize + classes);
      return Math.log2(corrected / (1 - corrected));
    };
    const size = sizeOf(shape);
    const windows = windowCount(axes);
    return ({ values, output }) => {
      const random = seededRandom(seed);
      let drawn: { readonly entries: Int32Array; draw(): Float32Array } | undefined;
      return {
        count: windows * samples,
        // Batches come in order, so the fillings do not depend on how they are cut.
        make: (start, rows) => {
          const copies = new Float32Array(rows * size);
          for (let row = 0; row < rows; row++) {
            if (drawn === undefined || (start + row) % samples === 0) {
              drawn = fill(values, windowBox(axes, Math.floor((start + row) / samples)), random);
            }
            const filling = drawn.draw();
            copies.set(values, row * size);
            drawn.entries.forEach((entry, i) => {
              copies[row * size + entry] = filling[i]!;
            });
          }
          return tensor(copies, [rows, ...shape]);
        },
        finish: (scores) => {
          const differences = Float32Array.from({ length: windows }, (_, i) => {
            let sum = 0;
            for (let k = 0; k < samples; k++) sum += scores[i * samples + k]!;
            return evidence(output) - evidence(sum / samples);
          });
          return { relevance: meanOverWindows(axes, differences) };
        },
      };
    };
  };
  return explainer(model, "prediction difference analysis", settings, method, {
    link:
      ({ tail }) =>
      (outputs) => {
        const count = outputs.shape[1] ?? 1;
        classes = Math.max(2, count);
        const kind = tail === "linear" ? (probability ?? (count === 1 ? "sigmoid" : "softmax")) : "softmax";
        if (kind === "identity") return clipByValue(outputs, 0, 1);
        return kind === "softmax" ? softmax(outputs) : sigmoid(outputs);
      },
  });
}

/** Where a window lies: its first entry and its size along each axis. */
interface Box {
  readonly starts: readonly number[];
  readonly sizes: readonly number[];
}

/** Fills windows of a sample: which entries, and one filling after the other. */
type Fill = (values: Float32Array, box: Box, random: Random) => { readonly entries: Int32Array; draw(): Float32Array };

function windowBox(axes: readonly WindowAxis[], window: number): Box {
  const starts = axes.map(() => 0);
  let rest = window;
  for (let axis = axes.length - 1; axis >= 0; axis--) {
    starts[axis] = (rest % axes[axis]!.count) * axes[axis]!.stride;
    rest = Math.floor(rest / axes[axis]!.count);
  }
  return { starts, sizes: axes.map(({ size, entries }, axis) => Math.min(size, entries - starts[axis]!)) };
}

/** p(x_i): the entries of another input at the same place. */
function marginal(background: Tensor, shape: readonly number[]): Fill {
  const rows = backgrounds({ background }, 1, shape)[0]!;
  return (_, { starts, sizes }, random) => {
    const entries = boxEntries(shape, starts, sizes);
    return {
      entries,
      draw: () => {
        const row = rows[random.integer(rows.length)]!;
        return Float32Array.from(entries, (entry) => row[entry]!);
      },
    };
  };
}

/** p(x_i | what surrounds it), with the window as near to the middle of a patch as the border allows. */
function conditional(gaussian: PatchGaussian, shape: readonly number[], clip: boolean): Fill {
  if (gaussian.shape.length !== shape.length || gaussian.shape.some((length, axis) => length > shape[axis]!)) {
    throw new ParameterError(
      "gaussian",
      `patches of [${gaussian.shape}]`,
      `fitted to patches that fit into a sample [${shape}]`,
    );
  }
  const [low, high] = clip ? gaussian.range : [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const known = new Map<string, { conditional: Conditional; around: Int32Array; inside: Int32Array }>();
  return (values, { starts, sizes }, random) => {
    if (sizes.some((length, axis) => length > gaussian.shape[axis]!)) {
      throw new ParameterError("window", `[${sizes}]`, `at most the Gaussian's patch, [${gaussian.shape}]`);
    }
    const corner = gaussian.shape.map((length, axis) =>
      Math.max(0, Math.min(starts[axis]! - Math.floor((length - sizes[axis]!) / 2), shape[axis]! - length)),
    );
    const offsets = starts.map((start, axis) => start - corner[axis]!);
    const key = `${offsets}/${sizes}`;
    let model = known.get(key);
    if (model === undefined) {
      const inside = boxEntries(gaussian.shape, offsets, sizes);
      const unknown = new Set(inside);
      const around = Int32Array.from({ length: gaussian.mean.length }, (_, i) => i).filter((i) => !unknown.has(i));
      model = { conditional: conditionOn(gaussian, [...inside], [...around]), around, inside };
      known.set(key, model);
    }
    const patch = boxEntries(shape, corner, gaussian.shape);
    const average = model.conditional.mean(Float64Array.from(model.around, (i) => values[patch[i]!]!));
    const { factor } = model.conditional;
    const n = average.length;
    return {
      entries: Int32Array.from(model.inside, (i) => patch[i]!),
      draw: () => {
        const noise = random.gaussians(n);
        return Float32Array.from(average, (center, i) => {
          let value = center;
          for (let j = 0; j <= i; j++) value += factor[i * n + j]! * noise[j]!;
          return Math.min(high, Math.max(low, value));
        });
      },
    };
  };
}
