import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { ParameterError } from "../../errors.js";
import { consumersOf, factsOf, type Graph, type Model, type Recording, record } from "../../network/index.js";
import { follow, type ProgressOptions } from "../../progress.js";
import { alongInputs, isPatterned, outerProducts, type PatternedNode, perOutput } from "./moments.js";
import type { Pattern, PatternEstimator, Patterns } from "./patterns.js";

export const patternEstimators = ["auto", "linear", "two-component"] as const;

export interface FitPatternsOptions extends ProgressOptions {
  /**
   * `"linear"`: `cov(x, y) / σ²_y`; `"two-component"`: only where the unit is active; `"auto"` (default): two-component for
   * layers before a ReLU, linear for the others.
   */
  readonly estimator?: PatternEstimator | "auto";
}

/*
 * A unit whose denominator vanishes has no pattern and passes nothing on, as in iNNvestigate, where that means 0. In float32
 * it means small beside what it is the difference or the sum of: the direction of such a pattern is made of rounding and
 * of the few samples, and its length is without bounds.
 */

/** Beside the moments that it is the difference of: a unit whose value is always the same. */
const ROUNDING = 1e-5;

/** `Σ_i w_i a_i` beside `Σ_i |w_i a_i|`: a unit that is hardly ever active, or whose parts cancel. */
const CANCELED = 1e-3;

/** Sums over everything seen so far. */
interface Sums {
  readonly node: PatternedNode;
  readonly estimator: PatternEstimator;
  /** Samples and positions. */
  count: number;
  /** By name: `xy`, `x`, `y`, `yy` or `n`; the weights are `w`. */
  readonly of: Map<string, Tensor>;
}

/**
 * Fits the signal pattern of every unit of a model, in one pass over the data (Kindermans et al. 2017, eq. 4 and 12). The
 * pattern `a` of a unit with weights `w` says in which direction the data move its output; `wᵀa = 1`.
 *
 * With `y = wᵀx` the estimators are `a = cov(x, y) / σ²_y` and `a₊ = (E₊[xy] − E₊[x] E[y]) / (wᵀE₊[xy] − wᵀE₊[x] E[y])`,
 * `E₊` over the samples (and positions) at which the unit is active.
 *
 * @param batches inputs, `[batch, …]` each; read once
 * @throws UnsupportedOperationError for dilated convolutions; ParameterError without data; AbortedError
 * @example
 * const patterns = await fitPatterns(model, [digits]);
 */
export async function fitPatterns(
  model: Model,
  batches: Iterable<Tensor> | AsyncIterable<Tensor>,
  { estimator = "auto", ...run }: FitPatternsOptions = {},
): Promise<Patterns> {
  if (!patternEstimators.includes(estimator)) {
    throw new ParameterError("estimator", estimator, '"auto", "linear" or "two-component"');
  }
  let sums: Sums[] | undefined;
  // How many batches a stream has is not known beforehand.
  const progress = follow(Number.POSITIVE_INFINITY, run);
  try {
    for await (const batch of batches) {
      const recording = record(model, batch);
      try {
        sums ??= begin(recording.graph, estimator);
        for (const entry of sums) collect(entry, recording);
      } finally {
        recording.dispose();
      }
      await progress.step(1);
    }
    if (sums === undefined) throw new ParameterError("batches", "an empty stream", "at least one batch of inputs");
    return { layers: sums.map(finish) };
  } finally {
    for (const { of } of sums ?? []) for (const tensor of of.values()) tensor.dispose();
  }
}

function begin(graph: Graph, estimator: PatternEstimator | "auto"): Sums[] {
  const consumers = consumersOf(graph.nodes);
  const nodes = graph.nodes.filter(isPatterned);
  // Handles of their own: the weights of a plain function end with its recording.
  const weights = tf.tidy(() => nodes.map(({ operation }): Tensor => tf.clone(operation.weights)));
  for (const tensor of weights) tf.engine().keep(tensor);
  return nodes.map((node, index) => {
    const rectified = consumers[node.id]!.some((id) => factsOf(graph.nodes[id]!.operation).rectifies);
    const own = estimator === "auto" ? (rectified ? "two-component" : "linear") : estimator;
    return { node, estimator: own, count: 0, of: new Map([["w", weights[index]!]]) };
  });
}

function collect(sums: Sums, recording: Recording): void {
  const { node, estimator, of } = sums;
  const add = (name: string, part: Tensor): void => {
    const before = of.get(name);
    of.set(name, tf.engine().keep(before === undefined ? tf.clone(part) : tf.add(before, part)));
    before?.dispose();
  };
  tf.tidy(() => {
    const x = recording.value(node.inputs[0]!);
    const z = recording.value(node.id);
    const { bias } = node.operation;
    const y = bias === null ? z : tf.sub(z, bias);
    const total = (tensor: Tensor): Tensor => tf.sum(tf.reshape(tensor, [-1, tensor.shape.at(-1)!]), 0);
    sums.count += y.size / y.shape.at(-1)!;
    add("y", total(y));
    if (estimator === "linear") {
      add("yy", total(tf.square(y)));
      add("xy", outerProducts(node, x, y));
      add("x", outerProducts(node, x, tf.onesLike(y)));
    } else {
      const active = tf.step(z);
      add("n", total(active));
      add("xy", outerProducts(node, x, tf.mul(y, active)));
      add("x", outerProducts(node, x, active));
    }
  });
}

function finish({ node, estimator, count, of }: Sums): Pattern {
  const values = tf.tidy(() => {
    const mean = (name: string): Tensor => perOutput(node, tf.div(of.get(name)!, count));
    const meanY = mean("y");
    // Of a unit that is never active there is no pattern: its moments are 0, and so it passes nothing on.
    const number = estimator === "linear" ? tf.scalar(count) : perOutput(node, tf.maximum(of.get("n")!, 1));
    const moment = tf.div(of.get("xy")!, number);
    const covariance = tf.sub(moment, tf.mul(tf.div(of.get("x")!, number), meanY));
    const along = (part: Tensor): Tensor => alongInputs(node, tf.mul(of.get("w")!, part));
    const size = (part: Tensor): Tensor => alongInputs(node, tf.abs(tf.mul(of.get("w")!, part)));
    const [scale, vanishing] =
      estimator === "linear"
        ? [tf.sub(mean("yy"), tf.square(meanY)), tf.mul(mean("yy"), ROUNDING)]
        : [along(covariance), tf.maximum(tf.mul(size(covariance), CANCELED), tf.mul(size(moment), ROUNDING))];
    const isThere = tf.greater(tf.abs(scale), vanishing);
    return tf.divNoNan(covariance, tf.where(isThere, scale, tf.zerosLike(scale))).dataSync();
  });
  return { name: node.name, estimator, shape: [...node.operation.weights.shape], values: Float32Array.from(values) };
}
