/**
 * One affine map of a net on a line, with what happens to its input on the way in:
 * `h ← (skip ? h : 0) + gain · ρ(normalize(h)) · weights + bias`.
 */
export interface Step {
  inputs: number;
  outputs: number;
  /** `[inputs, outputs]`, row by row. */
  weights: Float32Array;
  /** `[outputs]` */
  bias: Float32Array | null;
  gain: number;
  /** Whether the input passes a ReLU, after its normalization. */
  rectify: boolean;
  /** Over the points of the grid: nothing, minus the mean, or minus the mean and divided by the standard deviation. */
  normalize: "none" | "center" | "batch";
  /** Whether the input is added to the output. */
  skip: boolean;
}

/** A net from ℝ to ℝ, as plain data: the first step takes one input, the last gives one output. */
export interface LineNet {
  steps: Step[];
}

/** A normalization whose statistics are settled: an affine scaling of every unit, `[units]` each. */
export interface Gate {
  scale: Float64Array;
  shift: Float64Array;
}

/**
 * A net whose normalizations are settled to the statistics of a grid, hence piecewise linear; in double precision. They are
 * folded into the weights before them, or are gates where something else reads those weights' output.
 */
export interface FrozenNet {
  steps: {
    inputs: number;
    outputs: number;
    /** `[inputs, outputs]` */
    weights: Float64Array;
    /** `[outputs]` */
    bias: Float64Array | null;
    gate: Gate | null;
    rectify: boolean;
    skip: boolean;
  }[];
}

/** Added to a variance before its root is taken. */
export const VARIANCE_EPSILON = 1e-5;
