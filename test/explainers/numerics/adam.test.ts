import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import fc from "fast-check";
import { adam } from "../../../src/explainers/numerics/adam.js";
import { seededRandom } from "../../../src/explainers/numerics/random.js";

/** Algorithm 1 of Kingma & Ba 2015, in float64, turned uphill. */
function published(
  start: number[],
  gradients: number[][],
  rate: number,
  beta1: number,
  beta2: number,
  epsilon: number,
) {
  const mean = start.map(() => 0);
  const square = start.map(() => 0);
  const x = start.slice();
  gradients.forEach((gradient, index) => {
    const t = index + 1;
    gradient.forEach((g, i) => {
      mean[i] = beta1 * mean[i]! + (1 - beta1) * g;
      square[i] = beta2 * square[i]! + (1 - beta2) * g * g;
      const [corrected, correctedSquare] = [mean[i]! / (1 - beta1 ** t), square[i]! / (1 - beta2 ** t)];
      x[i]! += (rate * corrected) / (Math.sqrt(correctedSquare) + epsilon);
    });
  });
  return x;
}

test("steps are those of the published recursion, for any decay rates and gradients", () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.integer({ min: 1, max: 12 }),
      fc.constantFrom([0.9, 0.999, 1e-8], [0.5, 0.9, 1e-3], [0, 0.99, 1e-8]),
      fc.constantFrom(0.1, -0.05),
      (seed, steps, [beta1, beta2, epsilon], rate) => {
        const random = seededRandom(seed);
        const draw = () => Array.from(random.gaussians(4));
        const start = draw();
        const gradients = Array.from({ length: steps }, draw);
        const before = tf.memory().numTensors;
        const optimizer = adam(beta1, beta2, epsilon);
        let x: tf.Tensor = tf.tensor1d(start);
        for (const gradient of gradients) {
          const old = x;
          x = tf.tidy(() => optimizer.ascend(old, tf.tensor1d(gradient), rate));
          old.dispose();
        }
        const found = x.dataSync<"float32">();
        published(start, gradients, rate, beta1!, beta2!, epsilon!).forEach((value, i) => {
          assert.ok(Math.abs(found[i]! - value) < 1e-5 * (1 + Math.abs(value)), `${found[i]} is ${value}`);
        });
        x.dispose();
        optimizer.dispose();
        assert.equal(tf.memory().numTensors, before, "no tensor is left");
      },
    ),
    { numRuns: 40 },
  );
});

test("a quadratic's top is found, and the step along a constant gradient is the learning rate", () => {
  const optimizer = adam();
  let x: tf.Tensor = tf.tensor1d([4, -3]);
  for (let step = 0; step < 400; step++) {
    const old = x;
    x = tf.tidy(() => optimizer.ascend(old, tf.mul(-2, tf.sub(old, [1, 2])), 0.05));
    old.dispose();
  }
  const [a, b] = x.dataSync<"float32">();
  assert.ok(Math.abs(a! - 1) < 1e-2 && Math.abs(b! - 2) < 1e-2, `${a}, ${b}`);
  x.dispose();
  optimizer.dispose();
  const fresh = adam();
  const [moved] = tf.tidy(() => fresh.ascend(tf.tensor1d([0]), tf.tensor1d([1234]), 0.01).dataSync<"float32">());
  assert.ok(Math.abs(moved! - 0.01) < 1e-8);
  fresh.dispose();
});
