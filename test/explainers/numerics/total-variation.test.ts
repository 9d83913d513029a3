import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import { InputShapeError } from "../../../src/explainers/errors.js";
import { seededRandom } from "../../../src/explainers/numerics/random.js";
import {
  powerVariation,
  totalVariation,
  totalVariationWithGradient,
} from "../../../src/explainers/numerics/total-variation.js";

const noise = (shape: [number, number, number, number], seed: number) =>
  tf.tensor4d(seededRandom(seed).gaussians(shape.reduce((product, size) => product * size, 1)), shape);
const numbers = (x: tf.Tensor) => x.dataSync<"float32">();
const farthest = (a: tf.Tensor, b: tf.Tensor) => numbers(tf.max(tf.abs(tf.sub(a, b))))[0]!;

/** The definition, in float64, entry by entry. */
function byDefinition(x: tf.Tensor4D, cell: (down: number, right: number) => number): number[] {
  const [batch, height, width, channels] = x.shape;
  const at = (n: number, i: number, j: number, c: number) => values[((n * height + i) * width + j) * channels + c]!;
  const values = numbers(x);
  return Array.from({ length: batch }, (_, n) => {
    let sum = 0;
    for (let i = 0; i < height; i++) {
      for (let j = 0; j < width; j++) {
        for (let c = 0; c < channels; c++) {
          sum += cell(
            i + 1 < height ? at(n, i + 1, j, c) - at(n, i, j, c) : 0,
            j + 1 < width ? at(n, i, j + 1, c) - at(n, i, j, c) : 0,
          );
        }
      }
    }
    return sum;
  });
}

/** Asserts that `gradient` is the derivative of `value` at `x`, by central differences along single entries. */
function checkGradient(value: (x: tf.Tensor4D) => tf.Tensor, x: tf.Tensor4D, gradient: tf.Tensor, h: number): void {
  const slopes = numbers(gradient);
  const total = (y: tf.Tensor4D) => numbers(tf.sum(value(y)))[0]!;
  for (let entry = 0; entry < x.size; entry += 5) {
    const step = tf.reshape(tf.mul(tf.oneHot(tf.tensor1d([entry], "int32"), x.size), h), x.shape);
    const slope = (total(tf.add(x, step)) - total(tf.sub(x, step))) / (2 * h);
    assert.ok(Math.abs(slope - slopes[entry]!) < 0.02 * (1 + Math.abs(slope)), `${entry}: ${slope}, ${slopes[entry]}`);
  }
}

test("total variation is its definition, and that of a step edge its height times its length", () => {
  tf.tidy(() => {
    const edge = tf.tensor4d(
      Float32Array.from({ length: 6 * 8 }, (_, index) => (index % 8 < 4 ? 0 : 3)),
      [1, 6, 8, 1],
    );
    assert.ok(Math.abs(numbers(totalVariation(edge))[0]! - 3 * 6) < 0.01);
    const x = noise([2, 5, 7, 3], 1);
    const expected = byDefinition(x, (down, right) => Math.sqrt(down ** 2 + right ** 2 + 1e-6) - 1e-3);
    numbers(totalVariation(x)).forEach((value, n) => {
      assert.ok(Math.abs(value - expected[n]!) < 1e-4 * expected[n]!, `${value} is ${expected[n]}`);
    });
  });
  assert.throws(() => totalVariation(tf.zeros([2, 3])), InputShapeError);
});

test("the gradient of the total variation is that of the tape and of finite differences", () => {
  tf.tidy(() => {
    for (const shape of [
      [2, 5, 7, 3],
      [1, 1, 6, 1],
      [1, 4, 1, 2],
    ] as [number, number, number, number][]) {
      const x = noise(shape, 2);
      const { value, gradient } = totalVariationWithGradient(x);
      assert.ok(farthest(value, totalVariation(x)) < 1e-3);
      assert.ok(farthest(gradient, tf.grad((y: tf.Tensor) => totalVariation(y))(x)) < 1e-4);
      checkGradient(totalVariation, x, gradient, 1e-2);
    }
  });
});

test("the variation to a power is its definition, its tape's gradient that of finite differences", () => {
  tf.tidy(() => {
    for (const power of [1, 2, 3]) {
      const x = noise([2, 4, 5, 2], 3);
      const expected = byDefinition(x, (down, right) => Math.abs(down) ** power + Math.abs(right) ** power);
      numbers(powerVariation(x, power)).forEach((value, n) => {
        assert.ok(Math.abs(value - expected[n]!) < 1e-4 * expected[n]!, `β = ${power}: ${value} is ${expected[n]}`);
      });
      const gradient = tf.grad((y: tf.Tensor) => powerVariation(y as tf.Tensor4D, power))(x);
      checkGradient((y) => powerVariation(y, power), x, gradient, 1e-2);
    }
    // Flat pictures have no slope, also where |d|^β has a corner.
    const flat = tf.grad((y: tf.Tensor) => powerVariation(y as tf.Tensor4D, 1))(tf.ones([1, 3, 3, 1]));
    assert.ok(numbers(flat).every(Number.isFinite));
  });
});
