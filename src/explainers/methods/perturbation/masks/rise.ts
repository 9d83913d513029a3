import { concat, reshape } from "@tensorflow/tfjs-core";
import { InputShapeError } from "../../../errors.js";
import { method } from "../../../method.js";
import { choice, everyKind, real, seed, whole } from "../../../parameters.js";
import { hiddenIn } from "../engine/baseline.js";
import { byPerturbation } from "../engine/by-perturbation.js";
import { asRows, sampleOf, sideBySide } from "../engine/joined.js";
import { draws, hidden, memoryBudget } from "../engine/parameters.js";
import { blend } from "../features/coalitions.js";
import { averageMasks, drawMasks } from "./random-masks.js";

/**
 * RISE (Petsiuk, Das & Saenko 2018): the outputs for randomly masked copies, averaged with their masks as weights.
 * `"difference"` is the mean output where i is kept minus the mean where it is hidden, E[f (M_i − p)] / (p (1 − p)): what showing i
 * adds to the output, in its unit; 0 where i makes no difference. `"mean"` is eq. 6 as published, Σ f(x ⊙ M) M_i / (masks · E[M_i]),
 * the mean output where i is kept: that has the same large offset everywhere, so that places differ little beside it.
 *
 * On a linear f with baseline 0 and unshifted cells of one entry, `"difference"` estimates w_i x_i and `"mean"`
 * p f(x) + (1 − p) w_i x_i, both without bias. Masks cover all channels of a place.
 *
 * @throws ParameterError for fewer than one mask or cell, or a probability outside (0, 1).
 * @example
 * const { relevance } = await rise(model, { masks: 4000, cells: 8 })(photo, { target: 281 });
 */
export const rise = method({
  id: "rise",
  name: "RISE",
  family: "perturbation",
  reference: "Petsiuk, Das & Saenko 2018, BMVC, eq. 6",
  question: "How much higher is the output, on average, when this place is visible than when it is hidden?",
  inputs: everyKind,
  signed: true,
  additive: false,
  channels: "repeated",
  result: "entries",
  parameters: {
    masks: whole(2000, "How many random masks", draws(1, 100, 8000)),
    cells: whole(7, "Cells of the coarse grid along the longer side", {
      least: 1,
      span: { from: 1, to: 28, step: 1 },
    }),
    probability: real(0.5, "How likely a cell is kept", {
      least: 0,
      most: 1,
      open: true,
      span: { from: 0.05, to: 0.95, step: 0.05 },
    }),
    interpolation: choice(
      ["bilinear", "nearest"],
      "bilinear",
      "Smooth masks with random shifts, or cells of 0 and 1 (of words always)",
      {
        minor: true,
      },
    ),
    estimate: choice(
      ["difference", "mean"],
      "difference",
      "The mean output where visible minus the mean where hidden, or the former alone, as published",
      { minor: true },
    ),
    baseline: hidden("black"),
    seed,
    memoryBudget,
  },
  explainer: (model, { baseline, estimate, memoryBudget: budget, ...values }, context) =>
    byPerturbation(
      model,
      budget,
      ({ parts }) => {
        // Every input has masks of its own, and all are hidden at once.
        const masked = parts.map(({ shape, isWords }, index) => {
          // A vector is one row of places; a sequence of vectors likewise.
          const channels = shape.length > 1 ? shape[shape.length - 1]! : 1;
          const spatial = shape.length > 1 ? shape.slice(0, -1) : shape;
          if (spatial.length > 2) {
            throw new InputShapeError(
              "a picture, a sequence or a row of features for this method",
              `[batch, ${shape.join(", ")}]`,
            );
          }
          const [height, width] = spatial.length === 2 ? (spatial as [number, number]) : [1, spatial[0]!];
          // A word is there or it is not: half of its number is another word's.
          const interpolation = isWords ? "nearest" : values.interpolation;
          const draw = drawMasks({ ...values, interpolation, seed: values.seed + index * 7919 }, height, width);
          const present = (start: number, rows: number) =>
            reshape(draw(start, rows), [rows, ...spatial, ...(shape.length > 1 ? [1] : [])]);
          return { channels, draw, present, places: height * width };
        });
        const covers = parts.map((_, index) => hiddenIn(parts, index, baseline, "black", context));
        return {
          plan: ({ index }) => {
            const own = parts.map(({ values, shape }) => sampleOf(values, shape, index));
            return {
              count: values.masks,
              make: (start, rows) => {
                const copies = masked.map(({ present }, input) =>
                  blend(own[input]!, covers[input]![index]!, parts[input]!.shape, present(start, rows)),
                );
                return copies.length === 1 ? copies[0]! : concat(copies.map(asRows), 1);
              },
              finish: (scores) => {
                const maps = masked.map(({ draw, places, channels }, input) => {
                  const map = averageMasks(scores, draw, places, estimate, values.probability);
                  return Float32Array.from(own[input]!, (_, i) => map[Math.floor(i / channels)]!);
                });
                return { relevance: sideBySide(maps) };
              },
            };
          },
        };
      },
      { several: "parts" },
    ),
});
