import { floats } from "./array.js";
import type { Choice } from "./field.js";
import {
  between,
  choice,
  data,
  flag,
  integer,
  nullable,
  number,
  type StateOf,
  text,
  viewed,
  wholeBetween,
} from "./traits.js";

/** Points of the line. */
export const POINTS = 256;

/** Rows of `curves`. */
export const curveRows = ["x", "output", "gradient", "sensitivity", "relevance"] as const;
/** Rows of `correlations`. */
export const correlationRows = ["output", "gradient", "relevance", "brown", "white"] as const;

/** Lags, in points, at which the agreement of neighbors is written out. */
export const NEAR_LAG = 1;
export const FAR_LAG = 4;

/** What the shattered-gradients widget shows and lets its reader choose. */
export const shatteredGradientsState = {
  /** What becomes of the gradient here, in a few words. */
  title: text(),
  subtitle: text(),
  /** The net whose curves are shown, in words … */
  net: text(),
  /** … and its architecture: while another is scanned, not yet the chosen one. */
  drawn: text(),
  /** One of `architectures`. */
  architecture: text("mean-centered"),
  architectures: data<Choice[]>([]),
  /** Hidden layers, or residual blocks. */
  depth: wholeBetween(1, 100, 24),
  width: wholeBetween(2, 1000, 200),
  /** Share of a block in a residual sum. */
  beta: between(0.001, 10, 0.1),
  /** γ of the LRP rule. */
  gamma: between(0, 100, 0.25),
  seed: integer(1),
  /** `symmetric`: [−2, 2], `unit`: [0, 1]; a trained network is scanned from one of its pictures (0) to the other (1). */
  interval: choice("symmetric", "unit"),
  /** Whether the panels show magnitudes on a logarithmic scale. */
  logarithmic: viewed(flag()),
  /** Index of the point that all panels mark; −1 for none. An echo would throw one that has moved on back to where it was. */
  cursor: viewed({ ...wholeBetween(-1, POINTS - 1, -1), echoed: false }),
  /** Walks through the depths by itself. */
  playing: flag(),
  /** `[5, points]`: see `curveRows`. */
  curves: floats(),
  /** `[5, lags]`, from lag 0: see `correlationRows`. NaN where a constant has none. */
  correlations: floats(),
  /** What the curves show, in words. */
  words: text(),
  /** Linear pieces of the function on the interval; while they are counted, those found so far. Null before. */
  pieces: nullable(integer()),
  /** Share of the interval that is counted, 0 to 1. */
  counted: number(),
  counting: flag(),
  /** Decimal logarithm of the pieces that the best net of this size has at least; null where no bound is known. */
  bound: nullable(number()),
  /** Milliseconds that the scan took; null before one, and of one that failed. */
  milliseconds: nullable(number()),
  /** Share of a trained network's scan that is done; null while none runs. */
  progress: nullable(number()),
  error: text(),
};

export interface ShatteredGradientsState extends StateOf<typeof shatteredGradientsState> {}

/** The depths that playing walks through. */
export const depthsToPlay = [1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 28, 32, 36, 40, 45, 50];
