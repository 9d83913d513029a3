import { sub } from "@tensorflow/tfjs-core";
import { method } from "../../../method.js";
import { hiddenValues } from "../engine/baseline.js";
import { byPerturbation } from "../engine/by-perturbation.js";
import { hidden, memoryBudget } from "../engine/parameters.js";
import { blend } from "../features/coalitions.js";
import {
  coverage,
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
    byPerturbation(model, budget, ({ x, shape }) => {
      const sized = sizedWindow(window, x, 8, 1);
      const axes = windowAxes(shape, sized, strides);
      const covers = hiddenValues(baseline, "gray", x, context);
      return {
        settled: { window: sized },
        plan: ({ index, values, output }) => ({
          count: windowCount(axes),
          make: (start, rows) => blend(values, covers[index]!, shape, sub(1, coverage(axes, start, rows))),
          finish: (scores) => ({
            relevance: meanOverWindows(
              axes,
              scores.map((score) => output - score),
            ),
          }),
        }),
      };
    }),
});
