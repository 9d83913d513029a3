import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { boundsOf, type Context } from "../../context.js";
import { ParameterError } from "../../errors.js";
import { type Reference, reference, referenceOf } from "../../methods/reference.js";
import { firstNonFinite } from "../../network/capture/non-finite.js";
import { sizeOf } from "../../network/shapes.js";
import { seededRandom } from "../../numerics/random.js";
import type { Parameter } from "../../parameters.js";
import { perSample } from "./features.js";
import { filledFromNeighbors, filledLinearly } from "./imputation.js";

const own = ["uniform", "neighbors", "noisy-linear"] as const;

/** What stands in the place of what is flipped. */
export type ReplacementKind = (typeof own)[number] | Reference;

/** The parameter that says what stands in the place of what is flipped. */
export function replacementOf(initial: ReplacementKind): Parameter<ReplacementKind> {
  const { choices: references = [], ...base } = reference("mean", "What stands in the place of what is flipped");
  const choices = [...own, ...references];
  return {
    ...base,
    description:
      `${base.description}; uniform (drawn between the bounds of the input, or else of the sample, by channel); neighbors ` +
      "(in-painting: the mean of what is left around, at the finest scale at which something is left); noisy-linear (each the " +
      "weighted mean of its neighbors, and a little noise: ROAD)",
    range: `${choices.join(", ")}, a number or a tensor`,
    default: initial,
    choices,
    accepts: (value) => own.includes(value as "uniform") || base.accepts(value),
  };
}

/** A replacement, ready for a batch. */
export interface Replacement {
  /** Rows of samples `[rows, …sample]` with other values where `removed` (which broadcasts to them) is 1. Runs inside `tidy`. */
  apply(rows: Tensor, removed: Tensor, samples: Int32Array): Tensor;
  /** The same for rows of one sample, once the replacement is disposed of. */
  later(): (rows: Tensor, removed: Tensor, sample: number) => Tensor;
  dispose(): void;
}

/**
 * Makes a replacement for the samples of a batch; the caller disposes of it.
 *
 * @param initial the parameter's default, which is 0 where it is a color and the bounds are not known
 * @throws ParameterError for one that does not fit the input
 */
export function openReplacement(
  kind: ReplacementKind,
  initial: ReplacementKind,
  x: Tensor,
  context: Context,
  seed: number,
): Replacement {
  if (kind === "neighbors" || kind === "noisy-linear") return imputed(kind, x, context, seed);
  const values = tf.tidy(() => {
    const found =
      kind === "uniform"
        ? uniform(x, context, seed)
        : referenceOf("replacement", kind, initial as Reference, context, x);
    return tf.keep(fitted(typeof found === "number" ? tf.scalar(found) : found, x));
  });
  const isShared = values.shape[0] === 1;
  return {
    apply: (rows, removed, samples) => blend(rows, isShared ? values : tf.gather(values, samples), removed),
    later() {
      const [batch, ...shape] = values.shape as [number, ...number[]];
      const plain = perSample(Float32Array.from(values.dataSync()), batch);
      return (rows, removed, sample) => blend(rows, tf.tensor(plain[isShared ? 0 : sample]!, [1, ...shape]), removed);
    },
    dispose: () => values.dispose(),
  };
}

/** `rows` where `removed` is 0, `others` where it is 1: exactly. */
const blend = (rows: Tensor, others: Tensor, removed: Tensor): Tensor =>
  tf.where(tf.cast(removed, "bool"), others, rows);

/** The deviation of the noise, in shares of the range of the input. */
const NOISE = 0.01;

