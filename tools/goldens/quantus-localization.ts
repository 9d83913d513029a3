import * as tf from "@tensorflow/tfjs-core";
import {
  insideTotalRatio,
  localizationAuc,
  type Measurer,
  pointingGame,
  relevanceMassAccuracy,
  relevanceRankAccuracy,
  topKIntersection,
} from "../../src/explainers/index.js";
import type { Adapter, Adapters, CaseContext } from "./adapter.js";
import { choiceIn, expectIn, numberIn } from "./parameters.js";
import { GoldensError } from "./safetensors.js";
import { statedAttribution } from "./stated-attribution.js";

/** Quantus takes one map a picture, the sum over channels, and counts its values as they are or their sizes. */
const readingOf = ({ golden: { params } }: CaseContext) =>
  ({
    pooling: "sum",
    values: choiceIn(params, "abs", { true: "absolute", false: "signed" } as const, "false"),
  }) as const;

/** Quantus' measures of localization. */
export const quantusLocalization: Adapters = {
  PointingGame: located((context) => pointingGame(context.model(), { ...readingOf(context), ...weightOf(context) })),
  RelevanceMassAccuracy: located((context) => relevanceMassAccuracy(context.model(), readingOf(context))),
  RelevanceRankAccuracy: located((context) => relevanceRankAccuracy(context.model(), readingOf(context))),
  TopKIntersection: located((context) =>
    topKIntersection(context.model(), {
      ...readingOf(context),
      k: numberIn(context.golden.params, "k"),
      weighted: choiceIn(context.golden.params, "concept_influence", { true: true, false: false }, "false"),
    }),
  ),
  AUC: located((context) => localizationAuc(context.model(), readingOf(context))),
  AttributionLocalisation: located((context) => {
    // Its weight is the other way around: the ratio times the share that the mask covers.
    expectIn(context.golden.params, "weighted", false);
    return insideTotalRatio(context.model(), readingOf(context));
  }),
};

const weightOf = ({ golden: { params } }: CaseContext) => ({
  weighted: choiceIn(params, "weighted", { true: true, false: false }, "false"),
});

function located(measurerOf: (context: CaseContext) => Measurer): Adapter {
  return async (context) => {
    const { params } = context.golden;
    expectIn(params, "attribution", "sum over channels of the tensor attribution");
    // A map times a positive number is found at the same places.
    expectIn(params, "normalise", true, false);
    expectIn(params, "normalise_func", "normalise_by_max");
    const x = context.input();
    const masks = maskOf(context, x.shape);
    try {
      const measure = measurerOf(context);
      const { values } = await measure({ x, attribution: statedAttribution(context), masks });
      return { roles: { scores: Float32Array.from(values) } };
    } finally {
      masks.dispose();
    }
  };
}

/** A mask as the case says it: `rows 3..8, columns 2..6`, from the first to the last. */
function maskOf({ golden: { params } }: CaseContext, [batch, height, width]: number[]): tf.Tensor {
  const stated = String(params["mask"]);
  const found = /^rows (\d+)\.\.(\d+), columns (\d+)\.\.(\d+)$/.exec(stated);
  if (found === null) throw new GoldensError(`The mask "${stated}" is not understood.`);
  const [top, bottom, left, right] = found.slice(1).map(Number) as [number, number, number, number];
  return tf.tidy(() =>
    tf.pad(tf.ones([batch!, bottom - top + 1, right - left + 1]), [
      [0, 0],
      [top, height! - bottom - 1],
      [left, width! - right - 1],
    ]),
  );
}
