import type { Tensor4D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

/** Blurs `[batch, height, width, channel]` by a Gaussian of `deviation` pixels; what lies beyond the border does not count. */
export function gaussianBlur(image: Tensor4D, deviation: number): Tensor4D {
  return tf.tidy(() => {
    const radius = Math.ceil(3 * deviation);
    const weights = Float32Array.from({ length: 2 * radius + 1 }, (_, i) =>
      Math.exp(-((i - radius) ** 2) / (2 * deviation ** 2)),
    );
    const channels = image.shape[3];
    const blur = (input: Tensor4D) =>
      [
        [weights.length, 1],
        [1, weights.length],
      ].reduce((result, [rows, columns]) => {
        const filter = tf.tile(tf.tensor4d(weights, [rows!, columns!, 1, 1]), [1, 1, channels, 1]) as Tensor4D;
        return tf.depthwiseConv2d(result, filter, 1, "same");
      }, input);
    return tf.div(blur(image), blur(tf.onesLike(image))) as Tensor4D;
  });
}
