import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { boundsOf, type Context } from "../../context.js";
import { ParameterError } from "../../errors.js";
import { type Reference, reference, referenceOf } from "../../methods/reference.js";
import { firstNonFinite } from "../../network/capture/non-finite.js";
import { sizeOf } from "../../network/shapes.js";
import { seededRandom } from "../../numerics/random.js";
import type { Parameter } from "../../parameters.js";
import { perSample } from "./features.js";

const drawn = ["uniform"] as const;

/** What stands in the place of what is flipped. */
export type ReplacementKind = (typeof drawn)[number] | Reference;

/** The parameter that says what stands in the place of what is flipped. */
export function replacementOf(initial: ReplacementKind): Parameter<ReplacementKind> {
  const base = reference("mean", "What stands in the place of what is flipped");
  const choices = [...drawn, ...base.choices!];
  return {
    ...base,
    description: `${base.description}; or uniform (drawn between the bounds of the input, by channel; those of the sample where the model says none)`,
    range: `${choices.join(", ")}, a number or a tensor`,
    default: initial,
    choices,
    accepts: (value) => drawn.includes(value as "uniform") || base.accepts(value),
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
 * @throws ParameterError for one that does not fit the input
 */
export function openReplacement(
  kind: ReplacementKind,
  initial: ReplacementKind,
  x: Tensor,
  context: Context,
  seed: number,
): Replacement {
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
      const [, ...shape] = values.shape;
      const plain = perSample(Float32Array.from(values.dataSync()), values.shape[0]!);
      return (rows, removed, sample) => blend(rows, tf.tensor(plain[isShared ? 0 : sample]!, [1, ...shape]), removed);
    },
    dispose: () => values.dispose(),
  };
}

const blend = (rows: Tensor, others: Tensor, removed: Tensor): Tensor =>
  tf.add(tf.mul(rows, tf.sub(1, removed)), tf.mul(others, removed));

/** Drawn between the bounds of the input, or else of each sample, by channel; the same draws for every sample. */
function uniform(x: Tensor, context: Context, seed: number): Tensor {
  const sample = x.shape.slice(1);
  const share = tf.tensor(seededRandom(seed).uniforms(sizeOf(sample)), [1, ...sample]);
  const positions = sample.length > 1 ? sample.slice(0, -1).map((_, axis) => axis + 1) : [];
  const bounds = boundsOf(context);
  const of = (bound: number | readonly number[]) => tf.tensor(bound as number | number[]);
  const low = bounds === undefined ? tf.min(x, positions.length > 0 ? positions : [1], true) : of(bounds.low);
  const high = bounds === undefined ? tf.max(x, positions.length > 0 ? positions : [1], true) : of(bounds.high);
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
