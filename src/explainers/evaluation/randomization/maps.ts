import * as tf from "@tensorflow/tfjs-core";
import type { Attribution } from "../../explanation.js";
import { scoped } from "../../network/tensors.js";
import { choice } from "../../parameters.js";
import { positionsOf } from "../evidence.js";
import { perSample } from "../perturbing/features.js";

/** Whether a map's values speak for and against, or only have a size. */
export type Sign = "signed" | "absolute";

/** What of an explanation is compared. */
export const channelsCompared = choice(
  ["summed", "apart"],
  "summed",
  "Whether a position's channels are compared by their sum (for absolute values the sum of those), or every entry alone",
  { minor: true },
);

export const normalizationOfMaps = choice(
  ["max", "percentile", "second-moment", "none"],
  "max",
  "What maps are divided by before SSIM and HOG see them: their largest absolute value; as Adebayo has it the 99th percentile, and cut there; the root of their mean square (Binder 2022); or nothing",
  { minor: true },
);

export type Normalization = "max" | "percentile" | "second-moment" | "none";

/** What is compared of each sample: a field of numbers, or one for each channel. */
export interface Maps {
  /** The sizes of one field. */
  readonly shape: readonly number[];
  /** `[batch][fields]`. */
  readonly fields: readonly (readonly Float32Array[])[];
}

/** The maps of an explanation, of several inputs the first one's. */
export function mapsOf(
  { relevance, shape, channels: repeated }: Pick<Attribution, "relevance" | "shape" | "channels">,
  channels: "summed" | "apart",
  sign: Sign,
): Maps {
  const batch = shape[0]!;
  const positions = positionsOf(shape);
  const count = shape.length > 2 ? shape.at(-1)! : 1;
  const isRepeated = repeated === "repeated";
  const values = scoped(() => {
    const rows = tf.reshape(tf.tensor(relevance, shape as number[]), [batch, -1, count]);
    const sized = sign === "absolute" ? tf.abs(rows) : rows;
    if (channels === "apart" && !isRepeated) return tf.transpose(sized, [0, 2, 1]).dataSync<"float32">();
    return (isRepeated ? tf.mean(sized, 2) : tf.sum(sized, 2)).dataSync<"float32">();
  });
  const each = channels === "apart" && !isRepeated ? count : 1;
  return { shape: positions, fields: perSample(values, batch).map((sample) => perSample(sample, each)) };
}

/** The same fields on one scale. */
export function normalized(fields: readonly Float32Array[], how: Normalization, sign: Sign): readonly Float32Array[] {
  if (how === "none") return fields;
  if (how === "percentile") {
    const [low, high] = sign === "signed" ? [0, percentile99(fields)] : [least(fields), percentile99(fields)];
    const from = sign === "signed" ? -1 : 0;
    const span = Math.abs(high - low);
    if (span === 0) return fields;
    return fields.map((field) => field.map((value) => Math.min(Math.max((value - low) / span, from), 1)));
  }
  const scale = how === "max" ? largest(fields) : rootMeanSquare(fields);
  return scale === 0 ? fields : fields.map((field) => field.map((value) => value / scale));
}

function largest(fields: readonly Float32Array[]): number {
  let most = 0;
  for (const field of fields) for (const value of field) most = Math.max(most, Math.abs(value));
  return most;
}

function least(fields: readonly Float32Array[]): number {
  let found = Infinity;
  for (const field of fields) for (const value of field) found = Math.min(found, value);
  return found;
}

function rootMeanSquare(fields: readonly Float32Array[]): number {
  let [sum, count] = [0, 0];
  for (const field of fields) {
    for (const value of field) sum += value * value;
    count += field.length;
  }
  return Math.sqrt(sum / count);
}

/** All entries of several fields, one field after the other. */
export function joined(fields: readonly Float32Array[]): Float32Array {
  if (fields.length === 1) return fields[0]!;
  const all = new Float32Array(fields.reduce((sum, { length }) => sum + length, 0));
  let start = 0;
  for (const field of fields) {
    all.set(field, start);
    start += field.length;
  }
  return all;
}

/** Between the two nearest values in proportion, as numpy has it. */
function percentile99(fields: readonly Float32Array[]): number {
  const all = joined(fields).slice();
  all.sort();
  const place = 0.99 * (all.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, all.length - 1);
  return all[below]! + (place - below) * (all[above]! - all[below]!);
}
