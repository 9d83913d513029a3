import { bytes, floats } from "./array.js";
import { choice, data, flag, integer, list, nullable, number, type StateOf, text, viewed } from "./traits.js";

/** Rows and columns of the picture. */
export interface ConceptRegion {
  top: number;
  left: number;
  height: number;
  width: number;
}

/** What a channel has of the relevance. */
export interface ConceptChannel {
  channel: number;
  /** Within the region; with the others and the rest it adds up to the region's. */
  relevance: number;
  /** In the whole layer. */
  whole: number;
}

/** What samples are ranked by. */
export type ConceptRanking = "relevance" | "activation";

/** A sample of the data set that shows what a channel is for. */
export interface ConceptSample {
  by: ConceptRanking;
  /** Number of the sample in the data set. */
  sample: number;
  name: string;
  /** What it is ranked by: the relevance or the activation of the channel, summed over its positions. */
  value: number;
  /** The part of it that the channel's strongest position sees. */
  field: ConceptRegion;
}

/** The heatmap of a picture by the channels of a layer, and samples that show what these are for. */
export const conceptExplorerState = {
  title: text(),
  subtitle: text(),
  /** The explained output, and the sum of the relevance at the input. */
  output: nullable(number()),
  total: nullable(number()),
  signed: flag(true),
  /** Pixels of the picture, `[height, width, 4]`. */
  image: bytes(),
  /** Its map, `[height, width]`. */
  relevance: floats(),
  layer: text(),
  layers: list(text()),
  /** The class that is explained, by index. */
  target: integer(-1),
  /** Names of the classes, where they are known, and how many outputs there are. */
  classNames: list(text()),
  outputs: integer(0),
  /** The part of the picture that is asked about; null for all of it. An echo would throw a drag back. */
  region: { ...nullable(data<ConceptRegion>({} as ConceptRegion)), echoed: false },
  /** The channels that matter most, by their relevance within the region, the largest of either sign first. */
  channels: data<ConceptChannel[]>([]),
  /** How many channels have no line of their own, and their relevance within the region. */
  others: integer(0),
  rest: number(0),
  /** The relevance of the region. */
  sum: number(0),
  /** What the numbers are of: the region that they were summed over. */
  summed: nullable(data<ConceptRegion>({} as ConceptRegion)),
  /** The channel that is looked at; −1 for none. */
  channel: integer(-1),
  /** Its map of the picture, `[height, width]`. */
  channelMap: floats(),
  /** Which map is seen. */
  seen: viewed(choice<"whole" | "channel">("whole", "channel")),
  /** Samples of that channel: those by relevance first. */
  samples: data<ConceptSample[]>([]),
  /** Their crops, `[samples, side, side, channels]`, … */
  crops: bytes(),
  /** … and of each where the channel's map is strong, `[samples, side, side]`; null until that is computed. */
  masks: bytes(),
  /** The channel and layer that the samples are of. */
  samplesOf: text(),
  /** The sample that is looked at; −1 for none. */
  sample: integer(-1),
  /** That sample, `[height, width, channels]`, and the channel's map of it. */
  sampleImage: bytes(),
  sampleMap: floats(),
  caption: text(),
  /** Whether there is a data set, and how many samples it has. */
  size: integer(0),
  /** How many of them have passed for this layer. */
  passed: integer(0),
  running: flag(),
  /** What is being done, in a few words. */
  stage: text(),
  progress: nullable(number()),
  stopped: nullable(number()),
  error: text(),
};

export interface ConceptExplorerState extends StateOf<typeof conceptExplorerState> {}

/** What a view sends. */
export interface ConceptExplorerEvents {
  stop: object;
  /** Compute what was stopped or has failed. */
  again: object;
}

export const RANKING_WORDS: Record<ConceptRanking, string> = {
  relevance: "contributed most (RelMax)",
  activation: "answered most (ActMax)",
};

/** A region in words. */
export const regionWords = (region: ConceptRegion | null): string =>
  region === null
    ? "the whole picture"
    : `rows ${region.top}–${region.top + region.height - 1}, columns ${region.left}–${region.left + region.width - 1}`;
