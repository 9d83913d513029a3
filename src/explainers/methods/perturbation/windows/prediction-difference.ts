import { clipByValue, exp, sigmoid, softmax, type Tensor, tensor } from "@tensorflow/tfjs-core";
import { ParameterError } from "../../../errors.js";
import { method } from "../../../method.js";
import { sizeOf } from "../../../network/shapes.js";
import { seededRandom } from "../../../numerics/random.js";
import { choice, dataOf, everyKind, real, seed, tensorOf, toggle, whole } from "../../../parameters.js";
import type { BlackBox } from "../engine/black-box.js";
import { byPerturbation } from "../engine/by-perturbation.js";
import { draws, memoryBudget } from "../engine/parameters.js";
import { conditional, type Fill, marginal, windowBox } from "./fillings.js";
import { fitPatchGaussian, type PatchGaussian } from "./patch-gaussian.js";
import {
  type Extent,
  meanOverWindows,
  sizedWindow,
  windowAxes,
  windowCount,
  windowSize,
  windowStrides,
} from "./windows.js";

const isGaussian = (value: unknown): value is PatchGaussian => {
  const { shape, mean, covariance } = (value ?? {}) as Partial<PatchGaussian>;
  return Array.isArray(shape) && mean instanceof Float64Array && covariance instanceof Float64Array;
};

/**
 * Prediction difference analysis (Zintgraf, Cohen & Welling 2016; Robnik-Šikonja & Kononenko 2008): the weight of evidence
 * of a window, log₂ odds(c | x) − log₂ odds(c | x without it), where p(c | x without it) is the mean over fillings of the
 * window, drawn from other inputs (marginal) or given what surrounds it (conditional). An entry carries the mean over the
 * windows that cover it; the result's `output` is the class probability.
 *
 * Of a picture of one color its own patches expect nothing else, so that every window's weight of evidence is 0.
 *
 * @throws ParameterError where both `background` and `gaussian` are given, or one does not fit the input; where neither is given and
 *   the input is no larger than a patch.
 * @example
 * const explain = predictionDifference(model, { gaussian: fitPatchGaussian(images, { patch: 12 }), window: 8 });
 * const { relevance } = await explain(photo, { target: 281 });
 */
export const predictionDifference = method({
  id: "prediction-difference",
  name: "Prediction difference analysis",
  family: "perturbation",
  reference: "Zintgraf et al. 2017, ICLR; Robnik-Šikonja & Kononenko 2008, IEEE TKDE",
  question: "How much evidence for the class is lost when a window's values are unknown?",
  inputs: everyKind,
  signed: true,
  additive: false,
  channels: "repeated",
  result: "entries",
  parameters: {
    window: windowSize("a fourteenth of each side, at least 2"),
    strides: windowStrides(
      "half of it, in a picture all of it: 1960 passes with the other defaults, about a minute; by halves four times that",
    ),
    samples: whole(10, "How often each window is filled", draws(1, 1, 50)),
    background: tensorOf(
      "Other inputs [rows, …sample] whose values fill the window (marginal sampling); without them values are drawn " +
        "from a Gaussian of the input's own patches, given what surrounds the window",
      "optional",
    ),
    gaussian: dataOf(
      "How patches are distributed, where it was fitted to other inputs",
      "a Gaussian that fitPatchGaussian gave",
      isGaussian,
    ),
    clip: toggle(true, "Keeps drawn values in the range of the input", { minor: true }),
    probability: choice(
      ["softmax", "sigmoid", "identity"],
      undefined,
      "How outputs become probabilities where the model has no softmax itself; by default softmax, of one output sigmoid",
      { minor: true },
    ),
    trainingSize: real(1e6, "N of the Laplace correction (p N + 1) / (N + K)", {
      least: 0,
      open: true,
      unit: "samples",
      label: "N",
      minor: true,
    }),
    seed,
    memoryBudget,
  },
  explainer(model, { background, gaussian, samples, clip, probability, trainingSize, ...rest }) {
    if (background !== undefined && gaussian !== undefined) {
      throw new ParameterError("gaussian", gaussian, "left out where a background is given");
    }
    let classes = 0;
    const evidence = (p: number): number => {
      // Against a class (`{ not: … }`) its probability counts negative, and so do its log odds.
      if (p < 0) return -evidence(-p);
      const corrected = (p * trainingSize + 1) / (trainingSize + classes);
      return Math.log2(corrected / (1 - corrected));
    };
    const probabilities =
      ({ tail, link }: BlackBox) =>
      (outputs: Tensor) => {
        const count = outputs.shape[1] ?? 1;
        classes = Math.max(2, count);
        const unsaid = tail === "sigmoid" ? "sigmoid" : tail === "linear" && count === 1 ? "sigmoid" : "softmax";
        const kind = tail === "linear" ? (probability ?? unsaid) : unsaid;
        if (tail !== "linear") return tail === "logSoftmax" ? exp(link(outputs)) : link(outputs);
        if (kind === "identity") return clipByValue(outputs, 0, 1);
        return kind === "softmax" ? softmax(outputs) : sigmoid(outputs);
      };
    return byPerturbation(
      model,
      rest.memoryBudget,
      ({ x, shape, isWords }) => {
        if (isWords && background === undefined) {
          const hint = "given: numbers of words have no Gaussian; rows to draw words from";
          throw new ParameterError("background", background, hint);
        }
        const window = sizedWindow(rest.window, x, 14, 2);
        // A picture has many windows, and each takes many passes: there they do not overlap.
        const strides = rest.strides ?? (x.rank === 4 ? window : undefined);
        const axes = windowAxes(shape, window, strides);
        const size = sizeOf(shape);
        const windows = windowCount(axes);
        const common =
          background !== undefined ? marginal(background, shape) : gaussian && conditional(gaussian, shape, clip);
        return {
          settled: { window, ...(strides !== undefined && { strides }) },
          plan: ({ values, output }) => {
            const random = seededRandom(rest.seed);
            let fill: Fill | undefined;
            let drawn: ReturnType<Fill> | undefined;
            return {
              count: windows * samples,
              // Batches come in order, so the fillings do not depend on how they are cut.
              make: (start, rows) => {
                // Fitted when its sample's turn comes: a covariance is large.
                fill ??= common ?? conditional(ownPatches(values, shape, window, rest.seed), shape, clip);
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
                fill = undefined;
                drawn = undefined;
                const differences = Float32Array.from({ length: windows }, (_, i) => {
                  let sum = 0;
                  for (let k = 0; k < samples; k++) sum += scores[i * samples + k]!;
                  return evidence(output) - evidence(sum / samples);
                });
                return { relevance: meanOverWindows(axes, differences) };
              },
            };
          },
        };
      },
      { link: probabilities },
    );
  },
});

/** How the patches of one input are distributed, larger than the window by half of it on every axis of positions. */
function ownPatches(values: Float32Array, shape: readonly number[], window: Extent, seed: number): PatchGaussian {
  const patch = shape.map((side, axis) => {
    if (axis > 0 && axis === shape.length - 1) return side;
    const size = typeof window === "number" ? window : window[axis]!;
    return Math.min(side, size + 2 * Math.ceil(size / 4));
  });
  if (patch.every((size, axis) => size === shape[axis])) {
    throw new ParameterError(
      "background",
      undefined,
      `given, other inputs or a fitted gaussian: an input of [${shape}] is too small to say itself what else a window of [${window}] may hold`,
    );
  }
  const sample = tensor(values, [1, ...shape]);
  try {
    return fitPatchGaussian(sample, { patch, seed });
  } finally {
    sample.dispose();
  }
}
