import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import {
  type Attribution,
  type FlippingScore,
  faithfulnessEstimate,
  type Measurer,
  pixelFlipping,
  regionPerturbation,
  type Score,
  selectivity,
} from "../../src/explainers/index.js";
import type { Adapter, Adapters, CaseContext } from "./adapter.js";
import { choiceIn, expectIn, numberIn } from "./parameters.js";

/** Quantus' measures of faithfulness. Its curves leave out the untouched sample. */
export const quantusFaithfulness: Adapters = {
  PixelFlipping: flipping(pixels, ({ curves }) => curves.map(({ y }) => y.subarray(1))),
  "PixelFlipping return_auc_per_sample": flipping(pixels, ({ curves }) =>
    // By trapezoids of width 1.
    curves.map(({ y }) => [trapezoids(y.subarray(1))]),
  ),
  RegionPerturbation: flipping(
    (context, replacement) => {
      const { params } = context.golden;
      return regionPerturbation(context.model(), {
        patch: numberIn(params, "patch_size", 8),
        regions: numberIn(params, "regions_evaluation", 100),
        order: choiceIn(params, "order", { morf: "morf", lerf: "lerf" } as const, "morf"),
        output: scaleOf(context),
        replacement,
      });
    },
    ({ curves }) => curves.map(({ y }) => y.subarray(1).map((output) => y[0]! - output)),
  ),
  Selectivity: flipping(
    (context, replacement) =>
      selectivity(context.model(), {
        patch: numberIn(context.golden.params, "patch_size", 8),
        output: scaleOf(context),
        replacement,
      }),
    ({ curves }) => curves.map(({ y }) => y.subarray(1)),
  ),
  FaithfulnessEstimate: flipping(
    (context, replacement) => {
      expectIn(context.golden.params, "similarity", "pearson");
      return faithfulnessEstimate(context.model(), {
        perStep: numberIn(context.golden.params, "features_in_step", 1),
        channels: "apart",
        output: scaleOf(context),
        replacement,
      });
    },
    ({ values }) => Array.from(values, (value) => [value]),
  ),
};

function pixels(context: CaseContext, replacement: Tensor | number): Measurer<FlippingScore> {
  return pixelFlipping(context.model(), {
    perStep: numberIn(context.golden.params, "features_in_step", 1),
    channels: "apart",
    output: scaleOf(context),
    replacement,
  });
}

/** A measure whose numbers, sample by sample, are the peer's `scores`. */
function flipping<Result extends Score>(
  make: (context: CaseContext, replacement: Tensor | number) => Measurer<Result>,
  scoresOf: (score: Result) => readonly ArrayLike<number>[],
): Adapter {
  return async (context) => {
    const { params } = context.golden;
    const x = context.input();
    const attribution = storedAttribution(context, params["abs"] === true);
    // Divided by its largest magnitude an explanation has the same order and the same correlations.
    expectIn(params, "normalise", true, false);
    expectIn(params, "normalise_func", "normalise_by_max");
    const replacement = replacementOf(context, x);
    try {
      const score = await make(context, replacement)({ x, attribution });
      return { roles: { scores: Float32Array.from(scoresOf(score).flatMap((own) => Array.from(own))) } };
    } finally {
      tf.dispose(replacement);
    }
  };
}

/** The explanation that a case stores, of the outputs that it names. */
export function storedAttribution({ golden, tensor }: CaseContext, absolute = false): Attribution {
  const stored = tensor(
    (golden["inputs"] as { readonly attribution?: string } | undefined)?.attribution ?? "attribution",
  );
  const relevance = Float32Array.from(stored.dataSync(), (value) => (absolute ? Math.abs(value) : value));
  const { shape } = stored;
  return {
    method: "stored",
    parameters: {},
    relevance,
    shape,
    inputs: [{ relevance, shape }],
    output: [],
    target: (golden["y"] ?? golden.target) as readonly number[],
    additive: false,
    channels: "apart",
    warnings: [],
  };
}

/** “black” and “white” are the least and the greatest value of each sample. */
function replacementOf({ golden }: CaseContext, x: Tensor): Tensor | number {
  const said = golden.params["perturb_baseline"];
  if (typeof said === "number") return said;
  const extreme = choiceIn(golden.params, "perturb_baseline", { black: tf.min, white: tf.max }, "black");
  return tf.tidy(() => extreme(x, [1, 2, 3], true));
}

const scaleOf = ({ golden }: CaseContext): "logit" | "probability" =>
  choiceIn(golden.params, "softmax", { true: "probability", false: "logit" } as const, "false");

function trapezoids(y: Float64Array): number {
  let area = 0;
  for (let step = 1; step < y.length; step++) area += (y[step]! + y[step - 1]!) / 2;
  return area;
}
