import { bytes, floats } from "./array.js";
import { choice, data, flag, integer, list, nullable, number, type StateOf, text, viewed } from "./traits.js";

/** How a layer is inverted: by optimization, or by a network that was trained to. */
export type InversionWay = "optimization" | "network";

/** What an error is of: the picture, or the layer's values. */
export type InversionMeasure = "pixels" | "representation";

/** Gray levels at the end of the error's color bar: the same for every layer, so that equal colors are equal errors. */
export const ERROR_LIMIT = 128;
/** What the ends of that bar mean. */
export const ERROR_ENDS = ["equal", "far off"] as const;

/** Errors of one way by layer, in their order; null where it has not run. */
export interface InversionErrors {
  way: InversionWay;
  /** Root mean square, in gray levels of 255; of several starts the mean. */
  pixels: (number | null)[];
  /** `‖Φ(x) − Φ₀‖²/‖Φ₀‖²`. */
  representation: (number | null)[];
}

/** What each layer keeps of a picture. */
export const inversionState = {
  title: text(),
  subtitle: text(),
  /** From the input to the output. */
  layers: list(text()),
  /** Index of the layer that is inverted. */
  layer: integer(),
  way: choice<InversionWay>("optimization", "network"),
  /** Layers for which there is a trained network. */
  networks: list(text()),
  measure: viewed(choice<InversionMeasure>("pixels", "representation")),
  /** `[height, width, channel]`, one channel or three. */
  original: bytes(),
  /** The reconstructions from all starts, `[starts, height, width, channel]`. */
  pictures: bytes(),
  /** Of each, its errors as in `InversionErrors`. */
  pixelErrors: list(number()),
  representationErrors: list(number()),
  /** Which of them is shown at large. */
  start: integer(),
  /** Root mean square difference of the shown one at each position, in gray levels, `[height, width]`. */
  difference: floats(),
  /** What the pictures are of: layer, way and step. */
  caption: text(),
  /** What they show, in a sentence. */
  words: text(),
  errors: data<InversionErrors[]>([]),
  running: flag(),
  /** What is under way, in words. */
  doing: text(),
  /** Share of the work done, 0 to 1; null while there is none. */
  progress: nullable(number()),
  /** Where it was stopped, 0 to 1; null when it was not. */
  stopped: nullable(number()),
  error: text(),
};

export interface InversionState extends StateOf<typeof inversionState> {}
