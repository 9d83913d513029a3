import { sub } from "@tensorflow/tfjs-core";
import type { Model } from "../../network/index.js";
import { type Baseline, baselines } from "./baseline.js";
import { blend } from "./coalitions.js";
import { explainer, type PerturbationExplainer, type PerturbationOptions } from "./explainer.js";
import { coverage, type Extent, meanOverWindows, windowAxes, windowCount } from "./windows.js";

export interface OcclusionOptions extends PerturbationOptions {
  /** Size of the window in entries, default 8. */
  readonly window?: Extent;
  /** How far the window moves, at most its size; default half of it. */
  readonly strides?: Extent;
  /** What a window covers its entries with, default 0. */
  readonly baseline?: Baseline;
}

/**
 * Occlusion (Zeiler & Fergus 2014): how much the explained output falls when a window covers an entry,
 * R_i = mean over the windows w ∋ i of f(x) − f(x with w covered). Windows start at the first entry; the last one along
 * an axis is cut at the border.
 *
 * @throws ParameterError where the window or its strides do not fit the input.
 * @example
 * const explain = occlusion(model, { window: 16, strides: 8, baseline: 0 });
 * const { relevance } = await explain(photo, { target: 281 });
 */
export function occlusion(model: Model, options: OcclusionOptions = {}): PerturbationExplainer {
  return explainer(model, "occlusion", { window: 8, baseline: 0, ...options }, ({ batch, shape }) => {
    const axes = windowAxes(shape, options.window, options.strides);
    const base = baselines(options.baseline ?? 0, batch, shape);
    return ({ index, values, output }) => ({
      count: windowCount(axes),
      make: (start, rows) => blend(values, base[index]!, shape, sub(1, coverage(axes, start, rows))),
      finish: (scores) => ({
        relevance: meanOverWindows(
          axes,
          scores.map((score) => output - score),
        ),
      }),
    });
  });
}
