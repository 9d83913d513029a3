import { concat, sub } from "@tensorflow/tfjs-core";
import { ParameterError } from "../../../errors.js";
import { method } from "../../../method.js";
import { hiddenIn } from "../engine/baseline.js";
import { byPerturbation, type Part } from "../engine/by-perturbation.js";
import { beginsOf, beside, sampleOf, sideBySide } from "../engine/joined.js";
import { hidden, memoryBudget } from "../engine/parameters.js";
import { blend } from "../features/coalitions.js";
import {
  coverage,
  type Extent,
  meanOverWindows,
  sizedWindow,
  windowAxes,
  windowCount,
  windowSize,
  windowStrides,
} from "./windows.js";

/**
 * Occlusion (Zeiler & Fergus 2014): how much the explained output falls when a window covers an entry,
 * R_i = mean over the windows w ∋ i of f(x) − f(x with w covered). Windows start at the first entry; the last one along
 * an axis is cut at the border.
 *
 * @throws ParameterError where the window, its strides or the baseline do not fit the input.
 * @example
 * const explain = occlusion(model, { window: 16, strides: 8, baseline: 0 });
 * const { relevance } = await explain(photo, { target: 281 });
 */
export const occlusion = method({
  id: "occlusion",
  name: "Occlusion",
  family: "perturbation",
  reference: "Zeiler & Fergus 2014, ECCV, section 4.2",
  question: "How much does the output fall when a window covers these entries?",
  inputs: ["image", "sequence", "table"],
  signed: true,
  additive: false,
  channels: "repeated",
  result: "entries",
  parameters: {
    window: windowSize("an eighth of each side"),
    strides: windowStrides(),
    baseline: hidden("gray"),
    memoryBudget,
  },
  explainer: (model, { window, strides, baseline, memoryBudget: budget }, context) =>
    byPerturbation(
      model,
      budget,
      ({ parts }) => {
        // A window lies in one of the inputs; the others are as they are.
        const laid = parts.map((part, index) => {
          const size = sizedWindow(fitting("window", window, part, parts), part.x, 8, 1);
          const axes = windowAxes(part.shape, size, fitting("strides", strides, part, parts));
          return { size, axes, count: windowCount(axes), covers: hiddenIn(parts, index, baseline, "gray", context) };
        });
        const begins = beginsOf(laid.map(({ count }) => count));
        return {
          settled: { window: laid.length === 1 ? laid[0]!.size : laid.map(({ size }) => size) },
          plan: ({ index, output }) => {
            const own = parts.map(({ values, shape }) => sampleOf(values, shape, index));
            return {
              count: laid.reduce((sum, { count }) => sum + count, 0),
              make: (start, rows) => {
                const copies = laid.flatMap(({ axes, count, covers }, input) => {
                  const from = Math.max(0, start - begins[input]!);
                  const some = Math.min(count, start + rows - begins[input]!) - from;
                  if (some <= 0) return [];
                  const { shape } = parts[input]!;
                  const hidden = blend(own[input]!, covers[index]!, shape, sub(1, coverage(axes, from, some)));
                  return [beside(hidden, own, input)];
                });
                return copies.length === 1 ? copies[0]! : concat(copies);
              },
              finish: (scores) => {
                const found = laid.map(({ axes, count }, input) => {
                  const falls = scores.slice(begins[input]!, begins[input]! + count).map((score) => output - score);
                  return meanOverWindows(axes, falls);
                });
                return { relevance: sideBySide(found) };
              },
            };
          },
        };
      },
      { several: "parts" },
    ),
});

/**
 * What is said for each axis, or each axis but the channels; of several inputs for those that have so many.
 *
 * @throws ParameterError where none has
 */
function fitting(name: string, said: Extent | undefined, { shape }: Part, parts: readonly Part[]): Extent | undefined {
  if (said === undefined || typeof said === "number") return said;
  const fits = (sample: readonly number[]) => said.length === sample.length || said.length === sample.length - 1;
  if (fits(shape)) return said.length === shape.length ? said : [...said, shape.at(-1)!];
  if (parts.length === 1) return said;
  if (parts.some((part) => fits(part.shape))) return undefined;
  throw new ParameterError(name, `[${said}]`, "one number, or one for each axis of one of the inputs");
}
