import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { InputShapeError, ParameterError } from "../../errors.js";
import type { Attribution } from "../../explanation.js";
import { sameShape, sizeOf } from "../../network/shapes.js";
import { scoped } from "../../network/tensors.js";
import { choice } from "../../parameters.js";
import { positionsOf } from "../evidence.js";

/** The parameter that says what is ranked and flipped as one. */
export const channelsRanked = choice(
  ["together", "apart"],
  "together",
  "Whether a position's channels are ranked by their sum and flipped together, or every entry alone",
  { minor: true },
);

/** What is ranked and replaced as one: entries, positions with all their channels, or patches of positions. */
export interface Features {
  /** How many a sample has. */
  readonly count: number;
  /** What speaks for each, `[batch][count]`. */
  readonly relevance: readonly Float32Array[];
  /** The sample's shape, or with 1 in the place of the channels: what broadcasts to a sample. */
  readonly shape: readonly number[];
  /** Of each place of `shape` its feature; left out where places are features, in order. */
  readonly ids?: Int32Array;
  /** 1 for features that a sample does not have, `[batch][count]`: they are never flipped. */
  readonly absent?: readonly Uint8Array[];
}

/**
 * The features of one input, and what an attribution says of each: of a position the sum over its channels, or what all of them
 * repeat.
 *
 * @throws InputShapeError for an attribution of other positions (a layer's); ParameterError for channels that it does not have
 */
export function featuresOf(x: Tensor, attribution: Attribution, channels: "together" | "apart"): Features {
  const [batch, ...sample] = x.shape as [number, ...number[]];
  const { shape, relevance } = attribution;
  const positions = positionsOf(x.shape);
  const count = sample.length > 1 ? sample.at(-1)! : 1;
  const isWhole = sameShape(shape, x.shape);
  if (!isWhole && !sameShape(shape, [batch, ...positions, 1])) {
    throw new InputShapeError(`[${x.shape}], as an attribution of the input has it`, `an attribution of [${shape}]`);
  }
  if (channels === "apart") {
    if (!isWhole || (count > 1 && attribution.channels === "repeated")) {
      throw new ParameterError("channels", channels, "together: this attribution has one value a position");
    }
    return { count: sizeOf(sample), shape: sample, relevance: perSample(relevance, batch) };
  }
  const isSummed = isWhole && count > 1;
  const values = isSummed
    ? scoped(() => {
        const rows = tf.reshape(tf.tensor(relevance, shape as number[]), [-1, count]);
        const of = attribution.channels === "repeated" ? tf.mean(rows, 1) : tf.sum(rows, 1);
        return of.dataSync<"float32">();
      })
    : relevance;
  return {
    count: sizeOf(positions),
    shape: sample.length > 1 ? [...positions, 1] : sample,
    relevance: perSample(values, batch),
  };
}

/** Values of a batch, sample by sample. */
export function perSample(values: Float32Array, batch: number): Float32Array[] {
  const size = values.length / batch;
  return Array.from({ length: batch }, (_, i) => values.subarray(i * size, (i + 1) * size));
}