/** What is guessed from what is left. */
function imputed(kind: "neighbors" | "noisy-linear", x: Tensor, context: Context, seed: number): Replacement {
  const sample = x.shape.slice(1);
  if (sample.length < 2 || sample.length > 3) {
    throw new ParameterError("replacement", kind, "another: only positions of pictures and signals have neighbors");
  }
  // A signal is a picture of height 1.
  const picture = (rows: Tensor): Tensor4D => (sample.length === 3 ? rows : tf.expandDims(rows, 1)) as Tensor4D;
  const fill = kind === "neighbors" ? filledFromNeighbors : filledLinearly;
  const filled = (rows: Tensor, removed: Tensor): Tensor => {
    const left = tf.broadcastTo(tf.sub(1, removed), rows.shape as [number]);
    return tf.reshape(fill(picture(rows), picture(left)), rows.shape);
  };
  if (kind === "neighbors") {
    const replaced = (rows: Tensor, removed: Tensor) => blend(rows, filled(rows, removed), removed);
    return { apply: replaced, later: () => replaced, dispose: () => {} };
  }
  const draws = seededRandom(seed).gaussians(sizeOf(sample));
  const spreads = tf.tidy(() => tf.keep(tf.mul(NOISE, rangeOf(x, context))));
  const noisy = (rows: Tensor, removed: Tensor, spread: Tensor): Tensor =>
    blend(rows, tf.add(filled(rows, removed), tf.mul(tf.tensor(draws, [1, ...sample]), spread)), removed);
  return {
    apply: (rows, removed, samples) => noisy(rows, removed, tf.gather(spreads, samples)),
    later() {
      const [batch, ...shape] = spreads.shape as [number, ...number[]];
      const plain = perSample(Float32Array.from(spreads.dataSync()), batch);
      return (rows, removed, index) => noisy(rows, removed, tf.tensor(plain[index]!, [1, ...shape]));
    },
    dispose: () => spreads.dispose(),
  };
}

/** Least and greatest value of the input, `[1 or batch, …, channels or 1]`: those of the model, or else of each sample by channel. */
function extremes(x: Tensor, context: Context): [Tensor, Tensor] {
  const bounds = boundsOf(context);
  if (bounds !== undefined) {
    const of = (bound: number | readonly number[]) => tf.tensor(bound as number | number[]);
    return [of(bounds.low), of(bounds.high)];
  }
  const positions = x.rank > 2 ? x.shape.slice(1, -1).map((_, axis) => axis + 1) : [1];
  return [tf.min(x, positions, true), tf.max(x, positions, true)];
}

/** Greatest less least value of the input, `[batch, 1, …, channels]`. */
export function rangeOf(x: Tensor, context: Context): Tensor {
  const [low, high] = extremes(x, context);
  const shape = [x.shape[0]!, ...x.shape.slice(1, -1).map(() => 1), x.shape.at(-1)!];
  return tf.broadcastTo(tf.sub(high, low), shape as [number]);
}

/** Drawn between the bounds of the input, or else of each sample, by channel; the same draws for every sample. */
function uniform(x: Tensor, context: Context, seed: number): Tensor {
  const sample = x.shape.slice(1);
  const share = tf.tensor(seededRandom(seed).uniforms(sizeOf(sample)), [1, ...sample]);
  const [low, high] = extremes(x, context);
  return tf.add(low, tf.mul(share, tf.sub(high, low)));
}

/**
 * In the rank of the batch, with 1 or the batch first.
 *
 * @throws ParameterError where it is not finite or does not broadcast to the batch
 */
function fitted(values: Tensor, x: Tensor): Tensor {
  const { shape } = values;
  const padded = [...new Array<number>(Math.max(0, x.rank - shape.length)).fill(1), ...shape];
  if (padded.length > x.rank || !padded.every((side, axis) => side === 1 || side === x.shape[axis])) {
    throw new ParameterError("replacement", `[${shape}]`, `a number or of a shape that fits the batch [${x.shape}]`);
  }
  const bad = firstNonFinite(values);
  if (bad !== undefined) throw new ParameterError("replacement", bad, "finite everywhere");
  return tf.cast(tf.reshape(values, padded), "float32");
}
