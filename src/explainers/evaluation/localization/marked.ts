import * as tf from "@tensorflow/tfjs-core";
import { InputShapeError } from "../../errors.js";
import type { Attribution } from "../../explanation.js";
import { sameShape } from "../../network/shapes.js";
import { scoped } from "../../network/tensors.js";
import { choice } from "../../parameters.js";
import { type Evidence, inputsOf, positionsOf } from "../evidence.js";
import type { Found, ScoreWarning } from "../measure.js";

const poolings = ["sum", "positive", "absolute", "l2", "max"] as const;
const counted = ["signed", "positive", "absolute"] as const;

/** How what an attribution says of a position is read. */
export interface Reading {
  readonly pooling: (typeof poolings)[number];
  readonly values: (typeof counted)[number];
}

/** The parameters of every measure that compares a map with a mask. */
export const reading = <P extends Reading["pooling"], V extends Reading["values"]>(pooling: P, values: V) => ({
  pooling: choice(
    poolings,
    pooling as Reading["pooling"],
    "How a position's channels become one number: their sum, the sum of their positive parts, of their sizes, the root of the sum of their squares, or the largest size",
    { minor: true },
  ),
  values: choice(
    counted,
    values as Reading["values"],
    "What counts of these numbers: all as they are, the positive ones (others as 0), or their sizes",
    { minor: true },
  ),
});

/** One sample: what speaks for each of its positions, and which of them belong to the thing. */
export interface Marked {
  readonly relevance: Float32Array;
  /** 1 inside. */
  readonly inside: Uint8Array;
  /** How many positions are inside, at least one. */
  readonly size: number;
  /** Whether the map says the same of every position. */
  readonly isConstant: boolean;
}

/** A value, or why there is none, or why it does not mean what it seems to. */
export type Judged = number | { readonly value: number; readonly kind: ScoreWarning["kind"]; readonly message: string };

/** Judges each sample's map against its mask; where a mask is empty there is nothing to find, and no value. */
export function judged(evidence: Evidence, how: Reading, judge: (marked: Marked) => Judged): Found {
  const values: number[] = [];
  const warnings: ScoreWarning[] = [];
  markedSamples(evidence, how).forEach((marked, sample) => {
    const found =
      marked.size === 0
        ? { value: NaN, kind: "undefined" as const, message: "Its mask is empty: there is nothing to find." }
        : judge(marked);
    if (typeof found === "number") {
      values.push(found);
      return;
    }
    values.push(found.value);
    warnings.push({ kind: found.kind, message: found.message, sample });
  });
  return { values: Float64Array.from(values), warnings };
}

/** A map without preferences: of what it ranks first, only chance can be said. */
export const byChance = (value: number): Judged => ({
  value,
  kind: "constant",
  message: "The map says the same of every position: the value is what chance gives.",
});

function markedSamples({ x, attribution, masks }: Evidence, how: Reading): Marked[] {
  const { shape } = inputsOf(x)[0]!;
  const batch = shape[0]!;
  const relevance = pooledRelevance(attribution, shape, how);
  const inside = insideOf(masks!);
  const count = inside.length / batch;
  return Array.from({ length: batch }, (_, sample) => {
    const own = relevance.subarray(sample * count, (sample + 1) * count);
    const mask = inside.subarray(sample * count, (sample + 1) * count);
    const size = mask.reduce((sum, value) => sum + value, 0);
    return { relevance: own, inside: mask, size, isConstant: own.every((value) => value === own[0]) };
  });
}

/** 1 where a mask is not 0. */
export const insideOf = (masks: tf.Tensor): Uint8Array =>
  Uint8Array.from(scoped(() => tf.cast(tf.notEqual(masks, 0), "int32").dataSync<"int32">()));

/**
 * One number for each position of each sample, `[batch · positions]`.
 *
 * @throws InputShapeError for an attribution that is not of the input's positions, such as a layer's
 */
export function pooledRelevance(attribution: Attribution, input: readonly number[], how: Reading): Float32Array {
  const { shape, relevance } = attribution;
  const positions = positionsOf(input);
  const isWhole = sameShape(shape, input);
  if (!isWhole && !sameShape(shape, [input[0]!, ...positions, 1])) {
    throw new InputShapeError(`[${input}], as an attribution of the input has it`, `an attribution of [${shape}]`);
  }
  const channels = isWhole && input.length > 2 ? input.at(-1)! : 1;
  return scoped(() => {
    const pooled = pool(tf.reshape(tf.tensor(relevance), [-1, channels]), how.pooling);
    const read = { signed: pooled, positive: tf.relu(pooled), absolute: tf.abs(pooled) }[how.values];
    return read.dataSync<"float32">();
  });
}

function pool(entries: tf.Tensor, pooling: Reading["pooling"]): tf.Tensor {
  switch (pooling) {
    case "sum":
      return tf.sum(entries, 1);
    case "positive":
      return tf.sum(tf.relu(entries), 1);
    case "absolute":
      return tf.sum(tf.abs(entries), 1);
    case "l2":
      return tf.sqrt(tf.sum(tf.square(entries), 1));
    case "max":
      return tf.max(tf.abs(entries), 1);
  }
}

/** How many of the `k` positions of most relevance are inside; of equal ones, the mean over all choices among them. */
export function hitsAmongTop({ relevance, inside }: Marked, k: number): number {
  const threshold = Float32Array.from(relevance).sort()[relevance.length - k]!;
  let [above, insideAbove, equal, insideEqual] = [0, 0, 0, 0];
  for (let i = 0; i < relevance.length; i++) {
    if (relevance[i]! > threshold) {
      above++;
      insideAbove += inside[i]!;
    } else if (relevance[i] === threshold) {
      equal++;
      insideEqual += inside[i]!;
    }
  }
  return insideAbove + ((k - above) * insideEqual) / equal;
}

/** The sum of a map inside its mask, and all of it. */
function massesOf({ relevance, inside }: Marked): { within: number; total: number } {
  let [within, total] = [0, 0];
  for (let i = 0; i < relevance.length; i++) {
    total += relevance[i]!;
    if (inside[i] === 1) within += relevance[i]!;
  }
  return { within, total };
}

/** The share of a map that is inside its mask. */
export function shareInside(marked: Marked): Judged {
  const { within, total } = massesOf(marked);
  if (total > 0) return within / total;
  if (total === 0) {
    const message = "The map sums to nothing, of which no share is inside.";
    return { value: NaN, kind: "undefined", message };
  }
  const message = "The map sums to less than nothing: the ratio is no share. Count its positive values alone.";
  return { value: within / total, kind: "meaningless", message };
}
