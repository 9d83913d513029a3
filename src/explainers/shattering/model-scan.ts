import * as tf from "@tensorflow/tfjs-core";
import { InputShapeError, ParameterError } from "../errors.js";
import { sensitivity } from "../methods/gradient/index.js";
import { type Composite, lrp } from "../methods/lrp/index.js";
import { type Model, record } from "../network/index.js";
import { follow, type ProgressOptions } from "../progress.js";
import { autocorrelation, vectorAutocorrelation } from "./autocorrelation.js";
import type { NetScan } from "./scan.js";

export interface ModelScanOptions extends ProgressOptions {
  /** Index of the explained output, the same at every point. */
  target: number;
  /** The rules of LRP. */
  composite: Composite;
  /** Points of the line, both ends included. Default 256. */
  points?: number;
  /** Points that go through the model together. Default 32. */
  batch?: number;
  /** Largest lag of the autocorrelations. Default 15. */
  maxLag?: number;
}

/**
 * Curves along the line; `x` runs from 0 to 1, `gradient` is the derivative along the line, `sensitivity` the squared length
 * of the whole gradient, `relevance` all that LRP gives the input.
 */
export interface ModelScan extends NetScan {
  /** Autocorrelations by lag; those of gradient and relevance compare whole maps, entry by entry. */
  autocorrelation: { output: Float64Array; gradient: Float64Array; relevance: Float64Array };
}

/**
 * Follows a model along the straight line between two inputs: the output, its gradient, sensitivity analysis and LRP.
 *
 * @param from, to inputs of one sample each, `[1, …]`.
 * @throws InputShapeError where they differ in shape; ParameterError; what the model's recording and LRP throw; AbortedError.
 * @example
 * const scan = await scanModel(model, three, eight, { target: 8, composite: epsilonPlus() });
 * scan.autocorrelation.gradient[1]; // how much neighboring gradients agree
 */
export async function scanModel(
  model: Model,
  from: tf.Tensor,
  to: tf.Tensor,
  { target, composite, points = 256, batch = 32, maxLag = 15, ...follower }: ModelScanOptions,
): Promise<ModelScan> {
  if (from.shape.join() !== to.shape.join())
    throw new InputShapeError(`[${from.shape}]`, `[${to.shape}] at the other end`);
  if (from.shape[0] !== 1) throw new InputShapeError("[1, …]", `[${from.shape}]`);
  for (const [name, value, least] of [
    ["points", points, 2],
    ["batch", batch, 1],
  ] as const) {
    if (!Number.isInteger(value) || value < least)
      throw new ParameterError(name, value, `a whole number from ${least} on`);
  }
  if (!(maxLag < points)) throw new ParameterError("maxLag", maxLag, `a whole number from 0 to ${points - 1}`);
  const direction = tf.sub(to, from);
  const along = (await direction.data()) as Float32Array;
  const curve = () => new Float32Array(points);
  const curves = { x: curve(), output: curve(), gradient: curve(), sensitivity: curve(), relevance: curve() };
  const maps = { gradient: [] as Float32Array[], relevance: [] as Float32Array[] };
  const run = follow(points, follower);
  try {
    for (let start = 0; start < points; start += batch) {
      const count = Math.min(batch, points - start);
      const shares = Float32Array.from({ length: count }, (_, i) => (start + i) / (points - 1));
      const inputs = tf.tidy(() => {
        const rises = tf.mul(
          direction,
          tf.reshape(tf.tensor1d(shares), [count, ...direction.shape.slice(1).map(() => 1)]),
        );
        return tf.add(from, rises);
      });
      const recording = record(model, inputs);
      try {
        const slopes = await sensitivity(model, { kind: "signed" })(recording, { target });
        const explained = await lrp(model, { composite })(recording, { target });
        for (let i = 0; i < count; i++) {
          const rows = [i * along.length, (i + 1) * along.length] as const;
          const slope = slopes.relevance.slice(...rows);
          const shared = explained.relevance.slice(...rows);
          maps.gradient.push(slope);
          maps.relevance.push(shared);
          curves.x[start + i] = shares[i]!;
          curves.output[start + i] = explained.output[i]!;
          curves.gradient[start + i] = slope.reduce((sum, value, entry) => sum + value * along[entry]!, 0);
          curves.sensitivity[start + i] = slope.reduce((sum, value) => sum + value * value, 0);
          curves.relevance[start + i] = shared.reduce((sum, value) => sum + value, 0);
        }
      } finally {
        recording.dispose();
        inputs.dispose();
      }
      await run.step(count);
    }
  } finally {
    direction.dispose();
  }
  return {
    ...curves,
    autocorrelation: {
      output: autocorrelation(curves.output, maxLag),
      gradient: vectorAutocorrelation(maps.gradient, maxLag),
      relevance: vectorAutocorrelation(maps.relevance, maxLag),
    },
  };
}
