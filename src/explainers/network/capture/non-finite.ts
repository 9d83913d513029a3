import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

/** The first NaN or infinity in a tensor. Its sum tells whether there can be one; only then are the entries looked at. */
export function firstNonFinite(x: Tensor): number | undefined {
  if (x.dtype !== "float32") return undefined;
  const sum = tf.tidy(() => tf.sum(x).dataSync()[0]!);
  return Number.isFinite(sum) ? undefined : x.dataSync<"float32">().find((value) => !Number.isFinite(value));
}
