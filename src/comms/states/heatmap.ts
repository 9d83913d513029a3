import { bytes, floats } from "./array.js";
import { between, choice, flag, nullable, number, type StateOf, text, viewed } from "./traits.js";

/** The photo alone, relevance laid over the grayed photo, or relevance alone. */
export type PictureMode = "image" | "overlay" | "map";

/** What a heatmap shows. */
export const heatmapState = {
  /** One line on top; a part between asterisks is emphasized: `Relevance for *tiger cat*`. */
  title: text(),
  /** How it was computed, in lighter type beside the title. */
  subtitle: text(),
  /** Pixels, `[height, width, 3 or 4]`. Covers the same area as `relevance`, at any resolution. */
  image: bytes(),
  /** Relevance by position, `[height, width]`, summed over the color channels. */
  relevance: floats(),
  /** Whether the sign of a value has a meaning: decides the color map and the words beside it. */
  signed: flag(true),
  mode: viewed(choice<PictureMode>("overlay", "image", "map")),
  /** Strength of the overlay, 0 to 1. */
  opacity: viewed(between(0, 1, 0.85)),
  /** Share of the values, in percent, that the colors tell apart; larger ones all get the end color. */
  percentile: viewed(between(0, 100, 99.5)),
  /** The value at the ends of the color bar, the same for every map that is compared; null takes it from `percentile`. */
  limit: viewed(nullable(number())),
  /** The explained output, commonly a logit. */
  output: nullable(number()),
  /** The sum of the relevance. */
  total: nullable(number()),
  /** What went wrong, shown in the picture's place; empty when nothing did. */
  error: text(),
};

/** What the heatmap by itself has besides. */
export const heatmapWidgetState = {
  ...heatmapState,
  /** For a place among others: title, picture and scale, without the controls of how it is seen. */
  compact: flag(),
};

export interface HeatmapState extends StateOf<typeof heatmapState> {}

export interface HeatmapWidgetState extends StateOf<typeof heatmapWidgetState> {}

/** What the two ends of the color bar mean: as stated, or by whether values have a sign. */
export function endWords(signed: boolean, stated: readonly string[] = []): [low: string, high: string] {
  const [low, high] = stated;
  if (low !== undefined && high !== undefined) return [low, high];
  return signed ? ["speaks against", "speaks for"] : ["matters little", "matters much"];
}

/** Fewer units than that in a single row are no picture, and a square of each would be larger than any. */
const FEW = 8;

/** Width over height of a map as it is drawn: its cells are squares, but for those of a short row that lies over no photo. */
export const proportionOf = (rows: number, columns: number, onPhoto: boolean): number =>
  rows === 1 && columns < FEW && !onPhoto ? FEW : columns / rows;
