import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Bytes } from "../../../comms/states/array.js";
import { scoped } from "../../../explainers/network/tensors.js";
import type { ModelInput } from "../../models/input.js";
import { inputBytes } from "../../pictures/input-bytes.js";

/** Pictures are sent with at most so many pixels a side. */
const MOST = 96;

/** Inputs `[samples, height, width, channels]` as pixels, made smaller where they are large. */
export function thumbnails(x: Tensor, input: ModelInput): Bytes {
  return scoped(() => {
    const small = shrunken(x as tf.Tensor4D);
    const [, height, width, channels] = small.shape;
    const data = inputBytes(small.dataSync<"float32">(), { ...input, shape: [height, width, channels] });
    return { shape: [...small.shape], dtype: "uint8", data };
  });
}

/** What was sent back to inputs of that shape, each sample on its own scale about 128. @param summed over the input's channels */
export function signedThumbnails(values: Float32Array, shape: readonly number[], summed: boolean): Bytes {
  return scoped(() => {
    const all = tf.tensor4d(values, [...shape] as tf.Tensor4D["shape"]);
    const small = shrunken(summed ? tf.sum(all, 3, true) : all);
    const largest = tf.max(tf.abs(small), [1, 2, 3], true);
    const scaled = tf.add(128, tf.mul(127, tf.divNoNan(small, largest)));
    return { shape: [...small.shape], dtype: "uint8", data: Uint8Array.from(tf.round(scaled).dataSync()) };
  });
}

/** By averages of squares of pixels. */
function shrunken(x: tf.Tensor4D): tf.Tensor4D {
  const window = Math.ceil(Math.max(x.shape[1], x.shape[2]) / MOST);
  return window > 1 ? tf.avgPool(x, window, window, "same") : x;
}
