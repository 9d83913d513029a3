import * as tf from "@tensorflow/tfjs-core";

/** What an attention layer may be told beside its inputs; masks are true (1) where something counts. */
export interface Masks {
  query?: tf.Tensor | undefined;
  value?: tf.Tensor | undefined;
  key?: tf.Tensor | undefined;
  /** `[batch, queries, keys]`, or with axes of size 1 before the last two. */
  attention?: tf.Tensor | undefined;
  causal?: boolean;
  /** A query sees keys that are less than this many places away. */
  window?: number | undefined;
}

/** The masks as one, 1 where a query may look at a key, which goes over `[batch, queries, keys]`; undefined where there is none. */
export function jointMask(masks: Masks, queries: number, keys: number): tf.Tensor | undefined {
  const parts: tf.Tensor[] = [];
  if (masks.query) parts.push(tf.expandDims(tf.cast(masks.query, "float32"), -1));
  for (const mask of [masks.value, masks.key]) {
    if (mask) parts.push(tf.expandDims(tf.cast(mask, "float32"), -2));
  }
  if (masks.attention) parts.push(tf.cast(masks.attention, "float32"));
  const between = (allowed: (distance: number) => boolean) =>
    tf.tensor3d(
      Array.from({ length: queries * keys }, (_, index) => Number(allowed(Math.floor(index / keys) - (index % keys)))),
      [1, queries, keys],
    );
  if (masks.causal) parts.push(between((distance) => distance >= 0));
  if (masks.window) parts.push(between((distance) => Math.abs(distance) < masks.window!));
  return parts.length === 0 ? undefined : parts.reduce((all, part) => tf.mul(all, part));
}

/** Scores that a softmax takes for nothing. */
const NEVER = -1e9;

/** `scores` where the mask is 1, else −10⁹, as Keras has it; a mask may have size 1 where scores have more. */
export function masked(scores: tf.Tensor, mask: tf.Tensor | undefined): tf.Tensor {
  if (!mask) return scores;
  const spread = tf.broadcastTo(mask, scores.shape);
  return tf.where(tf.cast(spread, "bool"), scores, tf.fill(scores.shape, NEVER));
}

/** Softmax over the last axes of `scores`, `axes` of them. */
export function softmaxOver(scores: tf.Tensor, axes = 1): tf.Tensor {
  if (axes === 1) return tf.softmax(scores);
  const kept = scores.shape.slice(0, -axes);
  return tf.reshape(tf.softmax(tf.reshape(scores, [...kept, -1])), scores.shape);
}
