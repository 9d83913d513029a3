import * as tf from "@tensorflow/tfjs-core";

/** `(x − mean) / √(variance + ε)` over `axes`, of one sample each. */
export function normalized(x: tf.Tensor, axes: number[], epsilon: number): tf.Tensor {
  const centered = tf.sub(x, tf.mean(x, axes, true));
  const variance = tf.mean(tf.square(centered), axes, true);
  return tf.div(centered, tf.sqrt(tf.add(variance, epsilon)));
}

/** A weight whose axes are `axes` of the input, in the input's shape. */
export function broadcast(weight: tf.Tensor, { shape }: tf.Tensor, axes: number[]): tf.Tensor {
  return tf.reshape(
    weight,
    shape.map((size, axis) => (axes.includes(axis) ? size : 1)),
  );
}
