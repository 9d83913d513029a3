/** Numbers on the wire: their shape, and the values in C order, little-endian, as one binary frame. */
export interface WireArray {
  shape: number[];
  dtype: "float32" | "uint8";
  data: ArrayBufferView;
}

/** The photo alone, relevance laid over the grayed photo, or relevance alone. */
export type PictureMode = "image" | "overlay" | "map";

/** What a heatmap shows: each field is a trait of that name, in the kernel and in the browser. */
export interface HeatmapState {
  /** One line on top; a part between asterisks is emphasized: `Relevance for *tiger cat*`. */
  title: string;
  /** How it was computed, in lighter type beside the title. */
  subtitle: string;
  /** Pixels, `[height, width, 3]` bytes. Covers the same area as `relevance`, at any resolution. */
  image: WireArray | null;
  /** Relevance by position, `[height, width]` float32, summed over the color channels. */
  relevance: WireArray | null;
  /** Whether the sign of a value has a meaning: decides the color map and the words beside it. */
  signed: boolean;
  mode: PictureMode;
  /** Strength of the overlay, 0 to 1. */
  opacity: number;
  /** Share of the values, in percent, that the colors tell apart; larger ones all get the end color. */
  percentile: number;
  /** The value at the ends of the color bar, the same for every map that is compared; null takes it from `percentile`. */
  limit: number | null;
  /** The explained output, commonly a logit. */
  output: number | null;
  /** The sum of the relevance. */
  total: number | null;
  /** What went wrong, shown in the picture's place; empty when nothing did. */
  error: string;
}

export const heatmapDefaults: Readonly<HeatmapState> = {
  title: "",
  subtitle: "",
  image: null,
  relevance: null,
  signed: true,
  mode: "overlay",
  opacity: 0.85,
  percentile: 99.5,
  limit: null,
  output: null,
  total: null,
  error: "",
};
