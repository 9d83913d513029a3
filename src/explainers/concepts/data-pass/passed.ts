import type { DataPassKey } from "./key.js";

/** The samples in which channels are strongest. */
export interface TopSamples {
  /** `[channels, top]`, from the strongest on: indices of samples; −1 where there are no more. */
  readonly samples: Int32Array;
  /** `[channels, top]`: by what they are ranked; 0 where there are no more. */
  readonly values: Float32Array;
  /** `[channels, top]`: where in the layer's map each is strongest, row by row; 0 in layers without positions. */
  readonly positions: Int32Array;
}

/** What a data set says of the channels of one layer. */
export interface PassedLayer {
  readonly layer: string;
  readonly channels: number;
  /** Sizes of the map of positions, rows before columns; empty where the layer has none. */
  readonly map: readonly number[];
  /** `[channels]`: the mean activation over samples and positions. */
  readonly mean: Float64Array;
  /** `[channels]`: the largest activation. */
  readonly largest: Float32Array;
  /** `[channels]`: the share of positions where the activation is above 0. */
  readonly active: Float64Array;
  /** `[channels]`: the activation that the share `parameters.share` of the positions lies above. */
  readonly threshold: Float32Array;
  /** `[channels]`: the mean of its relevance, summed over positions. */
  readonly relevance: Float64Array;
  /** `[classes, channels]`: the mean activation in samples of each class. */
  readonly classMeans: Float64Array;
  /** By the largest activation anywhere in the sample (ActMax). */
  readonly byActivation: TopSamples;
  /** By the relevance, summed over positions (RelMax). */
  readonly byRelevance: TopSamples;
  /** `[rows, channels]`: of a part, the largest activations, which thresholds go on with. */
  readonly tail: Float32Array;
  /** How many positions the thresholds are of. */
  readonly tailTotal: number;
}

/** What one pass over a data set found: plain data, which can be stored and used again. */
export interface DataPass {
  readonly key: DataPassKey;
  readonly parameters: {
    readonly top: number;
    readonly share: number;
    /** Each how many-th position counts for thresholds: 1 where all fit the budget. */
    readonly every: number;
  };
  /** How many samples there are, and how many were passed. */
  readonly count: number;
  readonly done: number;
  /** Classes that occur, in rising order: by label, or where there are none by the model's largest output. */
  readonly classes: readonly number[];
  /** Samples of each. */
  readonly classSizes: readonly number[];
  readonly classesBy: "label" | "prediction";
  readonly layers: readonly PassedLayer[];
}

/** One of the samples in which a channel is strongest. */
export interface TopSample {
  readonly sample: number;
  readonly value: number;
  readonly position: number;
}

/** The samples in which a channel is strongest, from the strongest on. */
export function topSamples(
  { channels, ...layer }: PassedLayer,
  channel: number,
  by: "activation" | "relevance",
): TopSample[] {
  const { samples, values, positions } = by === "activation" ? layer.byActivation : layer.byRelevance;
  const top = samples.length / channels;
  return Array.from({ length: top }, (_, place) => channel * top + place)
    .filter((at) => samples[at]! >= 0)
    .map((at) => ({ sample: samples[at]!, value: values[at]!, position: positions[at]! }));
}
