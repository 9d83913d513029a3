import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import { seededRandom } from "../../../src/explainers/numerics/random.js";
import { fourier, generator, type ParametrizationMaker, pixels } from "../../../src/explainers/synthesis/index.js";
import { similarity } from "../../../src/explainers/synthesis/regularizers.js";
import { drawView } from "../../../src/explainers/synthesis/view.js";

const noise = (shape: number[], seed: number) =>
  tf.tensor(seededRandom(seed).gaussians(shape.reduce((product, size) => product * size, 1)), shape);
const dot = (a: tf.Tensor, b: tf.Tensor) => tf.tidy(() => tf.sum(tf.mul(a, b)).dataSync<"float32">()[0]!);
const farthest = (a: tf.Tensor, b: tf.Tensor) => tf.tidy(() => tf.max(tf.abs(tf.sub(a, b))).dataSync<"float32">()[0]!);

test("a view's adjoint is its transpose, and a jitter alone only moves pixels", () => {
  for (const range of [
    { jitter: 3, rotation: 0, scale: 0 },
    { jitter: 0, rotation: 20, scale: 0 },
    { jitter: 2, rotation: 10, scale: 0.2 },
  ]) {
    for (let seed = 1; seed < 4; seed++) {
      tf.tidy(() => {
        const view = drawView(range, 9, 12, seededRandom(seed));
        const [x, y] = [noise([2, 9, 12, 3], seed), noise([2, 9, 12, 3], seed + 10)] as [tf.Tensor4D, tf.Tensor4D];
        const [one, other] = [dot(view.apply(x), y), dot(x, view.adjoint(y))];
        assert.ok(Math.abs(one - other) < 1e-3 * (1 + Math.abs(one)), `${one} and ${other}`);
        // Weights of bilinear interpolation sum to one.
        assert.ok(farthest(view.apply(tf.ones([1, 9, 12, 1])), tf.ones([1, 9, 12, 1])) < 1e-5);
        if (range.rotation === 0) {
          const sorted = (z: tf.Tensor) => Array.from(z.dataSync()).sort((a, b) => a - b);
          assert.deepEqual(sorted(view.apply(x)), sorted(x));
        }
        view.dispose();
      });
    }
  }
});

const makers: [string, ParametrizationMaker, number[]][] = [
  ["pixels", pixels(), [6, 7, 3]],
  ["Fourier, color", fourier({ spread: 0.1 }), [6, 7, 3]],
  ["Fourier, gray", fourier({ spread: 0.1 }), [8, 8, 1]],
  [
    "generator",
    generator((z: tf.Tensor) => tf.reshape(tf.sigmoid(tf.matMul(z as tf.Tensor2D, noiseFor())), [-1, 2, 3, 1]), {
      codeSize: 4,
    }),
    [2, 3, 1],
  ],
];
function noiseFor() {
  return noise([4, 6], 77) as tf.Tensor2D;
}

test("every parametrization's gradient is the derivative of its picture", () => {
  for (const [name, make, shape] of makers) {
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const parametrization = make(shape, [-1, 1]);
      const parameters = parametrization.start(2, seededRandom(3));
      const pictures = parametrization.picture(parameters);
      assert.deepEqual(pictures.shape, [2, ...shape]);
      const seed = noise([2, ...shape], 5);
      const direction = noise(parameters.shape as number[], 6);
      const gradient = parametrization.gradient(parameters, pictures, seed);
      // Central difference along a random direction.
      const h = 1e-2;
      const at = (sign: number) => dot(parametrization.picture(tf.add(parameters, tf.mul(direction, sign * h))), seed);
      const slope = (at(1) - at(-1)) / (2 * h);
      const expected = dot(gradient, direction);
      assert.ok(
        Math.abs(slope - expected) < 0.02 * (1 + Math.abs(expected)),
        `${name}: ${slope}, gradient ${expected}`,
      );
      parametrization.dispose();
      gradient.dispose();
    });
    assert.equal(tf.memory().numTensors, before, name);
  }
});

test("a blur acts alike on pixels and on Fourier coefficients, away from the edges", () => {
  tf.tidy(() => {
    const shape = [32, 32, 1];
    const inFourier = fourier({ spread: 1 })(shape, null);
    const inPixels = pixels()(shape, null);
    const parameters = inFourier.start(1, seededRandom(2));
    const smooth = inFourier.picture(inFourier.blur!(parameters, 1.2));
    const expected = inPixels.blur!(inFourier.picture(parameters), 1.2);
    const inner = (x: tf.Tensor) => tf.slice(x, [0, 6, 6, 0], [1, 20, 20, 1]);
    const scale = tf.max(tf.abs(expected)).dataSync<"float32">()[0]!;
    assert.ok(farthest(inner(smooth), inner(expected)) < 0.01 * scale);
    inFourier.dispose();
    inPixels.dispose();
  });
});

test("similarity is 1 for equal pictures, −1 for a picture and its negative", () => {
  tf.tidy(() => {
    const x = noise([1, 6, 6, 1], 3);
    assert.ok(Math.abs(similarity(tf.concat([x, x])).dataSync<"float32">()[0]! - 1) < 1e-3);
    assert.ok(Math.abs(similarity(tf.concat([x, tf.neg(x)])).dataSync<"float32">()[1]! + 1) < 1e-3);
    assert.deepEqual(Array.from(similarity(x).dataSync()), [0]);
  });
});
