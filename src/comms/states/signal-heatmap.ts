import { floats } from "./array.js";
import { between, choice, flag, integer, list, nullable, number, type StateOf, text, viewed } from "./traits.js";

/** In which order rows stand: as the channels are given, or those with most relevance first. */
export type RowOrder = "given" | "relevance";

/** Whether channels of one unit share a gain, or each row spans what its own channel does. */
export type Gain = "shared" | "each";

/** Signals of several channels in time, relevance as color under each trace. */
export const signalHeatmapState = {
  title: text(),
  subtitle: text(),
  /** `[channels, samples]`, in the channels' units. */
  signal: floats(),
  /** `[channels, samples]`. */
  relevance: floats(),
  channels: list(text()),
  /** Unit of each channel; empty where nothing says one. */
  units: list(text()),
  /** Samples in a unit of time; null where times are told as numbers of samples. */
  rate: nullable(number()),
  /** When the first sample is, in units of time. */
  start: number(),
  /** Unit of time. */
  timeUnit: text("s"),
  /** What happens at time 0; empty where nothing does. */
  event: text(),
  /** Whether the sign of relevance has a meaning: decides the color map and the words beside it. */
  signed: flag(true),
  /** Share of the values, in percent, that the colors tell apart; larger ones all get the end color. */
  percentile: viewed(between(0, 100, 99.5)),
  /** Relevance at the ends of the color bar, the same for every map that is compared; null takes it from `percentile`. */
  limit: viewed(nullable(number())),
  order: viewed(choice<RowOrder>("given", "relevance")),
  gain: viewed(choice<Gain>("shared", "each")),
  /** The samples that are brushed, `[from, to]`, the last not included; empty without any. One trait, so that it can be linked. */
  brush: viewed(list(integer())),
  /** The samples in sight, likewise; empty for all. */
  sight: viewed(list(integer())),
  /** Channel and sample that are pointed at; −1 for none. An echo would throw one that has moved on back to where it was. */
  channel: viewed({ ...integer(-1), echoed: false }),
  cursor: viewed({ ...integer(-1), echoed: false }),
  /** The explained output, commonly a logit. */
  output: nullable(number()),
  /** The sum of the relevance. */
  total: nullable(number()),
  /** What went wrong, shown in the traces' place; empty when nothing did. */
  error: text(),
};

export interface SignalHeatmapState extends StateOf<typeof signalHeatmapState> {}

/** The share of the scale's colors that is used: on stronger ones a trace could not be seen. */
export const TRACE_REACH = 0.7;
