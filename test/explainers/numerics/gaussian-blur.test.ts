import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import { ParameterError } from "../../../src/explainers/errors.js";
import { fourierBasis } from "../../../src/explainers/numerics/fourier-basis.js";
import { gaussianBlur, gaussianMatrix } from "../../../src/explainers/numerics/gaussian-blur.js";
import { seededRandom } from "../../../src/explainers/numerics/random.js";
import { separable, separableAdjoint } from "../../../src/explainers/numerics/separable.js";

const noise = (shape: [number, number, number, number], seed: number) =>
  tf.tensor4d(seededRandom(seed).gaussians(shape.reduce((product, size) => product * size, 1)), shape);
const numbers = (x: tf.Tensor) => x.dataSync<"float32">();
const farthest = (a: tf.Tensor, b: tf.Tensor) => numbers(tf.max(tf.abs(tf.sub(a, b))))[0]!;

test("a blur is the two-dimensional weighted mean by its definition, channel by channel", () => {
  tf.tidy(() => {
    const [batch, height, width, channels] = [2, 6, 9, 3] as const;
    const x = noise([batch, height, width, channels], 1);
    const values = numbers(x);
    const deviation = 1.7;
    const blurred = numbers(gaussianBlur(x, deviation));
    for (let place = 0; place < values.length; place++) {
      const c = place % channels;
      const j = Math.floor(place / channels) % width;
      const i = Math.floor(place / (channels * width)) % height;
      const n = Math.floor(place / (channels * width * height));
      let [sum, weights] = [0, 0];
      for (let k = 0; k < height; k++) {
        for (let l = 0; l < width; l++) {
          const weight = Math.exp(-((k - i) ** 2 + (l - j) ** 2) / (2 * deviation ** 2));
          weights += weight;
          sum += weight * values[((n * height + k) * width + l) * channels + c]!;
        }
      }
      assert.ok(Math.abs(blurred[place]! - sum / weights) < 1e-5);
    }
  });
});

test("a constant stays, and away from the border the sum of a spot stays, with the Gaussian's variance", () => {
  tf.tidy(() => {
    assert.ok(farthest(gaussianBlur(tf.fill([1, 5, 8, 2], 3), 4), tf.fill([1, 5, 8, 2], 3)) < 1e-5);
    const size = 41;
    const middle = (size - 1) / 2;
    const spot = tf.tensor4d(
      Float32Array.from({ length: size * size }, (_, i) => (i === middle * size + middle ? 1 : 0)),
      [1, size, size, 1],
    );
    for (const deviation of [0.8, 2, 3.5]) {
      const blurred = numbers(gaussianBlur(spot, deviation));
      const sum = blurred.reduce((a, b) => a + b, 0);
      assert.ok(Math.abs(sum - 1) < 1e-4, `sum ${sum}`);
      const variance = blurred.reduce((a, b, i) => a + b * ((i % size) - middle) ** 2, 0);
      assert.ok(Math.abs(variance - deviation ** 2) < 0.01 * deviation ** 2, `variance ${variance}`);
    }
  });
});

test("rows of a blur's matrix sum to one; a deviation that is not positive is refused", () => {
  tf.tidy(() => {
    for (const size of [1, 7, 8]) {
      assert.ok(farthest(tf.sum(gaussianMatrix(size, 1.5), 1), tf.ones([size])) < 1e-6);
    }
  });
  for (const deviation of [0, -1, Number.NaN]) assert.throws(() => gaussianMatrix(3, deviation), ParameterError);
});

test("a separable map is the product with both matrices, and its adjoint is its transpose", () => {
  tf.tidy(() => {
    const x = noise([2, 4, 5, 3], 2);
    const rows = tf.tensor2d(seededRandom(3).gaussians(6 * 4), [6, 4]);
    const columns = tf.tensor2d(seededRandom(4).gaussians(7 * 5), [7, 5]);
    const image = separable(x, rows, columns);
    assert.deepEqual(image.shape, [2, 6, 7, 3]);
    assert.ok(farthest(image, tf.einsum("aijc,bj->aibc", tf.einsum("ai,nijc->najc", rows, x), columns)) < 1e-4);
    const y = noise([2, 6, 7, 3], 5);
    const dot = (a: tf.Tensor, b: tf.Tensor) => numbers(tf.sum(tf.mul(a, b)))[0]!;
    const [one, other] = [dot(image, y), dot(x, separableAdjoint(y, rows, columns))];
    assert.ok(Math.abs(one - other) < 1e-3 * (1 + Math.abs(one)));
  });
});

test("the Fourier basis is orthonormal, from the constant to the highest frequency", () => {
  for (const size of [1, 7, 8]) {
    tf.tidy(() => {
      const { basis, frequencies } = fourierBasis(size);
      assert.ok(farthest(tf.matMul(basis, basis, true), tf.eye(size)) < 1e-5);
      assert.equal(frequencies[0], 0);
      assert.ok(Math.abs(Math.max(...frequencies) - Math.floor(size / 2) / size) < 1e-6);
    });
  }
});
