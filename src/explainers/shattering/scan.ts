import * as tf from "@tensorflow/tfjs-core";
import { ParameterError } from "../errors.js";
import { record } from "./forward.js";
import { gradient } from "./gradient.js";
import type { LineNet } from "./net.js";
import { relevance } from "./relevance.js";

export interface GridOptions {
  /** First point. Default −2. */
  from?: number;
  /** Last point. Default 2. */
  to?: number;
  /** Points, both ends included. Default 256. */
  points?: number;
}

export interface NetScanOptions extends GridOptions {
  /** γ of LRP-γ, which the relevance is computed by. Default 0.25. */
  gamma?: number;
}

/** Curves over the points of a grid; all arrays are `[points]`. */
export interface NetScan {
  x: Float32Array;
  /** The function's value `f(x)`. */
  output: Float32Array;
  /** `∂f/∂x` */
  gradient: Float32Array;
  /** `(∂f/∂x)²` */
  sensitivity: Float32Array;
  /** What LRP-γ leaves of `f(x)` for `x`; biases absorb the rest. */
  relevance: Float32Array;
}

/**
 * Evenly spaced points of an interval, both ends included.
 *
 * @throws ParameterError if there are fewer than two, or the interval is empty.
 */
export function lineGrid({ from = -2, to = 2, points = 256 }: GridOptions = {}): Float32Array {
  if (!Number.isInteger(points) || points < 2)
    throw new ParameterError("points", points, "a whole number of at least 2");
  if (!Number.isFinite(from)) throw new ParameterError("from", from, "a finite number");
  if (!(Number.isFinite(to) && to > from)) throw new ParameterError("to", to, `a number above from (${from})`);
  return Float32Array.from({ length: points }, (_, i) => from + ((to - from) * i) / (points - 1));
}

/**
 * Follows a net along its input: the function, its gradient, sensitivity analysis and LRP, all points as one batch.
 *
 * Normalizations take their statistics from the grid (Balduzzi 2017).
 *
 * @throws ParameterError for a grid without points or a negative γ.
 * @example
 * const { gradient } = scanNet(randomNet({ depth: 24 }), { from: 0, to: 1 });
 * const [, neighbors] = autocorrelation(gradient, 1);
 */
export function scanNet(net: LineNet, options: NetScanOptions = {}): NetScan {
  const { gamma = 0.25 } = options;
  if (!(Number.isFinite(gamma) && gamma >= 0)) throw new ParameterError("gamma", gamma, "a number of at least 0");
  const x = lineGrid(options);
  const read = (tensor: tf.Tensor) => Float32Array.from(tensor.dataSync<"float32">());
  let [output, slope, shares] = [x, x, x];
  tf.tidy(() => {
    const steps = record(net, tf.tensor2d(x, [x.length, 1]));
    output = read(steps.at(-1)!.output);
    slope = read(gradient(steps));
    shares = read(relevance(steps, gamma));
  });
  return { x, output, gradient: slope, sensitivity: slope.map((value) => value * value), relevance: shares };
}
