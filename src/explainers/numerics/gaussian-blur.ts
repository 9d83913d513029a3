import type { Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { ParameterError } from "../errors.js";
import { separable } from "./separable.js";

/**
 * Blurs each channel of `[batch, height, width, channel]` by a Gaussian of `deviation` pixels; what lies beyond the border does not count,
 * so a constant picture stays as it is.
 *
 * @param deviation > 0
 * @throws ParameterError for a deviation that is not positive.
 * @example
 * const smooth = gaussianBlur(photo, 10);
 */
export function gaussianBlur(image: Tensor4D, deviation: number): Tensor4D {
  return tf.tidy(() => {
    const [, height, width] = image.shape;
    return separable(image, gaussianMatrix(height, deviation), gaussianMatrix(width, deviation));
  });
}

/**
 * The blur along one axis of `size` pixels as a matrix `[size, size]`: row i holds the weights `exp(−(i − j)²/2σ²)`, divided by their sum,
 * with which pixel i gathers all pixels j. As a product of matrices it is faster than a convolution from some five pixels on.
 */
export function gaussianMatrix(size: number, deviation: number): Tensor2D {
  if (!(deviation > 0)) throw new ParameterError("deviation", deviation, "positive");
  const values = new Float32Array(size * size);
  for (let to = 0; to < size; to++) {
    let sum = 0;
    for (let from = 0; from < size; from++) {
      const weight = Math.exp(-((to - from) ** 2) / (2 * deviation * deviation));
      values[to * size + from] = weight;
      sum += weight;
    }
    for (let from = 0; from < size; from++) values[to * size + from]! /= sum;
  }
  return tf.tensor2d(values, [size, size]);
}
