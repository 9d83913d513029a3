import type { Choice } from "./field.js";
import type { WireArray } from "./heatmap.js";

/** Rows of `curves`. */
export const curveRows = ["x", "output", "gradient", "sensitivity", "relevance"] as const;
/** Rows of `correlations`. */
export const correlationRows = ["output", "gradient", "relevance", "brown", "white"] as const;

/** Lags, in points, at which the agreement of neighbors is written out. */
export const NEAR_LAG = 1;
export const FAR_LAG = 4;

/** What the shattered-gradients widget shows and lets its reader choose: each field is a trait of that name. */
export interface ShatteredGradientsState {
  /** What becomes of the gradient here, in a few words. */
  title: string;
  subtitle: string;
  /** One of `architectures`. */
  architecture: string;
  architectures: Choice[];
  /** Hidden layers, or residual blocks. */
  depth: number;
  width: number;
  /** Share of a block in a residual sum. */
  beta: number;
  /** γ of the LRP rule. */
  gamma: number;
  seed: number;
  /** `symmetric`: [−2, 2], `unit`: [0, 1]; a trained network is scanned from one of its pictures (0) to the other (1). */
  interval: "symmetric" | "unit";
  /** Whether the panels show magnitudes on a logarithmic scale. */
  logarithmic: boolean;
  /** Index of the point that all panels mark; −1 for none. */
  cursor: number;
  /** Walks through the depths by itself. */
  playing: boolean;
  /** Float32 `[5, points]`: see `curveRows`. */
  curves: WireArray | null;
  /** Float32 `[5, lags]`, from lag 0: see `correlationRows`. NaN where a constant has none. */
  correlations: WireArray | null;
  /** What the curves show, in words. */
  words: string;
  /** Linear pieces of the function on the interval; while they are counted, those found so far. Null before. */
  pieces: number | null;
  /** Share of the interval that is counted, 0 to 1. */
  counted: number;
  counting: boolean;
  /** Decimal logarithm of the pieces that the best net of this size has at least; null where no bound is known. */
  bound: number | null;
  /** Milliseconds that the last scan took. */
  milliseconds: number | null;
  /** Share of a trained network's scan that is done; null while none runs. */
  progress: number | null;
  error: string;
}

export const shatteredGradientsDefaults: Readonly<ShatteredGradientsState> = {
  title: "",
  subtitle: "",
  architecture: "mean-centered",
  architectures: [],
  depth: 24,
  width: 200,
  beta: 0.1,
  gamma: 0.25,
  seed: 1,
  interval: "symmetric",
  logarithmic: false,
  cursor: -1,
  playing: false,
  curves: null,
  correlations: null,
  words: "",
  pieces: null,
  counted: 0,
  counting: false,
  bound: null,
  milliseconds: null,
  progress: null,
  error: "",
};

/** The depths that playing walks through. */
export const depthsToPlay = [1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 28, 32, 36, 40, 45, 50];
